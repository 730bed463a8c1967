"""P17: a hostile file is refused in a sentence a neighbour understands, or comes out inert; each within its bounds."""

import io
import json
import re
import sys
import unicodedata
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from pypdfium2 import raw

from tenants.feed import uploads
from tests.tenants.feed.hostile import PLACE, TRAP, Hostile
from tests.tenants.feed.hostile.cases import CORPUS, NAMES
from tests.tenants.feed.hostile.pictures import drawn

MEMORY, PROCESSOR = 512 * 1024 * 1024, 5.0
TRACES = (TRAP, PLACE.encode(), *b"Exif GPSLatitude <script <?php PK\x03\x04 javascript: /etc/passwd".split())
BANNED = re.compile(
    rb"/(?:JS|JavaScript|Launch|GoTo[ER]|SubmitForm|ImportData|EmbeddedFiles?|EF|AA|OpenAction|Metadata|Author|XFA|Next"
    rb"|Thumb|PieceInfo|Movie|RichMedia|Rendition)\b"
)
# Starts the worker as a small process would, so that what the system says of its child is the child's alone.
SCALES = """
import json, os, signal, subprocess, sys
child = subprocess.Popen([{python!r}, "-I", {worker!r}, sys.argv[-1]])
_pid, status, used = os.wait4(child.pid, 0)
with open({book!r}, "w") as book:
    json.dump({{"memory": used.ru_maxrss * 1024, "processor": used.ru_utime + used.ru_stime}}, book)
code = os.waitstatus_to_exitcode(status)
if code < 0:
    os.kill(os.getpid(), -code)
sys.exit(code)
"""


@pytest.fixture
def used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Where the use of memory and processor of the last file opened is written down."""
    book, scales = tmp_path / "used.json", tmp_path / "scales.py"
    scales.write_text(SCALES.format(python=sys.executable, worker=str(uploads.WORKER), book=str(book)))
    monkeypatch.setattr(uploads, "WORKER", scales)
    return book


def test_the_corpus_is_as_large_as_promised() -> None:
    assert len(CORPUS) >= 180
    assert len({each.called for each in CORPUS}) == len(CORPUS)


@pytest.mark.parametrize("hostile", [pytest.param(each, id=each.called) for each in CORPUS])
def test_a_hostile_file_is_refused_or_made_inert_within_its_bounds(hostile: Hostile, used: Path) -> None:
    outcome = _outcome(hostile)
    if isinstance(outcome, ValidationError):
        assert outcome.code in hostile.reasons
        assert re.fullmatch(r"[^<>]{10,}。", outcome.messages[0])
    else:
        assert "" in hostile.reasons
        _must_be_inert(outcome)
    if used.exists():
        spent = json.loads(used.read_text())
        assert spent["memory"] <= MEMORY
        assert spent["processor"] <= PROCESSOR + 0.5  # the kernel looks at whole ticks


def _outcome(hostile: Hostile) -> uploads.Clean | ValidationError:
    try:
        return uploads.clean(SimpleUploadedFile(hostile.name, hostile.draw(), hostile.content_type))
    except ValidationError as refusal:
        return refusal


def _must_be_inert(copy: uploads.Clean) -> None:
    assert copy.preview
    if copy.kind == "photo":
        assert copy.content_type == "image/webp"
        _must_be_pixels(copy.content, 2048)
        _must_be_pixels(copy.preview, 640)
    else:
        assert copy.content_type == "application/pdf"
        _must_be_pages(copy.content)
        _must_be_pixels(copy.preview, 1000)


def _must_be_pixels(content: bytes, side: int) -> None:
    """One picture in a RIFF of exactly its own length, without any chunk but the picture's."""
    assert content[:4] + content[8:12] == b"RIFFWEBP"
    assert int.from_bytes(content[4:8], "little") + 8 == len(content)
    assert content[12:16] in (b"VP8 ", b"VP8L")
    length = int.from_bytes(content[16:20], "little")
    assert 20 + length + length % 2 == len(content)
    with Image.open(io.BytesIO(content)) as picture:
        picture.load()
        assert max(picture.size) <= side
        assert not dict(picture.getexif())
        assert set(picture.info) <= {"loop", "background", "timestamp", "duration"}
    assert not [trace for trace in TRACES if trace in content]


def _must_be_pages(content: bytes) -> None:
    """Read by two libraries: nothing but pages, plain links and what they show."""
    assert content.startswith(b"%PDF-")
    assert content.rstrip().endswith(b"%%EOF")
    shown = pypdfium2.PdfDocument(content)
    assert raw.FPDFDoc_GetJavaScriptActionCount(shown) == 0
    assert shown.count_attachments() == raw.FPDF_GetSignatureCount(shown) == 0
    assert raw.FPDF_GetFormType(shown) == raw.FORMTYPE_NONE
    assert not any(shown.get_metadata_dict().values())
    with pikepdf.open(io.BytesIO(content)) as document:
        assert set(document.Root.keys()) == {"/Type", "/Pages"}
        assert set(document.trailer.keys()) <= {"/Root", "/Size", "/ID"}
        for thing in document.objects:
            _must_tell_nothing(thing)


def _must_tell_nothing(thing: pikepdf.Object) -> None:
    plain = pikepdf.Dictionary(dict(thing.items())) if isinstance(thing, pikepdf.Stream) else thing
    words = plain.unparse() if isinstance(plain, pikepdf.Object) else b""
    assert not BANNED.search(words)
    assert not [trace for trace in TRACES if trace in words]
    if isinstance(thing, pikepdf.Stream):
        for body in (thing.read_raw_bytes(), _unpacked(thing)):
            assert not [trace for trace in TRACES if trace in body]


def _unpacked(stream: pikepdf.Stream) -> bytes:
    try:
        return stream.read_bytes()
    except pikepdf.PdfError:
        return b""


@pytest.mark.parametrize("name", NAMES)
def test_a_hostile_name_is_shown_without_tricks(name: str) -> None:
    file = SimpleUploadedFile("x", b"")
    file._name = name  # past Django's own cleaning
    kept = uploads.clean_name(file.name or "", "photo")
    assert 0 < len(kept.removesuffix(".webp")) < len(kept) <= uploads.NAME_LENGTH
    kept.encode()
    assert not set(kept) & set('/\\:"<>|?*\r\n\0')
    assert not kept.startswith((".", "~", " "))
    assert not re.match(r"(?i)(con|prn|aux|nul|com\d|lpt\d)\.", kept)
    assert not [c for c in kept if unicodedata.category(c) in {"Cc", "Cf", "Cs", "Co"}]


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_every_turn_a_camera_notes_stands_upright(form: str) -> None:
    """The eight ways a sensor may lie, each drawn so that upright it is red on the left and blue on the right."""
    upright, way = Image.open(io.BytesIO(drawn("PNG"))), Image.Transpose
    lies = [None, way.FLIP_LEFT_RIGHT, way.ROTATE_180, way.FLIP_TOP_BOTTOM]
    lies += [way.TRANSPOSE, way.ROTATE_90, way.TRANSVERSE, way.ROTATE_270]
    for turn, lie in enumerate(lies, start=1):
        lying = upright if lie is None else upright.transpose(lie)
        tags, file = Image.Exif(), io.BytesIO()
        tags[0x0112] = turn
        lying.save(file, form, exif=tags)
        kept = Image.open(io.BytesIO(uploads.clean(SimpleUploadedFile("x", file.getvalue())).content)).convert("RGB")
        assert kept.size == (60, 40)
        left, right = kept.getpixel((8, 20)), kept.getpixel((52, 20))
        assert left[0] > 200 > 60 > left[2]
        assert right[2] > 200 > 60 > right[0]
