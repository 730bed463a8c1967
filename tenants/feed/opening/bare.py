"""A PDF laid bare, object by object: refused if it would act or carry a file, and left without what it tells of people.

What a camera wrote into a picture inside it goes too, whichever filters the picture lies in.
"""

import io
import re
from collections.abc import Iterator
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Stream

from tenants.feed.opening.bounds import Refused
from tenants.feed.opening.cameras import bare_jpeg, bare_jpeg_2000, blanked

PLAIN_ADDRESS = re.compile(rb"(?:https?|mailto|tel):|[^:]*$", re.IGNORECASE)
_ACTING = frozenset("/JavaScript /JS /Launch /GoToE /SubmitForm /ImportData /Rendition /RichMedia /Movie".split())
_CARRYING = frozenset("/EmbeddedFile /EmbeddedFiles /Filespec /EF".split())
_TELLING = "/Metadata /PieceInfo /LastModified /Thumb /AF /AA /OPI".split()
_OF_A_PAGE = frozenset(
    "/Type /Parent /Resources /Contents /Annots /Group /Rotate /UserUnit"
    " /MediaBox /CropBox /BleedBox /TrimBox /ArtBox".split()
)
_OF_A_LINK = frozenset("/Type /Subtype /Rect /Border /QuadPoints /Dest /A".split())
_OF_AN_ACTION = frozenset("/Type /S /URI /D".split())


def bare(pdf: bytes) -> bytes:
    file = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as document:
        objects = list(document.objects)
        for dictionary in _dictionaries(objects):
            _judge(dictionary)
        for page in document.pages:
            _keep_only(page.obj, _OF_A_PAGE)
            _keep_plain_links(page.obj)
        _keep_only(document.Root, frozenset({"/Type", "/Pages"}))
        _keep_only(document.trailer, frozenset({"/Root", "/Size"}))
        for stream in objects:
            if isinstance(stream, Stream):
                _strip(stream)
        document.save(file, object_stream_mode=pikepdf.ObjectStreamMode.disable, deterministic_id=True)
    return file.getvalue()


def _dictionaries(things: "list[Any]") -> Iterator[Any]:
    """Every dictionary, those inside others and those of streams too; what is referred to is a thing of its own."""
    waiting = list(things)
    while waiting:
        each = waiting.pop()
        if isinstance(each, (Dictionary, Stream)):
            inside = [value for _key, value in each.items()]
        else:
            inside = list(each) if isinstance(each, Array) else []
        waiting += [value for value in inside if isinstance(value, (Dictionary, Array)) and not value.is_indirect]
        if isinstance(each, (Dictionary, Stream)):
            yield each


def _judge(dictionary: Any) -> None:
    keys = set(dictionary.keys())
    names = keys | {str(dictionary[key]) for key in ("/S", "/Type", "/Subtype") if key in keys}
    if names & _ACTING:
        raise Refused("active")
    if names & _CARRYING:
        raise Refused("attachments")
    for key in keys.intersection(_TELLING):
        del dictionary[key]


def _keep_only(dictionary: Any, wanted: frozenset[str]) -> None:
    for key in set(dictionary.keys()) - wanted:
        del dictionary[key]


def _keep_plain_links(page: Any) -> None:
    """Of what lies upon a page, the links a browser may follow, and of these only where they lead."""
    plain = [each for each in page.get("/Annots", ()) if _is_plain_link(each)]
    for link in plain:
        _keep_only(link, _OF_A_LINK)
        if "/A" in link:
            _keep_only(link["/A"], _OF_AN_ACTION)
    if "/Annots" in page:
        page["/Annots"] = Array(plain)


def _is_plain_link(annotation: Any) -> bool:
    if not isinstance(annotation, Dictionary) or annotation.get("/Subtype") != Name.Link:
        return False
    action = annotation.get("/A")
    if action is None or action.get("/S") == Name.GoTo:
        return True
    return bool(action.get("/S") == Name.URI and PLAIN_ADDRESS.match(bytes(action["/URI"])))


_PICTURES = {"/DCTDecode": bare_jpeg, "/DCT": bare_jpeg, "/JPXDecode": bare_jpeg_2000}


def _strip(stream: Any) -> None:
    """Take out what a camera wrote. Other filters may lie around a picture's own, which is always the last."""
    said = stream.get("/Filter", Array())
    filters = list(said) if isinstance(said, Array) else [said]
    if any(str(name) in _PICTURES for name in filters[:-1]):
        raise Refused("damaged")
    if filters and str(filters[-1]) in _PICTURES:
        _strip_picture(stream, filters)
    elif stream.get("/Subtype") != Name.Image:
        _strip_drawing(stream)


def _strip_picture(stream: Any, filters: "list[Any]") -> None:
    last = filters.pop()
    parameters = stream.get("/DecodeParms")
    kept = parameters[len(parameters) - 1] if isinstance(parameters, Array) and len(parameters) else parameters
    stream["/Filter"] = Array(filters)
    if isinstance(parameters, Array):
        stream["/DecodeParms"] = Array(list(parameters)[:-1])
    elif parameters is not None:
        del stream["/DecodeParms"]
    picture = stream.read_bytes() if filters else stream.read_raw_bytes()
    stream.write(_PICTURES[str(last)](picture), filter=last, decode_parms=kept)


def _strip_drawing(stream: Any) -> None:
    """Small pictures may be written into the drawing of a page itself: blank what a camera noted, in its place."""
    try:
        content = stream.read_bytes()
    except pikepdf.PdfError:  # a filter of its own, or broken: nothing that could be shown
        return
    blank = blanked(content) if b"/DCT" in content else content
    if blank != content:
        stream.write(blank)
