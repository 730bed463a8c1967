"""Documents: the pages of a PDF and nothing else, with a picture of the first one."""

import io
from ctypes import create_string_buffer
from typing import Any

from tenants.feed.opening.bare import PLAIN_ADDRESS, bare
from tenants.feed.opening.bounds import Refused
from tenants.feed.opening.layers import shown_only
from tenants.feed.opening.photos import webp
from tenants.feed.opening.unseen import take_unseen
from tenants.feed.opening.words import words

MAX_PAGES = 200
PAGE_PREVIEW_SIDE = 1000


def document(data: bytes) -> tuple[dict[str, Any], bytes, bytes]:
    """The pages of a PDF and nothing else: no title, author, script, form, attachment, layer or outline comes along."""
    import pypdfium2

    _refuse(_opened(data))
    source = _opened(shown_only(data))
    for number in range(len(source)):
        _flatten(source, number)
    take_unseen(source)
    copy, file = pypdfium2.PdfDocument.new(), io.BytesIO()
    copy.import_pages(source)
    copy.save(file)
    content = bare(file.getvalue())
    facts = {"kind": "document", "content_type": "application/pdf", "pages": len(copy), "text": words(copy)}
    return facts, content, _first_page(content)


def _opened(data: bytes) -> Any:
    import pypdfium2

    try:
        return pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        raise Refused("encrypted" if "password" in str(error).lower() else "damaged") from None


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
        return bool(PLAIN_ADDRESS.match(address.value))
    return bool(link) and kind == raw.PDFACTION_GOTO


def _first_page(content: bytes) -> bytes:
    import pypdfium2

    page = pypdfium2.PdfDocument(content)[0]
    picture = page.render(scale=PAGE_PREVIEW_SIDE / max(page.get_size()), may_draw_forms=False).to_pil()
    return webp(picture.convert("RGB"), PAGE_PREVIEW_SIDE)
