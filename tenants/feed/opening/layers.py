"""What a PDF keeps from whoever opens it, taken out before its pages are copied: by the document's own word.

Layers that are switched off, notes that are marked hidden, text that is drawn without ink. The copy has no layers, and
would show them all. What is hidden by its colour or by what lies upon it, `tenants.feed.opening.unseen` looks for.
"""

import io
import re
from collections.abc import Iterator
from itertools import zip_longest
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Stream

from tenants.feed.opening.bounds import Refused

_HIDDEN = 0b100010  # PDF 32000-1, table 165: Hidden, NoView
_WITHOUT_INK = re.compile(rb"\b3\s+Tr\b")
_SHOWING = frozenset(("Tj", "TJ", "'", '"'))
_PAINTING = frozenset("S s f F f* B B* b b*".split())
_DRAWING = _SHOWING | _PAINTING | {"sh", "Do", "INLINE IMAGE"}  # the rest (fonts, colours, places) stays
# A path still has to end, and the next line to begin.
_INSTEAD = dict.fromkeys(_PAINTING, "n") | dict.fromkeys(("'", '"'), "T*")


def shown_only(pdf: bytes) -> bytes:
    """The same file without what it hides, and with what was filled in on its pages; as it was if it hides nothing."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        off = _switched_off(document)
        changed = [_take_hidden_notes(page.obj, off) for page in document.pages]
        changed.append(_draw_values(document))
        changed += [_take_unshown(document, drawing, off) for drawing in _drawings(document)]
        if not any(changed):
            return pdf
        file = io.BytesIO()
        document.save(file)
        return file.getvalue()


def _switched_off(document: "pikepdf.Pdf") -> "list[Any]":
    """The layers that are off when the file is opened to be looked at (8.11.4.3)."""
    said = document.Root.get("/OCProperties")
    if said is None:
        return []
    usual = said.get("/D", Dictionary())
    on, off = list(usual.get("/ON", ())), list(usual.get("/OFF", ()))
    if usual.get("/BaseState") == Name.OFF:
        off += [each for each in said.get("/OCGs", ()) if not _among(each, on)]
    viewing = [each for one in usual.get("/AS", ()) if one.get("/Event") == Name.View for each in one.get("/OCGs", ())]
    for each in viewing:
        state = each.get("/Usage", Dictionary()).get("/View", Dictionary()).get("/ViewState")
        if state == Name.OFF:
            off.append(each)
    return off


def _among(layer: Any, layers: "list[Any]") -> bool:
    return any(layer.objgen == each.objgen for each in layers if each.is_indirect)


def _is_off(layer: Any, off: "list[Any]") -> bool:
    if not isinstance(layer, Dictionary) or not off:
        return False
    if layer.get("/Type") != Name.OCMD:
        return _among(layer, off)
    told = layer.get("/OCGs", Array())
    members = list(told) if isinstance(told, Array) else [told]
    if "/VE" in layer:
        raise Refused("layers")  # a condition of its own: rather ask than show what should not be
    states = [not _among(each, off) for each in members if isinstance(each, Dictionary)]
    policy = str(layer.get("/P", Name.AnyOn))
    shown = {"/AllOn": all(states), "/AnyOff": not all(states), "/AllOff": not any(states)}.get(policy, any(states))
    return bool(states) and not shown


def _take_hidden_notes(page: Any, off: "list[Any]") -> bool:
    notes = [each for each in page.get("/Annots", ()) if isinstance(each, Dictionary)]
    shown = [each for each in notes if not int(each.get("/F", 0)) & _HIDDEN and not _is_off(each.get("/OC"), off)]
    if len(shown) == len(notes):
        return False
    page["/Annots"] = Array(shown)
    return True


def _drawings(document: "pikepdf.Pdf") -> "Iterator[Any]":
    """Each page and each drawing within pages, notes and patterns: whatever holds operators."""
    yield from (page.obj for page in document.pages)
    for each in document.objects:
        if isinstance(each, Stream) and (each.get("/Subtype") == Name.Form or each.get("/PatternType") == 1):
            yield each


def _take_unshown(document: "pikepdf.Pdf", drawing: Any, off: "list[Any]") -> bool:
    resources = _resources(drawing)
    layered = bool(off) and bool({"/Properties", "/XObject"} & set(resources.keys()))
    if not layered and not _WITHOUT_INK.search(_content(drawing)):
        return False
    operators = list(pikepdf.parse_content_stream(drawing))
    kept = list(_shown(operators, resources, off))
    if all(one is other for one, other in zip_longest(operators, kept)):
        return False
    content = pikepdf.unparse_content_stream(kept)
    if isinstance(drawing, Stream):
        drawing.write(content)
    else:
        drawing["/Contents"] = document.make_stream(content)
    return True


def _resources(drawing: Any) -> Any:
    """A page may have them from the pages above it."""
    while "/Resources" not in drawing and isinstance(drawing.get("/Parent"), Dictionary):
        drawing = drawing["/Parent"]
    return drawing.get("/Resources", Dictionary())


def _content(drawing: Any) -> bytes:
    if isinstance(drawing, Stream):
        return drawing.read_bytes()
    said = drawing.get("/Contents", Array())
    return b"\n".join(each.read_bytes() for each in (said if isinstance(said, Array) else [said]))


def _shown(operators: Any, resources: Any, off: "list[Any]") -> "Iterator[Any]":
    """What is drawn, and all that changes how: a layer that is off still moves and colours what follows it."""
    marks: list[bool] = []  # of what is open, whether it is a layer that is off
    kept: list[bool] = []
    inkless = False
    for operation in operators:
        given, operator = operation.operands, str(operation.operator)
        if operator in {"BDC", "BMC"}:
            layer = _named(resources, "/Properties", given[1]) if operator == "BDC" and given[0] == Name.OC else None
            marks.append(_is_off(layer, off))
        elif operator == "EMC" and marks:
            marks.pop()
        elif operator in {"q", "Q"}:
            inkless = _remember(kept, operator, inkless)
        elif operator == "Tr":
            inkless = int(given[0]) == 3
        hidden = (any(marks) and operator in _DRAWING) or (inkless and operator in _SHOWING)
        if operator == "Do" and _is_off(_named(resources, "/XObject", given[0]).get("/OC"), off):
            continue
        if not hidden:
            yield operation
        elif operator in _INSTEAD:
            yield pikepdf.ContentStreamInstruction([], pikepdf.Operator(_INSTEAD[operator]))


def _remember(kept: "list[bool]", operator: str, now: bool) -> bool:
    if operator == "q":
        kept.append(now)
    return kept.pop() if operator == "Q" and kept else now


def _named(resources: Any, kind: str, name: Any) -> Any:
    """A layer or a drawing by its name in the resources; what is none of ours says nothing."""
    return resources.get(kind, Dictionary()).get(str(name), Dictionary()) if isinstance(name, Name) else Dictionary()


def _draw_values(document: "pikepdf.Pdf") -> bool:
    """What was filled in, where a form leaves it to each program to draw it. Other letters than Latin need a font."""
    form = document.Root.get("/AcroForm")
    if form is None:
        return False
    written = [(field, value) for page in document.pages for field, value in _written(page.obj)]
    if all("/AP" in field for field, _value in written):
        return False
    if not all(value.isascii() for _field, value in written):
        raise Refused("form")
    form["/NeedAppearances"] = True
    document.generate_appearance_streams()
    return True


def _written(page: Any) -> "Iterator[tuple[Any, str]]":
    for field in page.get("/Annots", ()):
        if not isinstance(field, Dictionary) or field.get("/Subtype") != Name.Widget:
            continue
        value = _inherited(field, "/V")
        if _inherited(field, "/FT") in {Name.Tx, Name.Ch} and isinstance(value, (pikepdf.String, Array)) and str(value):
            yield field, str(value) if isinstance(value, pikepdf.String) else "".join(map(str, value))


def _inherited(field: Any, key: str) -> Any:
    for _ in range(20):
        if key in field or not isinstance(field.get("/Parent"), Dictionary):
            break
        field = field["/Parent"]
    return field.get(key)
