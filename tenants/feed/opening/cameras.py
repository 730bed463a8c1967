"""What cameras write into JPEG and JPEG 2000 beside the picture (place, time, owner), taken out without re-encoding."""

import re
from collections.abc import Iterator

from tenants.feed.opening.bounds import Refused

_NEXT = re.compile(rb"\xff+([^\x00\xff\xd0-\xd7])", re.DOTALL)  # coded pictures hold FF00 and FFD0-7 too
_END, _SCAN = 0xD9, 0xDA
_COLOUR = (b"ICC_PROFILE\0", b"Adobe", b"JFIF\0")


def bare_jpeg(data: bytes) -> bytes:
    """The segments that make the picture and its colours. Notes, thumbnails and whatever lies behind the end go."""
    if not data.startswith(b"\xff\xd8"):
        raise Refused("damaged")
    return b"\xff\xd8" + b"".join(_segments(data)) + b"\xff\xd9"


def _segments(data: bytes) -> Iterator[bytes]:
    place = 2
    while (found := _NEXT.search(data, place)) and found[1][0] != _END:
        marker, start = found[1][0], found.end()
        end = start + int.from_bytes(data[start : start + 2], "big")
        segment = data[start:end]
        following = _NEXT.search(data, end)
        place = following.start() if following else len(data)
        if not _tells(marker, segment[2:]):
            coded = data[end:place] if marker == _SCAN else b""
            yield bytes((0xFF, marker)) + segment + coded


def _tells(marker: int, body: bytes) -> bool:
    """Application segments and comments, but for those that say how colours are meant."""
    return marker == 0xFE or (0xE0 <= marker <= 0xEF and not body.startswith(_COLOUR))


def blanked(content: bytes) -> bytes:
    """The same bytes, as many as before, with the notes of every JPEG among them overwritten."""
    bare = bytearray(content)
    for picture in re.finditer(rb"\xff\xd8(?=\xff)", content):
        place = picture.end()
        while content[place : place + 1] == b"\xff" and (marker := content[place + 1]) not in (_SCAN, _END):
            end = place + 2 + int.from_bytes(content[place + 2 : place + 4], "big")
            if _tells(marker, content[place + 4 : end]):
                bare[place + 4 : end] = b"\0" * (len(bare[place + 4 : end]))
            place = end
    return bytes(bare)


_OF_JP2 = {b"jP  ", b"ftyp", b"jp2h", b"jp2c", b"rreq"}


def bare_jpeg_2000(data: bytes) -> bytes:
    """The boxes that make the picture; a bare codestream has none, and no place to note anything but comments."""
    if data.startswith(b"\xff\x4f\xff\x51"):
        return data
    return b"".join(box for kind, box in _boxes(data) if kind in _OF_JP2)


def _boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    place = 0
    while place + 8 <= len(data):
        size, kind = int.from_bytes(data[place : place + 4], "big"), data[place + 4 : place + 8]
        if size == 1:
            size = int.from_bytes(data[place + 8 : place + 16], "big")
        end = place + size if size else len(data)
        if end < place + 8:
            raise Refused("damaged")
        yield kind, data[place:end]
        place = end
