"""Pictures byte by byte: JPEG segments, PNG chunks, GIF frames, WebP chunks, so that each can lie in its own way."""

import io
import struct
import zlib
from collections.abc import Iterable

from PIL import ExifTags, Image, PngImagePlugin

from tests.tenants.feed.hostile import PLACE, TRAP

XMP = f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><GPSLatitude>{PLACE}</GPSLatitude></x:xmpmeta>'.encode()


def drawn(form: str = "JPEG", size: tuple[int, int] = (60, 40), mode: str = "RGB", **options: object) -> bytes:
    """Left half red, right half blue."""
    picture, file = Image.new("RGB", size, "red"), io.BytesIO()
    picture.paste("blue", (size[0] // 2, 0, *size))
    picture.convert(mode).save(file, form, **options)
    return file.getvalue()


def exif(orientation: int = 1) -> Image.Exif:
    tags = Image.Exif()
    tags[ExifTags.Base.Orientation] = orientation
    tags[ExifTags.Base.Model] = TRAP.decode()
    tags[ExifTags.Base.ImageDescription] = PLACE
    tags.get_ifd(ExifTags.IFD.GPSInfo).update({1: "N", 2: (35.0, 0.0, 41.0), 3: "E", 4: (135.0, 46.0, 5.0)})
    return tags


def turned(form: str, orientation: int) -> bytes:
    return drawn(form, exif=exif(orientation))


def segment(marker: int, body: bytes) -> bytes:
    return b"\xff" + bytes([marker]) + struct.pack(">H", len(body) + 2) + body


def jpeg(*segments: bytes, behind: bytes = b"") -> bytes:
    """A real JPEG with more segments after its beginning and something behind its end."""
    whole = drawn()
    return whole[:2] + b"".join(segments) + whole[2:] + behind


def sized_jpeg(width: int, height: int) -> bytes:
    """A JPEG that says it is so large, with the data of a small one."""
    whole = drawn()
    at = whole.index(b"\xff\xc0") + 5
    return whole[:at] + struct.pack(">HH", height, width) + whole[at + 4 :]


def scans(count: int) -> bytes:
    """A progressive JPEG whose last scan is said over and over."""
    whole = drawn(size=(2000, 2000), progressive=True)
    last = whole.rindex(b"\xff\xda")
    return whole[:last] + whole[last:-2] * count + b"\xff\xd9"


def chunk(kind: bytes, body: bytes, checksum: int | None = None) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", checksum or zlib.crc32(kind + body))


def png(
    width: int = 8, height: int = 8, depth: int = 8, colour: int = 2, *more: bytes, rows: bytes | None = None
) -> bytes:
    """A black PNG with more chunks before its picture; made row by row, so that nobody here holds its pixels."""
    head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    picture = _rows(width, height, depth, colour) if rows is None else rows
    chunks = (chunk(b"IHDR", head), *more, chunk(b"IDAT", picture), chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def _rows(width: int, height: int, depth: int, colour: int) -> bytes:
    squeeze, channels = zlib.compressobj(9), {0: 1, 2: 3, 4: 2, 6: 4}[colour]
    row = b"\0" * (1 + (width * channels * depth + 7) // 8)
    return b"".join(squeeze.compress(row) for _ in range(height)) + squeeze.flush()


def noted(kind: str) -> bytes:
    """A PNG with words about its place."""
    notes = PngImagePlugin.PngInfo()
    if kind == "iTXt":
        notes.add_itxt("XML:com.adobe.xmp", XMP.decode())
    else:
        notes.add_text("Location", PLACE, zip=kind == "zTXt")
    return drawn("PNG", pnginfo=notes)


def frames(form: str, count: int, size: tuple[int, int] = (16, 16)) -> bytes:
    file, pictures = io.BytesIO(), [Image.new("RGB", size, (n % 256, n // 256 % 256, 9)) for n in range(count)]
    pictures[0].save(file, form, save_all=True, append_images=pictures[1:], duration=20)
    return file.getvalue()


def gif(width: int, height: int, behind: bytes = b"") -> bytes:
    """The smallest GIF there is, with a screen as large as said."""
    screen = struct.pack("<HHBBB", width, height, 0x80, 0, 0) + b"\0\0\0\xff\xff\xff"
    return b"GIF89a" + screen + b"\x2c" + struct.pack("<HHHHB", 0, 0, width, height, 0) + b"\2\2\x44\1\0;" + behind


def webp(width: int, height: int, *more: tuple[bytes, bytes]) -> bytes:
    """An extended WebP with a canvas as large as said, more chunks, and a small picture."""
    plain = drawn("WEBP")[12:]
    canvas = b"\0\0\0\0" + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return riff([(b"VP8X", canvas), *more], plain)


def riff(chunks: Iterable[tuple[bytes, bytes]], tail: bytes = b"") -> bytes:
    body = b"".join(kind + struct.pack("<I", len(b)) + b + b"\0" * (len(b) % 2) for kind, b in chunks) + tail
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


def heic_of(size: int, heic: bytes) -> bytes:
    """A HEIC that says it is so wide and high."""
    at = heic.index(b"ispe") + 8
    return heic[:at] + struct.pack(">II", size, size) + heic[at + 8 :]
