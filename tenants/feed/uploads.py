"""Uploads: told apart by content, opened in a bounded process (`upload_worker`), kept as its clean copy."""

import json
import re
import signal
import subprocess
import sys
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from threading import BoundedSemaphore
from typing import Any

import structlog
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from controlplane.tenancy.waiting import refuse_in_transaction
from tenants.feed.scanning import scan

NAME_LENGTH = 120
WALL_SECONDS = 8
WORKER = Path(__file__).with_name("upload_worker.py")
_slots = BoundedSemaphore(2)  # files open at once in this process: each may take half a gigabyte
_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Clean:
    """A copy without metadata, scripts or surprises, safe to hand to members."""

    kind: str  # "photo" or "document"
    name: str
    content_type: str
    content: bytes
    preview: bytes | None
    pages: int | None
    text: str  # what a document says, as far as it can be read
    width: int | None
    height: int | None


def clean(upload: "UploadedFile[bytes]") -> Clean:
    """Return the clean copy of an upload, whatever its name and declared type say, or raise ValidationError.

    It takes seconds in a process of its own, so no transaction is open meanwhile.
    """
    refuse_in_transaction("The opening of a file")
    data = _read(upload)
    kind = _kind(data)
    scan(data)
    header, files = _open(data, kind)
    size = header["content"]
    return Clean(
        kind=header["kind"],
        name=clean_name(upload.name or "", header["kind"]),
        content_type=header["content_type"],
        content=files[:size],
        preview=files[size:] or None,
        pages=header.get("pages"),
        text=header.get("text", ""),
        width=header.get("width"),
        height=header.get("height"),
    )


def clean_name(name: str, kind: str) -> str:
    """A file name to show and to download by: no folders, nothing invisible, the ending of what the file really is."""
    base = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    seen = "".join(c for c in base if unicodedata.category(c)[0] != "C" and c not in "\u2028\u2029")
    stem = re.sub(r'[<>:"|?*]', "_", re.sub(r"\.[A-Za-z0-9]{1,5}$", "", seen.strip())).strip(" .　")
    stem = re.sub(r"^(?=(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)|~)", "_", stem, flags=re.I)  # Windows would not save it
    ending = ".webp" if kind == "photo" else ".pdf"
    return (stem or (_("写真") if kind == "photo" else _("書類")))[: NAME_LENGTH - len(ending)].rstrip(" .　") + ending


def _read(upload: "UploadedFile[bytes]") -> bytes:
    limit: int = settings.ATTACHMENT_MAX_BYTES
    upload.seek(0)
    data: bytes = upload.read(limit + 1)
    if not data:
        raise ValidationError(_("ファイルの中身が、からっぽです。もう一度えらんでください。"), code="empty")
    if len(data) > limit:
        too_big = _("ファイルが大きすぎます。%(size)s MBまでのものをえらんでください。")
        raise ValidationError(too_big % {"size": limit // (1024 * 1024)}, code="size")
    return data


_TAKEN = {
    "JPEG": re.compile(rb"\xff\xd8\xff"),
    "PNG": re.compile(rb"\x89PNG\r\n\x1a\n"),
    "GIF": re.compile(rb"GIF8[79]a"),
    "WEBP": re.compile(rb"RIFF....WEBP", re.DOTALL),
    "HEIF": re.compile(rb"....ftyp(?:hei[cmsx]|hevc|hevm|hevs|hevx|mif[12]|msf1)", re.DOTALL),
    "PDF": re.compile(rb"%PDF-"),
}
_OFFICE = gettext_lazy("Word・Excelなどの書類")
_PICTURE = gettext_lazy("この形式の写真")
_REFUSED = (
    (re.compile(rb"PK\x03\x04.*?\b(?:word|xl|ppt)/", re.DOTALL), _OFFICE),
    (re.compile(rb"\xd0\xcf\x11\xe0"), _OFFICE),
    (
        re.compile(rb"PK(?:\x03\x04|\x05\x06)|Rar!\x1a|7z\xbc\xaf|\x1f\x8b"),
        gettext_lazy("ひとまとめにしたファイル（ZIPなど）"),
    ),
    (re.compile(rb"MZ.\x00|\x7fELF|#!|\xca\xfe\xba\xbe"), gettext_lazy("プログラム")),
    (re.compile(rb"....ftypavi[fs]|BM.{4}\x00{4}|II\*\x00|MM\x00\*|8BPS|\xff\x0a", re.DOTALL), _PICTURE),
    (re.compile(rb"....ftyp|\x1a\x45\xdf\xa3|RIFF....AVI ", re.DOTALL), gettext_lazy("動画")),
    (re.compile(rb".*?<svg[\s>]", re.DOTALL | re.I), gettext_lazy("SVGの絵")),
    (
        re.compile(rb".*?<(?:!doctype html|html|head|body|script|iframe)\b", re.DOTALL | re.I),
        gettext_lazy("ウェブページ"),
    ),
    (re.compile(rb"[^\x00-\x08\x0e-\x1a\x1c-\x1f]*\Z"), gettext_lazy("文字だけのファイル")),
)


def _kind(data: bytes) -> str:
    """The decoder to open these bytes with, by how they begin. The rest is refused by the name people know it by."""
    for kind, beginning in _TAKEN.items():
        if beginning.match(data):
            return kind
    what = next((name for pattern, name in _REFUSED if pattern.match(data[:4096])), gettext_lazy("この種類のファイル"))
    if what is _OFFICE:
        message = _("%(what)sは、そのままではのせられません。PDFにしてから、のせてください。")
    else:
        message = _("%(what)sは、のせられません。写真（JPEG・PNG・HEICなど）かPDFをえらんでください。")
    raise ValidationError(message % {"what": what}, code="kind")


def _open(data: bytes, kind: str) -> tuple[dict[str, Any], bytes]:
    """What the worker answers: its facts, and the copy with its preview behind it."""
    if not _slots.acquire(timeout=WALL_SECONDS):
        raise _refusal("busy")
    try:
        answer = _run(data, kind)
    finally:
        _slots.release()
    line, _newline, files = answer.partition(b"\n")
    header: dict[str, Any] = json.loads(line)
    if "refused" in header:
        raise _refusal(header["refused"])
    return header, files


def _run(data: bytes, kind: str) -> bytes:
    """Start the worker without our environment and its secrets. It answers into a file, which its own limit bounds."""
    # The command is ours alone: the file goes in by stdin, and `kind` is a key of `_TAKEN`.
    command = [sys.executable, "-I", str(WORKER), kind]
    with TemporaryFile() as answer, TemporaryFile() as complaint:
        try:
            done = subprocess.run(  # noqa: S603
                command, input=data, stdout=answer, stderr=complaint, env={}, timeout=WALL_SECONDS, check=False
            )
        except subprocess.TimeoutExpired:
            raise _refusal("heavy") from None
        answer.seek(0)
        complaint.seek(0)
        if done.returncode:
            raise _failure(done.returncode, complaint.read(4000).decode(errors="replace"))
        return answer.read()


def _failure(returncode: int, complaint: str) -> ValidationError:
    """Ended by a signal, it was the file. Ended by itself, it is our installation, and somebody must hear of it."""
    ended = signal.Signals(-returncode) if returncode < 0 else None
    if ended is None:
        _log.error("upload worker broken", returncode=returncode, complaint=complaint)
    else:
        _log.info("upload worker stopped", signal=ended.name)
    return _refusal("damaged" if ended in _CRASHES else "heavy")


def _refusal(reason: str) -> ValidationError:
    return ValidationError(str(_REASONS[reason]), code=reason)


_CRASHES = {None, signal.SIGSEGV, signal.SIGBUS, signal.SIGFPE}  # the other signals say: out of time or out of memory
_REASONS = {
    "damaged": gettext_lazy("こわれているようで、開けませんでした。もとのファイルから、えらびなおしてください。"),
    "heavy": gettext_lazy("ファイルが重くて、開ききれませんでした。小さくしてから、もう一度えらんでください。"),
    "pixels": gettext_lazy("写真が大きすぎます。4,000万画素までのものをえらんでください。"),
    "pages": gettext_lazy("PDFは200ページまでです。いくつかに分けてください。"),
    "encrypted": gettext_lazy("保護されたPDFは、のせられません。パスワードや制限を外して、保存しなおしてください。"),
    "active": gettext_lazy("このPDFには、動くしかけが入っています。「PDFとして印刷」で作りなおせます。"),
    "attachments": gettext_lazy("このPDFには、別のファイルが入っています。「PDFとして印刷」で作りなおせます。"),
    "layers": gettext_lazy("このPDFには、表示を切りかえる層があります。「PDFとして印刷」で作りなおせます。"),
    "unseen": gettext_lazy("このPDFには、見えない文字が入っています。画像にしてから、のせてください。"),
    "form": gettext_lazy("このPDFに書きこんだ文字を、うつせませんでした。「PDFとして印刷」で作りなおせます。"),
    "busy": gettext_lazy("いま、ほかの写真や書類を開いています。少し待って、もう一度えらんでください。"),
}
