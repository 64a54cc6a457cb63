"""Draws a batch of scenes."""

from __future__ import annotations

import torch
from torch import Tensor

from training.scenes import Scene
from training.world import city, land, things, water, weather
from training.world.canvas import Canvas
from training.world.pictures import paint_picture
from training.world.sky import Sky

FOCUS = 3  # the fourth channel says where small things are
_TERRAINS = {
    "mountains": land.paint_mountains,
    "hills": land.paint_hills,
    "desert": land.paint_desert,
    "forest": land.paint_forest,
    "snowfield": land.paint_snowfield,
    "sea": water.paint_sea,
    "lake": water.paint_lake,
    "city": city.paint_city,
}


@torch.inference_mode()
def draw(scenes: list[Scene], frames: int, height: int, width: int, device: str, seed: int) -> Tensor:
    """Clips [B T H W 4] uint8: red, green, blue, focus. The scenes share terrain, weather and things."""
    canvas = Canvas(scenes, frames, height, width, device, seed)
    first = scenes[0]
    if first.terrain == "picture":
        paint_picture(canvas)
    else:
        sky = Sky(canvas)
        sky.paint(canvas)
        ground = land.Land(canvas, sky)
        _TERRAINS[first.terrain](canvas, ground)
        things.paint(canvas, ground)
        if first.weather in weather.PAINTERS:
            weather.PAINTERS[first.weather](canvas, ground)
    whole = torch.cat((canvas.image, canvas.focus), 2).clamp(0, 1)
    return (whole.permute(0, 1, 3, 4, 2) * 255 + 0.5).to(torch.uint8)
