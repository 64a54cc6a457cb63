"""The Wan2.2 video autoencoder: stride (4, 16, 16), causal in time.

B batch · C channels · T, H, W frames, rows, columns
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence

import torch
from torch import Tensor, nn

from wan_core.vae.blocks import (
    Downsample,
    FrameAttention,
    ResidualBlock,
    Rounds,
    Upsample,
    Walk,
    add_duplicated,
    average_down,
)
from wan_core.vae.causal import CausalConv3d, Past, RMSNorm
from wan_core.vae.rooms import Rooms
from wan_core.vae.strips import Strip, Sweep
from wan_core.vae_memory import SWEPT, WHOLE, DecodeCut, VAEShape, bands_of, remembered, strips_of

PIXELS = 2  # a patch of 2×2 pixels is one position with 12 channels

# Mean and standard deviation of the official model's latent channels (Wan2.2, `Wan2_2_VAE`).
# fmt: off
LATENT_MEAN = (
    -0.2289, -0.0052, -0.1323, -0.2339, -0.2799, 0.0174, 0.1838, 0.1557, -0.1382, 0.0542, 0.2813, 0.0891,
    0.1570, -0.0098, 0.0375, -0.1825, -0.2246, -0.1207, -0.0698, 0.5109, 0.2665, -0.2108, -0.2158, 0.2502,
    -0.2055, -0.0322, 0.1109, 0.1567, -0.0729, 0.0899, -0.2799, -0.1230, -0.0313, -0.1649, 0.0117, 0.0723,
    -0.2839, -0.2083, -0.0520, 0.3748, 0.0152, 0.1957, 0.1433, -0.2944, 0.3573, -0.0548, -0.1681, -0.0667,
)
LATENT_STD = (
    0.4765, 1.0364, 0.4514, 1.1677, 0.5313, 0.4990, 0.4818, 0.5013, 0.8158, 1.0344, 0.5894, 1.0901,
    0.6885, 0.6165, 0.8454, 0.4978, 0.5759, 0.3523, 0.7135, 0.6804, 0.5833, 1.4146, 0.8986, 0.5659,
    0.7069, 0.5338, 0.4889, 0.4917, 0.4069, 0.4999, 0.6866, 0.4093, 0.5709, 0.6065, 0.6415, 0.4944,
    0.5726, 1.2042, 0.5458, 1.6887, 0.3971, 1.0600, 0.3943, 0.5537, 0.5444, 0.4089, 0.7468, 0.7744,
)
# fmt: on


class VAEConfig(VAEShape, frozen=True, kw_only=True):
    """The dimensions of a VAE, and how its latents are distributed."""

    latent_mean: tuple[float, ...] = LATENT_MEAN
    latent_std: tuple[float, ...] = LATENT_STD

    @classmethod
    def from_weights(
        cls,
        weights: Mapping[str, Tensor],
        mean: Sequence[float] = LATENT_MEAN,
        std: Sequence[float] = LATENT_STD,
    ) -> VAEConfig:
        """The dimensions that a state dict with the official names has. Raises KeyError where it has not."""
        dim = weights["encoder.conv1.weight"].shape[0]
        levels = [
            weights[f"encoder.downsamples.{n}.downsamples.0.residual.2.weight"].shape[0] for n in range(4)
        ]
        middle = weights["decoder.conv1.weight"].shape[0]
        blocks = 0
        while f"encoder.downsamples.0.downsamples.{blocks}.residual.2.weight" in weights:
            blocks += 1
        mult = tuple(level // dim for level in levels)
        time = [f"encoder.downsamples.{n}.downsamples.{blocks}.time_conv.weight" for n in range(3)]
        return cls(
            dim=dim,
            dec_dim=middle // mult[-1],
            z_dim=weights["conv2.weight"].shape[0],
            dim_mult=mult,
            num_res_blocks=blocks,
            time_down=tuple(name in weights for name in time),
            latent_mean=tuple(mean),
            latent_std=tuple(std),
        )


class DownLevel(nn.Module):
    """Residual blocks, then (but for the last level) a down-sampling, beside the averaging shortcut."""

    def __init__(self, channels: int, out: int, blocks: int, space: bool, time: bool) -> None:
        super().__init__()
        self.out, self.time, self.space = out, 2 if time else 1, 2 if space else 1
        layers: list[nn.Module] = [ResidualBlock(channels if n == 0 else out, out) for n in range(blocks)]
        if space:
            layers.append(Downsample(out, time))
        self.downsamples = Walk(layers)

    def forward(self, x: Tensor, past: Past) -> Tensor:
        """`x` [B, C, T, H, W] one level further down."""
        out = self.downsamples(x, past)
        return out.add_(average_down(x, self.out, self.time, self.space))


class UpLevel(nn.Module):
    """Residual blocks, then (but for the last level) an up-sampling, beside the duplicating shortcut."""

    def __init__(self, channels: int, out: int, blocks: int, space: bool, time: bool) -> None:
        super().__init__()
        self.blocks, self.time, self.space = blocks, 2 if time else 1, space
        layers: list[nn.Module] = [ResidualBlock(channels if n == 0 else out, out) for n in range(blocks)]
        if space:
            layers.append(Upsample(out, time))
        self.upsamples = Walk(layers)

    def forward(self, frames: Iterable[Tensor], past: Past) -> Iterator[Tensor]:
        """Each of `frames` [B, C, 1, H, W] one level further up, to one or two.

        One is given away before the next is computed, and what it needs no more is not held meanwhile.
        """
        if not self.space:
            for x in frames:
                yield self._through_blocks(x, past)
                del x
            return
        for x in frames:
            doubled = self.upsamples[self.blocks](self._through_blocks(x, past), past)
            # Each block waits for two rows, the up-sampling for half a one: an odd number of rows is lacking.
            whole = past.lower(self, x, 2 * self.blocks + 1)
            lacking = 1 if whole.shape[3] > x.shape[3] else 0
            for n in range(self.time - 1 if past.first else 0, self.time):
                made = [next(doubled)]
                add_duplicated(made[0], whole, self.time, 2, n, lacking)
                if n == self.time - 1:
                    del x, whole
                yield made.pop()

    def _through_blocks(self, x: Tensor, past: Past) -> Tensor:
        for block in self.upsamples[: self.blocks]:
            x = block(x, past)
        return x


def _middle(channels: int) -> Walk:
    return Walk(
        [ResidualBlock(channels, channels), FrameAttention(channels), ResidualBlock(channels, channels)]
    )


def _head(channels: int, out: int) -> Rounds:
    return Rounds([RMSNorm(channels, 3), nn.SiLU(), CausalConv3d(channels, out, (3, 3, 3))])


class Encoder(nn.Module):
    """Patches of pixels to the parameters of the latent."""

    def __init__(self, config: VAEConfig) -> None:
        super().__init__()
        dims = [config.dim * m for m in (1, *config.dim_mult)]
        last = len(config.dim_mult) - 1
        time = (*config.time_down, False)
        self.conv1 = CausalConv3d(3 * PIXELS * PIXELS, dims[0], (3, 3, 3))
        self.downsamples = nn.ModuleList(
            DownLevel(dims[n], dims[n + 1], config.num_res_blocks, n != last, time[n])
            for n in range(last + 1)
        )
        self.middle = _middle(dims[-1])
        self.head = _head(dims[-1], config.z_dim * 2)

    def forward(self, x: Tensor, past: Past) -> Tensor:
        """One chunk [B, 12, T, H, W] to [B, 2·z, T', H/8, W/8]."""
        x = self.conv1(x, past)
        for level in self.downsamples:
            x = level(x, past)
        out: Tensor = self.head(self.middle(x, past), past)
        return out


class Decoder(nn.Module):
    """A latent to patches of pixels."""

    def __init__(self, config: VAEConfig) -> None:
        super().__init__()
        dims, blocks, time = config.decoder.widths, config.decoder.blocks, config.decoder.time_up
        last = len(config.dim_mult) - 1
        self.conv1 = CausalConv3d(config.z_dim, dims[0], (3, 3, 3))
        self.middle = _middle(dims[0])
        self.upsamples = nn.ModuleList(
            UpLevel(dims[n], dims[n + 1], blocks, n != last, time[n]) for n in range(last + 1)
        )
        self.head = _head(dims[-1], 3 * PIXELS * PIXELS)

    def before(self, x: Tensor, past: Past) -> Iterator[Tensor]:
        """One latent frame [B, z, 1, H, W] as far as the swept levels: one or two frames."""
        frames = iter([self.middle(self.conv1(x, past), past)])
        for level in self.upsamples[:SWEPT]:
            frames = level(frames, past)
        return frames

    def swept(self, frames: Iterable[Tensor], past: Past) -> Iterator[Tensor]:
        """The rest of the way, to [B, 12, 1, 8H, 8W] of the latent frame's, one after the other."""
        for level in self.upsamples[SWEPT:]:
            frames = level(frames, past)
        for frame in frames:
            yield self.head(frame, past)
            del frame


class WanVAE22(nn.Module):
    """Video to latent and back, a few frames at a time."""

    def __init__(self, config: VAEConfig) -> None:
        super().__init__()
        self.config = config
        self.encoder = Encoder(config)
        self.conv1 = CausalConv3d(config.z_dim * 2, config.z_dim * 2, (1, 1, 1))
        self.conv2 = CausalConv3d(config.z_dim, config.z_dim, (1, 1, 1))
        self.decoder = Decoder(config)

    def pack(self) -> None:
        """Lay the weights out with channels innermost, as the activations are: convolutions run faster."""
        for layer in self.modules():
            if isinstance(layer, nn.Conv3d):
                layer.weight.data = layer.weight.to(memory_format=torch.channels_last_3d)
            elif isinstance(layer, nn.Conv2d):
                layer.weight.data = layer.weight.to(memory_format=torch.channels_last)

    def _scale(self, device: torch.device) -> tuple[Tensor, Tensor]:
        mean, std = (
            torch.tensor(values, dtype=torch.float32, device=device).view(-1, 1, 1, 1)
            for values in (self.config.latent_mean, self.config.latent_std)
        )
        return mean, std

    @torch.inference_mode()
    def encode(self, video: Tensor) -> Tensor:
        """`video` [3, T, H, W] in [-1, 1] to its normalised latent, float32 [z, 1+(T-1)/4, H/16, W/16].

        The first frame goes alone, then four at a time; trailing frames that fill no chunk are dropped.
        """
        weight = self.conv1.weight
        past, parts = Past(), []
        for start, end in [(0, 1), *((n, n + 4) for n in range(1, video.shape[1] - 3, 4))]:
            chunk = patchify(video[None, :, start:end]).to(weight.device, weight.dtype)
            parts.append(self.encoder(chunk, past))
            past.first = False
        mu = self.conv1(torch.cat(parts, dim=2))[0, : self.config.z_dim].float()
        mean, std = self._scale(mu.device)
        return (mu - mean) * (1 / std)

    @torch.inference_mode()
    def decode_chunks(self, z: Tensor, cut: DecodeCut = WHOLE) -> Generator[Tensor, None, None]:
        """The video of the normalised latent `z` [z, F, H, W], as float32 chunks [3, t, 16H, 16W].

        One chunk for each latent frame: one video frame, then four each. Values may pass ±1 a little.
        With a `cut`, the same video in less memory.
        """
        weight = self.conv2.weight
        mean, std = self._scale(z.device)
        mu = (z.float() / (1 / std) + mean).to(weight.device, weight.dtype)
        rows = z.shape[2]
        cuts = strips_of(bands_of(self.config.decoder, rows), cut.strips)
        own, swept = remembered(self.config.decoder, rows, z.shape[3], cuts)
        rooms = Rooms(swept, cut.rooms, mu)
        before = Strip([rows], mu.new_empty(own))
        strips = [
            Strip(bands, rooms[n], top=n == 0, bottom=n == len(cuts) - 1) for n, bands in enumerate(cuts)
        ]
        try:
            for frame in mu.split(1, dim=1):
                # One expression, so that nothing but the past is held while the caller has the chunk.
                yield unpatchify(self._decoded(self.conv2(frame[None]), before, strips, rooms).float())[0]
                for past in (before, *strips):
                    past.first = False
        finally:
            rooms.close()

    def _decoded(self, x: Tensor, before: Strip, strips: Sequence[Strip], rooms: Rooms) -> Tensor:
        """One latent frame [1, z, 1, H, W] to [1, 12, 1 or 4, 8H, 8W]."""
        before.begin({})
        frames = list(self.decoder.before(x, before))
        sweep: Sweep = {}
        parts, start = [], 0
        for n, strip in enumerate(strips):
            strip.begin(sweep)
            rooms.enter(n)
            parts.append(torch.cat(list(self.decoder.swept(strip.rows(frames, start), strip)), dim=2))
            rooms.leave(n)
            start += sum(strip.cut)
        sweep.clear()  # strips know it until the next chunk
        return torch.cat(parts, dim=3)

    @torch.inference_mode()
    def decode_stills(self, z: Tensor) -> Tensor:
        """Videos of one frame, all at once: normalised latents [B, z, H, W] to float32 [B, 3, 16H, 16W]."""
        weight = self.conv2.weight
        mean, std = self._scale(z.device)
        mu = (z.float()[:, :, None] / (1 / std) + mean).to(weight.device, weight.dtype)
        past = Past()
        frames = self.decoder.swept(self.decoder.before(self.conv2(mu), past), past)
        return unpatchify(next(frames).float())[:, :, 0]


def patchify(x: Tensor) -> Tensor:
    """[B, 3, T, H, W] to [B, 12, T, H/2, W/2]; channels in the order (colour, column, row)."""
    x = x.unflatten(4, (-1, PIXELS)).unflatten(3, (-1, PIXELS))  # [B 3 T H/2 2 W/2 2]
    return x.permute(0, 1, 6, 4, 2, 3, 5).flatten(1, 3)


def unpatchify(x: Tensor) -> Tensor:
    """[B, 12, T, H, W] to [B, 3, T, 2H, 2W]; undoes `patchify`."""
    x = x.unflatten(1, (-1, PIXELS, PIXELS))  # [B 3 column row T H W]
    return x.permute(0, 1, 4, 5, 3, 6, 2).flatten(5).flatten(3, 4)
