"""Pixels ready to be shown or read: upright, in RGB, nothing transparent left."""

from __future__ import annotations

from PIL import Image, ImageOps, ImageStat

_LIGHT = 128
"""Of 255: what is drawn lighter than this without paper was meant for a dark one."""


def upright(image: Image.Image) -> Image.Image:
    """The picture as it is to be seen: turned as EXIF says, flat. Decodes it; raises what Pillow does."""
    return flat(ImageOps.exif_transpose(image))


def flat(image: Image.Image) -> Image.Image:
    """In RGB: what is transparent lies on paper, sixteen bits of grey become eight."""
    if image.mode.startswith("I;16"):
        return image.convert("I").point(lambda value: value / 256).convert("L").convert("RGB")
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        drawn = image.convert("RGBA")
        paper = Image.new("RGBA", image.size, "black" if _is_light(drawn) else "white")
        paper.alpha_composite(drawn)
        return paper.convert("RGB")
    return image.convert("RGB")


def _is_light(drawn: Image.Image) -> bool:
    """Is what can be seen of it nearly all light, as white letters on nothing are?"""
    alpha = drawn.getchannel("A")
    if alpha.getextrema() == (255, 255) or not alpha.getbbox():
        return False
    return ImageStat.Stat(drawn.convert("L"), alpha.point(lambda value: 255 if value > _LIGHT else 0)).mean[0] > _LIGHT
