"""What stands on a page of a PDF and is not seen there: in white on white, under a picture or a bar, beside the paper.

Whoever reads the copy with other means would find it, and so would search. A text is unseen when the page looks the
same without it; it is taken out, and the page has to look the same afterwards.
"""

from collections.abc import Iterable
from ctypes import c_int, c_uint
from typing import Any

from tenants.feed.opening.bounds import Refused

LOOK = 1200  # pixels of a page's longer side
PALE, FAINT = 240, 24  # of 255: a colour nobody sees on white, an ink nobody sees at all
SEEN, OTHER = 24, 64  # a difference a person sees; one that no rounding explains
INSIDE = 40  # doubtful texts within drawings of a page that are looked at one by one


def take_unseen(pdf: Any) -> None:
    for number in range(len(pdf)):
        page = pdf[number]
        _look_through(page)
        page.close()


def _look_through(page: Any) -> None:
    from pypdfium2 import raw

    paper, everything = page.get_bbox(), list(page.get_objects())
    own = [each for each in everything if each.level == 0]
    beside = [each for each in own if not _meets(each, paper)]
    doubtful = [each for each in _doubtful(own) if each not in beside]
    within = [each for each in everything if each.level > 0 and _is_text(each) and _is_pale(each)]
    if not (beside or doubtful or within):
        return
    before = _picture(page)
    if any(_is_unseen(page, each, before) for each in within[:INSIDE]):
        raise Refused("unseen")  # a drawing may be shared: nothing can be taken out of it for one page
    gone = beside + _unseen(page, doubtful, before)
    if not gone:
        return
    for each in gone:
        page.remove_obj(each)
    if not raw.FPDFPage_GenerateContent(page) or _difference(_picture(page), before, OTHER):
        raise Refused("unseen")


def _meets(thing: Any, paper: tuple[float, float, float, float]) -> bool:
    import pypdfium2

    try:
        left, bottom, right, top = thing.get_bounds()
    except pypdfium2.PdfiumError:  # nothing that has a place
        return True
    return bool(left < paper[2] and right > paper[0] and bottom < paper[3] and top > paper[1])


def _doubtful(things: "list[Any]") -> "list[Any]":
    """Texts in a pale colour, and those something lies upon."""
    from pypdfium2 import raw

    found: list[Any] = []
    upon: list[tuple[float, ...]] = []
    for thing in reversed(things):
        if _is_text(thing):
            place = thing.get_bounds()
            if _is_pale(thing) or any(_holds(cover, place) for cover in upon):
                found.append(thing)
        elif thing.type in {raw.FPDF_PAGEOBJ_IMAGE, raw.FPDF_PAGEOBJ_PATH, raw.FPDF_PAGEOBJ_SHADING}:
            upon.append(thing.get_bounds())
    return found


def _is_text(thing: Any) -> bool:
    from pypdfium2 import raw

    return bool(thing.type == raw.FPDF_PAGEOBJ_TEXT)


def _is_pale(text: Any) -> bool:
    from pypdfium2 import raw

    red, green, blue, ink = c_uint(), c_uint(), c_uint(), c_uint()
    if not raw.FPDFPageObj_GetFillColor(text, red, green, blue, ink):
        return False
    return min(red.value, green.value, blue.value) >= PALE or ink.value <= FAINT


def _holds(cover: tuple[float, ...], place: tuple[float, ...]) -> bool:
    """Whether most of a text lies in what was drawn after it."""
    wide = min(cover[2], place[2]) - max(cover[0], place[0])
    high = min(cover[3], place[3]) - max(cover[1], place[1])
    return wide > 0.5 * (place[2] - place[0]) and high > 0.5 * (place[3] - place[1])


def _unseen(page: Any, texts: "list[Any]", before: Any) -> "list[Any]":
    """Those of several without which the page looks the same where they stand."""
    _show(texts, False)
    without = _picture(page)
    _show(texts, True)
    if not _difference(without, before, SEEN):
        return texts
    return [each for each in texts if not _difference(without, before, SEEN, _frame(page, each, before))]


def _is_unseen(page: Any, text: Any, before: Any) -> bool:
    _show([text], False)
    without = _picture(page)
    _show([text], True)
    return not _difference(without, before, SEEN)


def _show(things: Iterable[Any], shown: bool) -> None:
    from pypdfium2 import raw

    for each in things:
        raw.FPDFPageObj_SetIsActive(each, shown)


def _frame(page: Any, text: Any, picture: Any) -> tuple[int, int, int, int]:
    """Where a text stands in the picture."""
    from pypdfium2 import raw

    left, bottom, right, top = text.get_bounds()
    x, y = c_int(), c_int()
    corners = []
    for across, up in ((left, bottom), (right, top)):
        raw.FPDF_PageToDevice(page, 0, 0, picture.width, picture.height, 0, across, up, x, y)
        corners.append((x.value, y.value))
    (a, b), (c, d) = corners
    return min(a, c), min(b, d), max(a, c) + 1, max(b, d) + 1


def _picture(page: Any) -> Any:
    scale = LOOK / max(page.get_size())
    return page.render(scale=scale, may_draw_forms=False).to_pil().convert("RGB")


def _difference(one: Any, other: Any, least: int, frame: tuple[int, int, int, int] | None = None) -> bool:
    from PIL import ImageChops

    if frame:
        one, other = one.crop(frame), other.crop(frame)
    differing: Any = ImageChops.difference(one, other)
    return any(high > least for _low, high in differing.getextrema())
