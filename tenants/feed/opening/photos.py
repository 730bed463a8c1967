"""Photos: upright, in sRGB on white, in two sizes, and nothing but their pixels."""

import io
import traceback
import warnings
from typing import TYPE_CHECKING, Any

from tenants.feed.opening.bounds import Refused

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

MAX_PIXELS = 40_000_000
PHOTO_SIDE, CARD_SIDE = 2048, 640  # opened by itself; in a list
QUALITY = 82


def photo(data: bytes, kind: str) -> tuple[dict[str, Any], bytes, bytes]:
    """The picture as it is shown; of a moving one its first moment."""
    from PIL import ImageOps

    picture = _open(data, kind)
    picture.draft(picture.mode, (PHOTO_SIDE, PHOTO_SIDE))  # JPEG decodes straight to a half, a quarter, an eighth
    picture = _resizable(picture)
    picture.thumbnail((PHOTO_SIDE, PHOTO_SIDE), reducing_gap=2.0)
    try:
        picture = ImageOps.exif_transpose(picture)
    except Exception:  # broken EXIF costs a photo its rotation, not its publication
        traceback.print_exc()
    picture = _on_white_in_srgb(picture)
    facts = {"kind": "photo", "content_type": "image/webp", "width": picture.width, "height": picture.height}
    return facts, webp(picture, PHOTO_SIDE), webp(picture, CARD_SIDE)


def _open(data: bytes, kind: str) -> "Picture":
    """Read the header with the one decoder this kind asks for, and refuse by its size before decoding a pixel."""
    from PIL import Image

    if kind == "HEIF":
        import pi_heif

        pi_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False, decode_threads=1)
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    try:
        return Image.open(io.BytesIO(data), formats=(kind,))
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise Refused("pixels") from None


def _resizable(picture: "Picture") -> "Picture":
    """The picture in a mode that scales smoothly: palettes and deep greys do not."""
    if picture.mode.startswith(("I", "F")):
        return picture.convert("I").point(lambda level: level * (1 / 256)).convert("L")
    if picture.mode in {"RGB", "RGBA", "L", "LA", "CMYK"} and "transparency" not in picture.info:
        return picture
    return picture.convert("RGBA" if picture.has_transparency_data else "RGB")


def _on_white_in_srgb(picture: "Picture") -> "Picture":
    from PIL import Image, ImageCms

    profile = picture.info.get("icc_profile")
    if picture.mode in {"RGBA", "LA"}:
        white = Image.new("RGBA", picture.size, "white")
        picture = Image.alpha_composite(white, picture.convert("RGBA")).convert("RGB")
    if profile:
        try:
            source, srgb = ImageCms.ImageCmsProfile(io.BytesIO(profile)), ImageCms.createProfile("sRGB")
            picture = ImageCms.profileToProfile(picture, source, srgb, outputMode="RGB") or picture
        except (ImageCms.PyCMSError, OSError):  # a profile of another colour model or a broken one says nothing
            traceback.print_exc()
    bare = Image.new("RGB", picture.size)
    bare.paste(picture.convert("RGB"))
    return bare


def webp(picture: "Picture", side: int) -> bytes:
    small, file = picture.copy(), io.BytesIO()
    small.thumbnail((side, side))
    small.save(file, "WEBP", quality=QUALITY, method=4)
    return file.getvalue()
