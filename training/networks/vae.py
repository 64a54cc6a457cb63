"""The Wan2.2 VAE over whole sequences: the same function as the chunked one, with the official key names.

B clips, C channels, T frames (1 + 4n), H and W rows and columns.
"""

from __future__ import annotations

from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from training.networks.norm import norm_silu

Z = 48
PATCH = 2


class Gamma(nn.Module):
    """The scale of an RMS norm."""

    def __init__(self, channels: int, axes: int) -> None:
        super().__init__()
        self.gamma = nn.Parameter(torch.ones(channels, *(1,) * axes))


def _scale(norm: nn.Module) -> Tensor:
    """The scale [C] of a norm in a list of layers."""
    return cast(Gamma, norm).gamma.flatten()


class Past(nn.Conv3d):
    """A 3-D convolution whose input already carries the empty frames before it."""

    def __init__(self, channels: int, out: int, kernel: tuple[int, int, int], stride: int = 1) -> None:
        super().__init__(channels, out, kernel, (stride, 1, 1), (0, kernel[1] // 2, kernel[2] // 2))


def _ahead(x: Tensor, frames: int = 2) -> Tensor:
    return F.pad(x, (0, 0, 0, 0, frames, 0))


class Residual(nn.Module):
    def __init__(self, channels: int, out: int) -> None:
        super().__init__()
        self.residual = nn.ModuleList(
            [
                Gamma(channels, 3),
                nn.Identity(),
                Past(channels, out, (3, 3, 3)),
                Gamma(out, 3),
                nn.Identity(),
                nn.Identity(),
                Past(out, out, (3, 3, 3)),
            ]
        )
        self.shortcut = Past(channels, out, (1, 1, 1)) if channels != out else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        r = self.residual
        y = r[2](norm_silu(x, _scale(r[0]), 2))
        return self.shortcut(x) + r[6](norm_silu(y, _scale(r[3]), 2))


class Attention(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.norm = Gamma(channels, 2)
        self.to_qkv = nn.Conv2d(channels, channels * 3, 1)
        self.proj = nn.Conv2d(channels, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        b, c, t, h, w = x.shape
        flat = x.permute(0, 2, 3, 4, 1).reshape(b * t, h * w, c)
        normal = F.normalize(flat.float(), dim=-1) * (c**0.5 * self.norm.gamma.flatten().float())
        qkv = F.linear(normal.to(x.dtype), self.to_qkv.weight.flatten(1), self.to_qkv.bias)
        q, k, v = (part.unsqueeze(1) for part in qkv.chunk(3, -1))
        y = F.linear(
            F.scaled_dot_product_attention(q, k, v).squeeze(1), self.proj.weight.flatten(1), self.proj.bias
        )
        return x + y.view(b, t, h, w, c).permute(0, 4, 1, 2, 3)


def _frames(layer: nn.Module, x: Tensor) -> Tensor:
    """A 2-D layer over each frame of x."""
    b, _, t, _, _ = x.shape
    y = layer(x.permute(0, 2, 1, 3, 4).flatten(0, 1))
    return y.unflatten(0, (b, t)).permute(0, 2, 1, 3, 4)


class Down(nn.Module):
    def __init__(self, channels: int, time: bool) -> None:
        super().__init__()
        self.resample = nn.Sequential(nn.ZeroPad2d((0, 1, 0, 1)), nn.Conv2d(channels, channels, 3, 2))
        if time:
            self.time_conv = Past(channels, channels, (3, 1, 1), 2)
        self.time = time

    def forward(self, x: Tensor) -> Tensor:
        x = _frames(self.resample, x)
        if not self.time or x.shape[2] == 1:
            return x
        return torch.cat((x[:, :, :1], self.time_conv(x)), 2)


class Up(nn.Module):
    def __init__(self, channels: int, time: bool) -> None:
        super().__init__()
        self.resample = nn.Sequential(
            nn.Upsample(scale_factor=2, mode="nearest"), nn.Conv2d(channels, channels, 3, padding=1)
        )
        if time:
            self.time_conv = Past(channels, channels * 2, (3, 1, 1))
        self.time = time

    def forward(self, x: Tensor) -> Tensor:
        if self.time and x.shape[2] > 1:
            early, late = self.time_conv(_ahead(x[:, :, 1:])).chunk(2, 1)
            x = torch.cat((x[:, :, :1], torch.stack((early, late), 3).flatten(2, 3)), 2)
        return _frames(self.resample, x)


class DownLevel(nn.Module):
    def __init__(self, channels: int, out: int, blocks: int, space: int, time: int) -> None:
        super().__init__()
        self.out, self.space, self.time = out, space, time
        layers: list[nn.Module] = [Residual(channels if i == 0 else out, out) for i in range(blocks)]
        if space == 2:
            layers.append(Down(out, time == 2))
        self.downsamples = nn.Sequential(*layers)

    def forward(self, x: Tensor) -> Tensor:
        return self.downsamples(x) + self._average(x)

    def _average(self, x: Tensor) -> Tensor:
        s, ft = self.space, self.time
        if s == 1:
            return x
        x = _ahead(x, (ft - x.shape[2] % ft) % ft).permute(0, 2, 3, 4, 1)
        b, t, h, w, c = x.shape
        x = x.reshape(b, t // ft, ft, h // s, s, w // s, s, c)
        if self.out == c:
            return x.mean((2, 4, 6)).permute(0, 4, 1, 2, 3)
        x = x.permute(0, 1, 3, 5, 7, 2, 4, 6).reshape(b, t // ft, h // s, w // s, self.out, -1)
        return x.mean(-1).permute(0, 4, 1, 2, 3)


class UpLevel(nn.Module):
    def __init__(self, channels: int, out: int, blocks: int, space: int, time: int) -> None:
        super().__init__()
        self.out, self.space, self.time = out, space, time
        layers: list[nn.Module] = [Residual(channels if i == 0 else out, out) for i in range(blocks)]
        if space == 2:
            layers.append(Up(out, time == 2))
        self.upsamples = nn.Sequential(*layers)

    def forward(self, x: Tensor) -> Tensor:
        y = self.upsamples(x)
        return y + self._duplicate(x) if self.space == 2 else y

    def _duplicate(self, x: Tensor) -> Tensor:
        ft = self.time
        x = x.permute(0, 2, 3, 4, 1)
        b, t, h, w, c = x.shape
        if c == self.out:  # each channel repeated over its cells: plain enlargement
            x = x[:, :, None, :, None, :, None].expand(b, t, ft, h, 2, w, 2, c)
        else:
            x = x.repeat_interleave(self.out * ft * 4 // c, 4).view(b, t, h, w, self.out, ft, 2, 2)
            x = x.permute(0, 1, 5, 2, 6, 3, 7, 4)
        return x.reshape(b, t * ft, h * 2, w * 2, self.out).permute(0, 4, 1, 2, 3)[:, :, ft - 1 :]


class Head(nn.ModuleList):
    def __init__(self, channels: int, out: int) -> None:
        super().__init__([Gamma(channels, 3), nn.Identity(), Past(channels, out, (3, 3, 3))])

    def forward(self, x: Tensor) -> Tensor:
        return self[2](norm_silu(x, _scale(self[0]), 2))


class Encoder(nn.Module):
    def __init__(self, dim: int, mult: tuple[int, ...], blocks: int) -> None:
        super().__init__()
        dims = [dim * m for m in (1, *mult)]
        self.conv1 = Past(3 * PATCH**2, dims[0], (3, 3, 3))
        steps = ((2, 1), (2, 2), (2, 2), (1, 1))
        self.downsamples = nn.Sequential(
            *(DownLevel(dims[i], dims[i + 1], blocks, *steps[i]) for i in range(4))
        )
        self.middle = nn.Sequential(
            Residual(dims[-1], dims[-1]), Attention(dims[-1]), Residual(dims[-1], dims[-1])
        )
        self.head = Head(dims[-1], Z * 2)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.middle(self.downsamples(self.conv1(_ahead(x)))))


class Decoder(nn.Module):
    def __init__(self, dim: int, mult: tuple[int, ...], blocks: int) -> None:
        super().__init__()
        dims = [dim * m for m in (mult[-1], *reversed(mult))]
        self.conv1 = Past(Z, dims[0], (3, 3, 3))
        self.middle = nn.Sequential(
            Residual(dims[0], dims[0]), Attention(dims[0]), Residual(dims[0], dims[0])
        )
        steps = ((2, 2), (2, 2), (2, 1), (1, 1))
        self.upsamples = nn.Sequential(
            *(UpLevel(dims[i], dims[i + 1], blocks + 1, *steps[i]) for i in range(4))
        )
        self.head = Head(dims[-1], 3 * PATCH**2)

    def forward(self, z: Tensor) -> Tensor:
        return self.head(self.upsamples(self.middle(self.conv1(_ahead(z)))))


class VAE(nn.Module):
    """Encodes clips [B 3 T H W] in -1..1 to latents [B 48 1+(T-1)/4 H/16 W/16] and back."""

    def __init__(self, dim: int, dec_dim: int, dim_mult: tuple[int, ...], num_res_blocks: int) -> None:
        super().__init__()
        self.encoder = Encoder(dim, dim_mult, num_res_blocks)
        self.conv1 = Past(Z * 2, Z * 2, (1, 1, 1))
        self.conv2 = Past(Z, Z, (1, 1, 1))
        self.decoder = Decoder(dec_dim, dim_mult, num_res_blocks)

    def encode(self, clips: Tensor) -> tuple[Tensor, Tensor]:
        """The posterior's mean and log variance."""
        b, _, t, h, w = clips.shape
        x = clips.reshape(b, 3, t, h // 2, 2, w // 2, 2).permute(0, 1, 6, 4, 2, 3, 5)
        x = x.reshape(b, 12, t, h // 2, w // 2).contiguous(memory_format=torch.channels_last_3d)
        return self.conv1(self.encoder(x)).chunk(2, 1)

    def decode(self, z: Tensor) -> Tensor:
        """Clips, not clamped."""
        y = self.decoder(self.conv2(z.contiguous(memory_format=torch.channels_last_3d)))
        b, _, t, h, w = y.shape
        y = y.reshape(b, 3, 2, 2, t, h, w).permute(0, 1, 4, 5, 3, 6, 2)
        return y.reshape(b, 3, t, h * 2, w * 2)


def begin(vae: VAE) -> VAE:
    """Starting weights: second convolutions of the residual blocks near zero, the rest as usual."""
    for name, weight in vae.named_parameters():
        if name.endswith("bias"):
            nn.init.zeros_(weight)
        elif weight.dim() > 3 and not name.endswith("gamma"):
            nn.init.kaiming_normal_(weight, nonlinearity="linear")
            if name.endswith(("residual.6.weight", "proj.weight")):
                weight.data.mul_(0.1)
    return vae
