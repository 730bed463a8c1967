"""Opens one uploaded file in a process of its own and writes a clean copy. Run by path; imports neither Django nor us.

`argv[1]` says what the file is by its first bytes, stdin is the file; stdout: one line of JSON, the copy, its preview.
"""

import io
import json
import re
import resource
import signal
import sys
import traceback
import warnings
from collections.abc import Iterator
from ctypes import create_string_buffer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

MEBIBYTE = 1024 * 1024
MAX_MEMORY = 512 * MEBIBYTE  # of address space, so never more than that resident; 40 Mpx take up to 400
MAX_OUTPUT = 64 * MEBIBYTE
MAX_CPU_SECONDS = 5
MAX_SECONDS = 8
MAX_PIXELS = 40_000_000
MAX_PAGES = 200
PHOTO_SIDE, PHOTO_PREVIEW_SIDE, PAGE_PREVIEW_SIDE = 2048, 800, 1000
QUALITY = 82


class Refused(Exception):
    """The file is not taken; the message is one of the reasons `uploads` knows."""


def main() -> None:
    limit()
    kind = sys.argv[1]
    data = sys.stdin.buffer.read()
    try:
        facts, content, preview = document(data) if kind == "PDF" else photo(data, kind)
    except Refused as refusal:
        answer({"refused": str(refusal)})
    except MemoryError:
        answer({"refused": "heavy"})
    except ImportError:
        raise  # our installation, not their file
    except Exception:  # whatever a decoder makes of a broken file: libraries raise almost anything here
        traceback.print_exc()
        answer({"refused": "damaged"})
    else:
        answer({**facts, "content": len(content), "preview": len(preview)}, content, preview)


def limit() -> None:
    """Bound what opening this file may cost, whoever started us and even when they are gone."""
    for what, most in (
        (resource.RLIMIT_AS, MAX_MEMORY),
        (resource.RLIMIT_CPU, MAX_CPU_SECONDS),
        (resource.RLIMIT_FSIZE, MAX_OUTPUT + MEBIBYTE),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))
    signal.alarm(MAX_SECONDS)


def answer(header: dict[str, Any], content: bytes = b"", preview: bytes = b"") -> None:
    if len(content) + len(preview) > MAX_OUTPUT:
        header, content, preview = {"refused": "heavy"}, b"", b""
    sys.stdout.buffer.write(json.dumps(header).encode() + b"\n" + content + preview)


def photo(data: bytes, kind: str) -> tuple[dict[str, Any], bytes, bytes]:
    """The picture upright, in sRGB on white, at most 2048 px, and nothing but its pixels."""
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
    return facts, _webp(picture, PHOTO_SIDE), _webp(picture, PHOTO_PREVIEW_SIDE)


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


def _webp(picture: "Picture", side: int) -> bytes:
    small, file = picture.copy(), io.BytesIO()
    small.thumbnail((side, side))
    small.save(file, "WEBP", quality=QUALITY, method=4)
    return file.getvalue()


def document(data: bytes) -> tuple[dict[str, Any], bytes, bytes]:
    """The pages of a PDF and nothing else: no title, author, script, form, attachment, layer or outline comes along."""
    import pypdfium2

    try:
        source = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        raise Refused("encrypted" if "password" in str(error).lower() else "damaged") from None
    _refuse(source)
    for number in range(len(source)):
        _flatten(source, number)
    copy, file = pypdfium2.PdfDocument.new(), io.BytesIO()
    copy.import_pages(source)
    copy.save(file)
    content = _without_metadata(file.getvalue())
    facts = {"kind": "document", "content_type": "application/pdf", "pages": len(copy)}
    return facts, content, _first_page(content)


def _refuse(pdf: Any) -> None:
    from pypdfium2 import raw

    if raw.FPDF_GetSecurityHandlerRevision(pdf) != -1:
        raise Refused("encrypted")  # opens without a password, but its author forbade copies: ours would be one
    if len(pdf) > MAX_PAGES:
        raise Refused("pages")
    if raw.FPDFDoc_GetJavaScriptActionCount(pdf) > 0:
        raise Refused("active")
    if pdf.count_attachments() > 0:
        raise Refused("attachments")


def _flatten(pdf: Any, number: int) -> None:
    """Draw what was filled in or noted onto the page itself. Links stay where a page has nothing but plain ones."""
    from pypdfium2 import raw

    page = pdf[number]
    plain = [_is_plain_link(pdf, page, index) for index in range(raw.FPDFPage_GetAnnotCount(page))]
    if not all(plain) and raw.FPDFPage_Flatten(page, raw.FLAT_NORMALDISPLAY) == raw.FLATTEN_FAIL:
        raise Refused("damaged")
    page.close()


def _is_plain_link(pdf: Any, page: Any, index: int) -> bool:
    """A jump inside the document or an address a browser may follow. A link that starts a program condemns the file."""
    from pypdfium2 import raw

    annotation = raw.FPDFPage_GetAnnot(page, index)
    link = raw.FPDFAnnot_GetLink(annotation)
    action = raw.FPDFLink_GetAction(link) if link else None
    kind = raw.FPDFAction_GetType(action) if action else raw.PDFACTION_GOTO
    raw.FPDFPage_CloseAnnot(annotation)
    if kind == raw.PDFACTION_LAUNCH:
        raise Refused("active")
    if kind == raw.PDFACTION_URI:
        address = create_string_buffer(raw.FPDFAction_GetURIPath(pdf, action, None, 0))
        raw.FPDFAction_GetURIPath(pdf, action, address, len(address))
        return bool(_PLAIN_ADDRESS.match(address.value))
    return bool(link) and kind == raw.PDFACTION_GOTO


_PLAIN_ADDRESS = re.compile(rb"(?:https?|mailto|tel):|[^:]*$", re.IGNORECASE)
# PDFium saves with a plain cross-reference table, dictionaries uncompressed, and parentheses in strings escaped.
_TOKENS = re.compile(rb"(?s)\((?:\\.|[^\\)])*+\)|<[0-9A-Fa-f]*>|/[^\x00\t\n\f\r ()<>\[\]{}/%]*|stream\r\n|endobj")
_ACTING = set(b"/JavaScript /Launch /GoToE /SubmitForm /ImportData /Rendition /RichMedia /Movie".split())
_CARRYING = set(b"/EmbeddedFile /EmbeddedFiles /Filespec".split())
_PHOTO_METADATA = re.compile(rb"\xff\xe1(..)(?:Exif\x00\x00|http://ns.adobe.com/)", re.DOTALL)


def _without_metadata(pdf: bytes) -> bytes:
    """Overwrite metadata in place (offsets stay true). Refuse what the pages' dictionaries still would do or carry."""
    bare = bytearray(pdf)
    for start, end, names in _objects(pdf):
        if names & _ACTING:
            raise Refused("active")
        if names & _CARRYING:
            raise Refused("attachments")
        if start and b"/Metadata" in names and b"/XML" in names:
            bare[start:end] = b" " * (end - start)
    for found in _PHOTO_METADATA.finditer(pdf):
        start, length = found.end(1), int.from_bytes(found[1], "big") - 2
        bare[start : start + length] = b"\0" * len(bare[start : start + length])
    return bytes(bare)


def _objects(pdf: bytes) -> Iterator[tuple[int, int, set[bytes]]]:
    """Every object's names, and where its stream starts (0: it has none) and ends."""
    table = int(pdf[pdf.rindex(b"startxref") + 9 :].split()[0])
    starts = sorted(int(entry) for entry in re.findall(rb"(\d{10}) \d{5} n", pdf[table:]))
    for start, end in zip(starts, [*starts[1:], table], strict=True):
        names: set[bytes] = set()
        stream = 0
        for token in _TOKENS.finditer(pdf, start, end):
            if token[0] in (b"stream\r\n", b"endobj"):
                stream = token.end() if token[0] != b"endobj" else 0
                break
            names.add(token[0])
        yield stream, pdf.rfind(b"endstream", stream, end), names


def _first_page(content: bytes) -> bytes:
    import pypdfium2

    page = pypdfium2.PdfDocument(content)[0]
    picture = page.render(scale=PAGE_PREVIEW_SIDE / max(page.get_size()), may_draw_forms=False).to_pil()
    return _webp(picture.convert("RGB"), PAGE_PREVIEW_SIDE)


if __name__ == "__main__":
    main()
