"""PDFs object by object, so that each can hold its own trap."""

import io
import zipfile
import zlib

from PIL import Image

from tests.tenants.feed.hostile import PLACE, TRAP
from tests.tenants.feed.hostile.pictures import drawn, exif


def pdf(catalog: bytes = b"", page: bytes = b"", *more: bytes, pages: int = 1, trailer: bytes = b"") -> bytes:
    """Objects 1 catalogue, 2 page tree, 3 page (as often as asked), 4 and on whatever is planted."""
    tree = b"<</Type/Pages/Count %d/Kids[%b]>>" % (pages, b" 3 0 R" * pages)
    leaf = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 400]%b>>" % page
    return objects(b"<</Type/Catalog/Pages 2 0 R %b>>" % catalog, tree, leaf, *more, trailer=trailer)


def objects(*bodies: bytes, trailer: bytes = b"") -> bytes:
    file, starts = b"%PDF-1.7\n", []
    for number, body in enumerate(bodies, start=1):
        starts.append(len(file))
        file += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % start for start in starts)
    size = len(bodies) + 1
    end = b"xref\n0 %d\n0000000000 65535 f \n%btrailer<</Root 1 0 R/Size %d%b>>\nstartxref\n%d\n%%%%EOF\n"
    return file + end % (size, table, size, trailer, len(file))


def many_pages(count: int) -> bytes:
    """As many pages as said, each an object of its own."""
    kids = b" ".join(b"%d 0 R" % (n + 3) for n in range(count))
    leaf = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>"
    return objects(
        b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Count %d/Kids[%b]>>" % (count, kids), *[leaf] * count
    )


def stream(entries: bytes, body: bytes) -> bytes:
    return b"<<%b/Length %d>>stream\n%b\nendstream" % (entries, len(body), body)


def flate(body: bytes, times: int = 1, entries: bytes = b"") -> bytes:
    for _ in range(times):
        body = zlib.compress(body, 9)
    return stream(b"%b/Filter[%b]" % (entries, b"/FlateDecode" * times), body)


def bomb(megabytes: int, entries: bytes = b"") -> bytes:
    squeeze, block = zlib.compressobj(9), b" " * 1_000_000
    body = b"".join(squeeze.compress(block) for _ in range(megabytes)) + squeeze.flush()
    return stream(b"%b/Filter/FlateDecode" % entries, body)


def action(body: bytes) -> bytes:
    """A page with a link that does this."""
    return pdf(b"", b"/Annots[<</Type/Annot/Subtype/Link/Rect[0 0 99 99]/A<<%b>>>>]" % body)


def noted(entries: bytes, *more: bytes) -> bytes:
    """A page with an annotation like this."""
    return pdf(b"", b"/Annots[<</Type/Annot/Rect[0 0 99 99]%b>>]" % entries, *more)


def with_picture(body: bytes, filters: bytes, wide: int = 300, high: int = 400) -> bytes:
    """A page that shows one picture, kept in these filters."""
    entries = b"/Type/XObject/Subtype/Image/Width %d/Height %d/ColorSpace/DeviceRGB/BitsPerComponent 8/Filter%b"
    return pdf(
        b"",
        b"/Resources<</XObject<</I 4 0 R>>>>/Contents 5 0 R",
        stream(entries % (wide, high, filters), body),
        stream(b"", b"300 0 0 400 0 0 cm /I Do"),
    )


def camera(form: str = "JPEG") -> bytes:
    """What a scanner or a phone puts into a PDF, with the place it was taken at."""
    if form == "JPEG":
        return drawn("JPEG", (300, 400), exif=exif(), comment=TRAP)
    file = io.BytesIO()
    Image.new("RGB", (300, 400), "red").save(file, "JPEG2000")
    box = b"uuid" + b"JpgTiffExif->JP2" + PLACE.encode()
    return file.getvalue() + (len(box) + 4).to_bytes(4, "big") + box


def inline() -> bytes:
    """A page whose drawing holds a JPEG itself."""
    picture = camera()
    drawing = b"q 300 0 0 400 0 0 cm BI /W 300 /H 400 /CS /RGB /BPC 8 /F /DCT ID %b\nEI Q" % picture
    return pdf(b"", b"/Contents 4 0 R", flate(drawing))


def zipped(*names: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in names:
            archive.writestr(name, TRAP)
    return file.getvalue()


def deep(count: int) -> bytes:
    """An array in an array in an array."""
    return pdf(b"", b"/Deep 4 0 R", b"[" * count + b"]" * count)


def laughs(levels: int = 12) -> bytes:
    """Drawings that each draw the next twelve times."""
    form = b"/Type/XObject/Subtype/Form/BBox[0 0 300 400]/Resources<</XObject<</N %d 0 R>>>>"
    more = [stream(form % (n + 6), b"/N Do " * 12) for n in range(levels)]
    return pdf(b"", b"/Resources<</XObject<</N 5 0 R>>>>/Contents 4 0 R", stream(b"", b"/N Do"), *more)


def itself() -> bytes:
    """A drawing that draws itself."""
    form = b"/Type/XObject/Subtype/Form/BBox[0 0 300 400]/Resources<</XObject<</N 4 0 R>>>>"
    return pdf(b"", b"/Resources<</XObject<</N 4 0 R>>>>/Contents 5 0 R", stream(form, b"/N Do"), stream(b"", b"/N Do"))


def hidden_in_objects(body: bytes) -> bytes:
    """An action that only whoever unpacks an object stream can read."""
    packed = b"5 0 " + body
    whole = pdf(b"", b"/AA<</O 5 0 R>>", flate(packed, entries=b"/Type/ObjStm/N 1/First 4"))
    rows = b"".join(
        kind.to_bytes(1, "big") + place.to_bytes(4, "big") + last.to_bytes(1, "big")
        for kind, place, last in [
            (0, 0, 255),
            *[(1, whole.index(b"%d 0 obj" % n), 0) for n in range(1, 5)],
            (2, 4, 0),
            (1, len(whole), 0),
        ]
    )
    table = flate(rows, entries=b"/Type/XRef/Size 7/W[1 4 1]/Root 1 0 R")
    start = len(whole)
    return whole + b"6 0 obj\n%b\nendobj\nstartxref\n%d\n%%%%EOF" % (table, start)


def shaded() -> bytes:
    """A colour worked out by a long calculation at every point."""
    shading = b"/Shading<</S<</ShadingType 1/ColorSpace/DeviceRGB/Domain[0 300 0 400]/Function 5 0 R>>>>"
    function = b"/FunctionType 4/Domain[0 300 0 400]/Range[0 1 0 1 0 1]"
    return pdf(
        b"",
        b"/Resources<<%b>>/Contents 4 0 R" % shading,
        stream(b"", b"/S sh"),
        stream(function, b"{%b0}" % (b"dup pop " * 5_000)),
    )
