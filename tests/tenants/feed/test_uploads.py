"""Hostile and honest uploads: refused with a reason a neighbour understands, or kept as a copy that can do nothing."""

import io
from pathlib import Path

import pypdfium2
import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageCms, PngImagePlugin

from tenants.feed.uploads import Clean, clean
from tests.tenants.feed.hostile.cases import HEIC
from tests.tenants.feed.hostile.documents import pdf, stream, zipped
from tests.tenants.feed.hostile.pictures import drawn, exif, png


def upload(content: bytes, name: str = "file", content_type: str = "image/jpeg") -> Clean:
    return clean(SimpleUploadedFile(name, content, content_type))


def refused(content: bytes, name: str = "photo.jpg") -> ValidationError:
    with pytest.raises(ValidationError) as refusal:
        upload(content, name)
    return refusal.value


SCRIPT = b"<</S/JavaScript/JS(app.alert\\(1\\))>>"
ENCRYPTION = b"/ID[<00><00>]/Encrypt<</Filter/Standard/V 1/R 2/P -4/O<%b>/U<%b>>>" % (b"11" * 32, b"22" * 32)
LAUNCH = b"/Annots[<</Type/Annot/Subtype/Link/Rect[0 0 9 9]/A<</S/Launch/F(cmd.exe)>>>>]"
ATTACHED = b"/Names<</EmbeddedFiles<</Names[(x)<</Type/Filespec/F(x.exe)/EF<</F 4 0 R>>>>]>>>>"


@pytest.mark.parametrize(
    ("content", "reason", "said"),
    [
        (b"", "empty", "からっぽ"),
        (b"\xff\xd8\xff" + b"\0" * (20 * 1024 * 1024), "size", "20 MBまで"),
        (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', "kind", "SVGの絵"),
        (b"\xef\xbb\xbf<!DOCTYPE html><script>alert(1)</script>", "kind", "ウェブページ"),
        ("回覧".encode(), "kind", "文字だけのファイル"),
        ("回覧".encode("cp932"), "kind", "文字だけのファイル"),
        (zipped("a.jpg"), "kind", "ZIP"),
        (zipped("[Content_Types].xml", "word/document.xml"), "kind", "PDFにしてから"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "kind", "PDFにしてから"),
        (b"MZ\x90\x00\x03" + b"\0" * 600, "kind", "プログラム"),
        (b"\0\0\0\x18ftypisom" + b"\0" * 600, "kind", "動画"),
        (drawn("BMP"), "kind", "この形式の写真"),
        (b"\0\1\2\3", "kind", "この種類のファイル"),
        (b"\1" + pdf(), "kind", "この種類のファイル"),
    ],
)
def test_what_is_neither_a_photo_nor_a_pdf_is_named_and_refused(content: bytes, reason: str, said: str) -> None:
    refusal = refused(content)
    assert refusal.code == reason
    assert said in refusal.messages[0]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (drawn()[:-40], "damaged"),
        (b"\xff\xd8\xff<html><script>alert(1)</script>", "damaged"),
        (b"GIF89a<script>alert(1)</script>", "damaged"),
        (drawn("WEBP")[:30], "damaged"),
        (HEIC[:500], "damaged"),
        (b"%PDF-1.7\n<html>", "damaged"),
        (pdf(pages=0), "damaged"),
        (png(13_000, 13_000), "pixels"),
        (pdf(pages=201), "pages"),
        (pdf(trailer=ENCRYPTION), "encrypted"),
        (pdf(b"/Names<</JavaScript<</Names[(a)%b]>>>>" % SCRIPT), "active"),
        (pdf(b"", b"/AA<</O%b>>" % SCRIPT), "active"),
        (pdf(b"", b"/AA<</O<</#53/JavaScri#70t/JS(x)>>>>"), "active"),
        (pdf(b"", LAUNCH), "active"),
        (pdf(ATTACHED, b"", stream(b"/Type/EmbeddedFile", b"MZ")), "attachments"),
        (pdf(b"", b"/AF[<</Type/Filespec/F(x)/EF<</F 4 0 R>>>>]", stream(b"/Type/EmbeddedFile", b"MZ")), "attachments"),
    ],
)
def test_what_is_broken_too_large_or_would_act_is_refused(content: bytes, reason: str) -> None:
    assert refused(content).code == reason


def test_a_file_that_would_eat_the_memory_is_stopped() -> None:
    unpacked = drawn("WEBP", (16_383, 2_440), "RGBA", quality=1, method=0)
    assert refused(unpacked).code == "heavy"


@pytest.mark.parametrize(
    "content",
    [
        drawn("JPEG", exif=exif()),
        drawn("PNG", exif=exif()),
        drawn("WEBP", exif=exif(), xmp=b"<x:xmpmeta>GPSLatitude</x:xmpmeta>"),
        drawn("JPEG", exif=exif()) + zipped("evil.js") + b"<script>alert(1)</script>",
        drawn("GIF", comment=b"<script>alert(1)</script>"),
        HEIC,
    ],
)
def test_of_a_photo_only_its_pixels_are_kept(content: bytes) -> None:
    photo = upload(content, "IMG_0001.HEIC.jpg")
    for copy in (photo.content, photo.preview or b""):
        kept = Image.open(io.BytesIO(copy))
        kept.load()
        assert (kept.format, dict(kept.getexif())) == ("WEBP", {})
        assert {"exif", "xmp", "icc_profile"}.isdisjoint(kept.info)
        for trace in (b"EXIF", b"Exif", b"GPS", b"KAIRAN-TRAP", b"script", b"PK\x03\x04", b"ICCP"):
            assert trace not in copy
    assert (photo.kind, photo.content_type, photo.pages) == ("photo", "image/webp", None)


@pytest.mark.parametrize("content", [drawn("JPEG", exif=exif(6)), drawn("PNG", exif=exif(6)), HEIC])
def test_a_photo_stands_upright(content: bytes) -> None:
    photo = upload(content)
    kept = Image.open(io.BytesIO(photo.content)).convert("RGB")
    assert kept.size == (photo.width, photo.height)
    assert kept.height > kept.width
    red, blue = kept.getpixel((10, 4)), kept.getpixel((10, kept.height - 5))
    assert red[0] > 200 > 60 > red[2]
    assert blue[2] > 200 > 60 > blue[0]


def test_a_large_photo_becomes_small_and_a_small_one_stays() -> None:
    large = upload(drawn(size=(5000, 2500)))
    assert (large.width, large.height) == (2048, 1024)
    assert Image.open(io.BytesIO(large.preview or b"")).size == (640, 320)
    assert (upload(drawn()).width, upload(drawn()).height) == (60, 40)


def test_what_is_see_through_becomes_white_and_other_colour_spaces_come_out_right() -> None:
    def corner(content: bytes) -> tuple[int, ...]:
        return Image.open(io.BytesIO(upload(content).content)).convert("RGB").getpixel((3, 3))

    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    clear, file = Image.new("RGBA", (40, 40), (255, 0, 0, 0)), io.BytesIO()
    clear.save(file, "PNG", pnginfo=PngImagePlugin.PngInfo())
    assert min(corner(file.getvalue())) > 250
    for content in (drawn(mode="CMYK"), drawn("GIF"), drawn(icc_profile=srgb), drawn(icc_profile=b"broken")):
        red, _green, blue = corner(content)
        assert red > 200 > 60 > blue
    assert corner(png(40, 40, 16))[0] == 0


def test_a_pdf_keeps_its_pages_and_loses_its_data() -> None:
    jpeg = drawn("JPEG", (300, 400), exif=exif())
    page = b"/Resources<</XObject<</I 4 0 R>>>>/Contents 5 0 R/Metadata 6 0 R"
    image = stream(
        b"/Type/XObject/Subtype/Image/Width 300/Height 400/ColorSpace/DeviceRGB/BitsPerComponent 8/Filter/DCTDecode",
        jpeg,
    )
    more = (image, stream(b"", b"300 0 0 400 0 0 cm /I Do"), stream(b"/Type/Metadata/Subtype/XML", b"<x>AUTHOR-1</x>"))
    author = b"<</Author(AUTHOR-1)/Title(AUTHOR-1)>>"
    source = pdf(b"/OpenAction%b" % SCRIPT, page, *more, author, pages=2, trailer=b"/Info 7 0 R") + zipped("evil.js")
    paper = upload(source, "回覧.pdf.exe")
    assert (paper.kind, paper.content_type, paper.pages) == ("document", "application/pdf", 2)
    assert paper.content.startswith(b"%PDF-")
    for trace in (b"AUTHOR-1", b"JavaScript", b"GPS", b"KAIRAN-TRAP", b"PK\x03\x04"):
        assert trace not in paper.content
    kept = pypdfium2.PdfDocument(paper.content)
    assert len(kept) == 2
    shown = kept[1].render(scale=1).to_pil().convert("RGB")
    assert (shown.getpixel((20, 20))[0], shown.getpixel((280, 20))[2]) > (200, 200)
    assert Image.open(io.BytesIO(paper.preview or b"")).size == (750, 1000)


def test_a_form_is_flattened_and_a_plain_link_stays() -> None:
    link = b"<</Type/Annot/Subtype/Link/Rect[0 0 9 9]/A<</S/URI/URI(https://www.city.kyoto.lg.jp/)>>>>"
    sly = b"<</Type/Annot/Subtype/Link/Rect[0 0 9 9]/A<</S/URI/URI<%b>>>>>" % b"javascript:alert(1)".hex().encode()
    field = b"<</Type/Annot/Subtype/Widget/FT/Btn/T(b)/Rect[0 0 300 400]/A%b/AP<</N 4 0 R>>>>" % SCRIPT
    look = stream(b"/Type/XObject/Subtype/Form/BBox[0 0 300 400]", b"0 0 1 rg 0 0 300 400 re f")
    assert b"www.city.kyoto.lg.jp" in upload(pdf(b"", b"/Annots[%b]" % link)).content
    assert b"/URI" not in upload(pdf(b"", b"/Annots[%b]" % sly)).content
    flat = upload(pdf(b"/AcroForm<</Fields[]>>", b"/Annots[%b]" % field, look)).content
    assert b"JavaScript" not in flat
    assert b"Widget" not in flat
    assert pypdfium2.PdfDocument(flat)[0].render().to_pil().convert("RGB").getpixel((150, 200)) == (0, 0, 255)


def test_the_declared_type_and_the_ending_count_for_nothing() -> None:
    assert upload(drawn(), "evil.html", "text/html").content_type == "image/webp"
    assert upload(pdf(), "evil.html", "text/html").name == "evil.pdf"


def test_a_broken_installation_refuses_and_is_heard_of(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("tenants.feed.uploads.WORKER", Path("/nowhere/upload_worker.py"))
    assert refused(drawn()).code == "damaged"
    assert any(record.levelname == "ERROR" for record in caplog.records)
