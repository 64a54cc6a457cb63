"""How a clip moves: block matching on a coarse grid, and the camera move read from it.

Letters: B clips, T frames, P pairs of frames, H rows, W columns, I by J cells.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import adaptive_avg_pool2d, avg_pool2d, interpolate, pad

from training.scenes import CAMERAS

GAP = 3  # frames between the two that are compared
CELLS = (6, 10)
CHANNELS = 5  # dx, dy (both weighted), how sure of dx, of dy, how alike
_SHORT = 48  # pixels of the shorter side
_REACH_X, _REACH_Y = 6, 4
_HIDDEN = 64
_MIRRORED = [CAMERAS.index({"pan_left": "pan_right", "pan_right": "pan_left"}.get(c, c)) for c in CAMERAS]


def shrunk(images: Tensor, short: int) -> Tensor:
    """Images [N C H W] whose shorter side is `short` pixels, each the mean of what it covers."""
    scale = short / min(images.shape[-2:])
    size = [round(side * scale) for side in images.shape[-2:]]
    return interpolate(images, size=size, mode="area")


@torch.no_grad()
def flow(clips: Tensor) -> Tensor:
    """Motion over GAP frames in each cell, [B CHANNELS I J], of clips [B T H W 3] in 0..255.

    The camera keeps its pace, so all pairs of frames vote together; what falls or flies does not.
    """
    pictures = _banded(clips)
    gap = min(GAP, pictures.shape[1] - 1)
    before, after = pictures[:, : pictures.shape[1] - gap], pictures[:, gap:]  # each [B P H W]
    alike = _likeness(before, after)  # [B DY DX I J]
    device = clips.device
    dy = torch.arange(-_REACH_Y, _REACH_Y + 1, device=device).view(1, -1, 1, 1, 1).float()
    dx = torch.arange(-_REACH_X, _REACH_X + 1, device=device).view(1, 1, -1, 1, 1).float()
    near = alike - 0.002 * (dx**2 + dy**2).sqrt()  # where nothing tells, assume little motion
    best = near.flatten(1, 2).argmax(1)  # [B I J]
    row, column = best // dx.numel() - _REACH_Y, best % dx.numel() - _REACH_X
    peak = alike.flatten(1, 2).gather(1, best.unsqueeze(1)).squeeze(1)
    around = ((dx - column[:, None, None]).abs() <= 1) & ((dy - row[:, None, None]).abs() <= 1)
    votes = (alike - peak[:, None, None] + 0.06).clamp(min=0) * around
    total = votes.sum((1, 2)).clamp(min=1e-6)
    x, y = (votes * dx).sum((1, 2)) / total, (votes * dy).sum((1, 2)) / total
    sure_x = (peak - (alike * (dy == row[:, None, None])).sum(1).mean(1)).clamp(0, 1)
    sure_y = (peak - (alike * (dx == column[:, None, None])).sum(2).mean(1)).clamp(0, 1)
    return torch.stack((x * sure_x, y * sure_y, sure_x, sure_y, peak), 1)


def _banded(clips: Tensor) -> Tensor:
    """Luminance without its slow parts, at equal contrast everywhere, [B T H W]."""
    b = len(clips)
    images = shrunk(clips.flatten(0, 1).permute(0, 3, 1, 2).float() / 255, _SHORT)
    grey = images.mean(1, keepdim=True)  # [BT 1 H W]
    detail = grey - _blurred(grey, 9)
    contrast = _blurred(detail**2, 9).sqrt()
    return (detail / (contrast + 0.012)).unflatten(0, (b, -1)).squeeze(2)


def _blurred(images: Tensor, size: int) -> Tensor:
    half = size // 2
    return avg_pool2d(pad(images, (half,) * 4, mode="replicate"), size, 1)


def _likeness(before: Tensor, after: Tensor) -> Tensor:
    """Normalised correlation of each cell with the next picture, shifted every way: [B DY DX I J]."""
    _, _, height, width = before.shape
    margin = (_REACH_X, _REACH_X, _REACH_Y, _REACH_Y)
    wide = pad(after, margin)
    power = wide.square().sum(1, keepdim=True)
    own = adaptive_avg_pool2d(before.square().sum(1, keepdim=True), CELLS)
    rows = []
    for i in range(2 * _REACH_Y + 1):
        for j in range(2 * _REACH_X + 1):
            window = (..., slice(i, i + height), slice(j, j + width))
            product = adaptive_avg_pool2d((before * wide[window]).sum(1, keepdim=True), CELLS)
            other = adaptive_avg_pool2d(power[window], CELLS)
            rows.append(product / ((own * other).sqrt() + 0.05 * before.shape[1]))
    return torch.cat(rows, 1).unflatten(1, (2 * _REACH_Y + 1, 2 * _REACH_X + 1))


def overall(found: Tensor) -> Tensor:
    """Of flow [B CHANNELS I J]: sideways, up-and-down, and outward motion in pixels, each [B]: [B 3]."""
    dx, dy, sure_x, sure_y = found[:, :4].unbind(1)
    i, j = CELLS
    across = torch.linspace(-1, 1, j, device=found.device).view(1, 1, j)
    down = torch.linspace(-1, 1, i, device=found.device).view(1, i, 1)

    def mean(values: Tensor, weights: Tensor) -> Tensor:
        return values.sum((1, 2)) / weights.sum((1, 2)).clamp(min=0.05)

    outward = mean(dx * across, sure_x * across**2) + mean(dy * down, sure_y * down**2)
    return torch.stack((mean(dx, sure_x), mean(dy, sure_y), outward), 1)


def mirrored(found: Tensor, camera: Tensor) -> tuple[Tensor, Tensor]:
    """Flow and camera as a mirror would show them."""
    signs = torch.tensor([-1.0, 1, 1, 1, 1], device=found.device).view(1, -1, 1, 1)
    return found.flip(-1) * signs, torch.tensor(_MIRRORED, device=camera.device)[camera]


class CameraReader(nn.Module):
    """Tells the camera move from the flow."""

    def __init__(self) -> None:
        super().__init__()
        inputs = CHANNELS * CELLS[0] * CELLS[1] + 3
        self.layers = nn.Sequential(
            nn.Linear(inputs, _HIDDEN), nn.GELU(), nn.Dropout(0.2), nn.Linear(_HIDDEN, len(CAMERAS))
        )

    def forward(self, found: Tensor) -> Tensor:
        """Logits over CAMERAS [B 7]."""
        return self.layers(torch.cat((found.flatten(1), overall(found)), 1))
