"""What a PDF hides is neither shown nor found in the copy; what was filled in is on the page."""

import io

import pikepdf
import pypdfium2
import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile

from tenants.feed import uploads
from tests.tenants.feed.hostile.documents import pdf, stream

FONT = b"/Resources<</Font<</F<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>%b>>/Contents 4 0 R"
SECRET = b"BT /F 20 Tf 20 300 Td (Unpaid) Tj ET "
NOTICE = b"BT 0 g /F 20 Tf 20 200 Td (Cleaning) Tj ET"
LAYERS = b"/OCProperties<</OCGs[5 0 R 6 0 R]/D<<%b>>>>"
LAYER = b"<</Type/OCG/Name(x)>>"


def page(content: bytes, *more: bytes, catalog: bytes = b"", entries: bytes = b"", resources: bytes = b"") -> bytes:
    return pdf(catalog, FONT % resources + entries, stream(b"", content), *more)


def layered(content: bytes, usual: bytes) -> bytes:
    return page(
        content, LAYER, LAYER, catalog=LAYERS % usual, resources=b"/Properties<</Off 5 0 R/On 6 0 R/Any 7 0 R>>"
    )


def kept(content: bytes) -> uploads.Clean:
    return uploads.clean(SimpleUploadedFile("x.pdf", content))


def letters(copy: uploads.Clean) -> bytes:
    """All that is written anywhere in the copy."""
    with pikepdf.open(io.BytesIO(copy.content)) as document:
        return b"".join(each.read_bytes() for each in document.objects if isinstance(each, pikepdf.Stream))


OFF = b"/OC /Off BDC %b 0 0 300 400 re f EMC " % SECRET
HIDING = {
    "a layer that is off": layered(OFF + NOTICE, b"/OFF[5 0 R]"),
    "all layers off but one": layered(OFF + b"/OC /On BDC " + NOTICE + b" EMC", b"/BaseState/OFF/ON[6 0 R]"),
    "a layer within a layer": layered(b"/OC /On BDC " + OFF + NOTICE + b" EMC", b"/OFF[5 0 R]"),
    "without ink": page(b"BT 3 Tr /F 20 Tf 20 300 Td (Unpaid) Tj ET 0 Tr " + NOTICE),
    "white on white": page(b"1 g " + SECRET + NOTICE),
    "white by its letters": page(b"0 0 0 0 k " + SECRET + NOTICE),
    "under a bar": page(NOTICE + SECRET + b" 0 g 10 290 200 30 re f"),
    "beside the paper": page(NOTICE + b"BT /F 20 Tf 900 300 Td (Unpaid) Tj ET"),
    "outside of the box": page(NOTICE + b" " + SECRET, entries=b"/CropBox[0 0 300 280]"),
    "a hidden note": page(
        NOTICE,
        stream(b"/Type/XObject/Subtype/Form/BBox[0 0 300 400]/Resources<</Font<</F<</Type/Font/Subtype/Type1"
               b"/BaseFont/Helvetica>>>>>>", SECRET),
        entries=b"/Annots[<</Type/Annot/Subtype/Stamp/Rect[0 0 300 400]/F 2/Contents(Unpaid)/AP<</N 5 0 R>>>>]",
    ),
}  # fmt: skip


@pytest.mark.parametrize("content", HIDING.values(), ids=HIDING)
def test_what_a_pdf_hides_is_gone(content):
    copy = kept(content)
    assert copy.text.strip() == "Cleaning"
    assert b"Unpaid" not in letters(copy)
    assert b"Unpaid" not in copy.content
    shown = pypdfium2.PdfDocument(copy.content)[0].render().to_pil().convert("L")
    down = shown.height - 200  # where the notice's line is
    assert shown.crop((20, down - 15, 200, down)).getextrema()[0] < 100
    if b"290 200 30 re" not in content:  # the bar stays
        assert shown.crop((0, 0, 300, down - 30)).getextrema() == (255, 255)


SEEN = {
    "white on a dark bar": page(b"0 g 0 180 300 60 re f 1 g BT /F 20 Tf 20 200 Td (Cleaning) Tj ET"),
    "a layer that is on": layered(b"/OC /On BDC " + NOTICE + b" EMC", b"/OFF[5 0 R]"),
    "in a frame": page(NOTICE + b" 10 190 200 40 re S"),
    "under a thin line": page(NOTICE + b" 0 0 1 rg 10 205 200 1 re f"),
}


@pytest.mark.parametrize("content", SEEN.values(), ids=SEEN)
def test_what_is_seen_stays(content):
    copy = kept(content)
    assert copy.text.strip() == "Cleaning"
    before = pypdfium2.PdfDocument(content)[0].render().to_pil().tobytes()
    assert pypdfium2.PdfDocument(copy.content)[0].render().to_pil().tobytes() == before


def test_unseen_text_that_cannot_be_taken_out_is_said():
    form = stream(
        b"/Type/XObject/Subtype/Form/BBox[0 0 300 400]"
        b"/Resources<</Font<</F<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>",
        b"1 g " + SECRET,
    )
    with pytest.raises(ValidationError) as refusal:
        kept(page(NOTICE + b" /D Do", form, resources=b"/XObject<</D 5 0 R>>"))
    assert refusal.value.code == "unseen"


FIELD = (
    b"<</Type/Annot/Subtype/Widget/FT/Tx/T(name)/F %d/Rect[20 100 200 130]/DA(/Helv 14 Tf 0 g)/V%b>>",
    b"/AcroForm<</NeedAppearances true/DA(/Helv 14 Tf 0 g)/Fields[5 0 R]"
    b"/DR<</Font<</Helv<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>>>",
)


def filled(value: bytes, flags: int = 4) -> bytes:
    return page(NOTICE, FIELD[0] % (flags, value), catalog=FIELD[1], entries=b"/Annots[5 0 R]")


def test_what_was_filled_in_is_on_the_page():
    copy = kept(filled(b"(075-000-0000)"))
    assert "075-000-0000" in copy.text
    shown = pypdfium2.PdfDocument(copy.content)[0].render().to_pil().convert("L")
    assert shown.crop((20, 270, 200, 300)).getextrema()[0] < 100


def test_letters_that_cannot_be_drawn_are_said_rather_than_lost():
    with pytest.raises(ValidationError) as refusal:
        kept(filled(b"<FEFF5C7175305C0F>"))
    assert refusal.value.code == "form"
    assert "075" not in kept(filled(b"(075)", flags=2)).text  # hidden: neither shown nor told of


CJK = (
    b"<</Type/Font/Subtype/Type0/BaseFont/J/Encoding/UniJIS-UTF16-H/DescendantFonts[<</Type/Font/Subtype/CIDFontType0"
    b"/BaseFont/J/CIDSystemInfo<</Registry(Adobe)/Ordering(Japan1)/Supplement 2>>"
    b"/FontDescriptor<</Type/FontDescriptor/FontName/J/Flags 4/FontBBox[0 0 1000 1000]/ItalicAngle 0/Ascent 880"
    b"/Descent 120/CapHeight 880/StemV 80>>>>]>>"
)


def lines(*texts: str) -> bytes:
    """A page of Japanese lines, each set by itself as layout programs do."""
    drawn = [
        b"BT /F 12 Tf 1 0 0 1 20 %d Tm <%b> Tj ET " % (380 - 20 * place, text.encode("utf-16-be").hex().encode())
        for place, text in enumerate(texts)
    ]
    entries = b"/Resources<</Font<</F 5 0 R>>>>/Contents 4 0 R"
    return pdf(b"", entries, stream(b"", b"".join(drawn)), CJK)


@pytest.mark.parametrize("word", ["清掃", "お知らせ", "中央公園", "PTA clean", "8月 2日"])
def test_a_word_is_found_over_the_end_of_a_line(word):
    said = kept(lines("お　知　ら　せ", "日曜日に一斉清", "掃をします。中央公", "園に8時", "PTA clean", "8月 2日")).text
    assert word in said
