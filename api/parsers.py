"""Reading JSON bodies."""

import codecs
import json
from math import isfinite
from typing import IO, Any, Never

from django.conf import settings
from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

from controlplane.tenancy.middleware import LARGEST


class ShallowJSONParser(JSONParser):
    """JSON that is no deeper than anybody needs, and whose numbers are some: all else is refused, and no error of ours.

    Brackets by the thousand, 1e999999, which Python reads as infinity, or an id of a hundred digits get no further.
    """

    def parse(self, stream: IO[Any], media_type: str | None = None, parser_context: Any = None) -> Any:
        encoding = (parser_context or {}).get("encoding", settings.DEFAULT_CHARSET)
        try:
            text = codecs.getreader(encoding)(stream)
            return json.load(text, parse_float=_decimal, parse_int=_whole, parse_constant=_none_we_know)
        except RecursionError as error:
            raise ParseError(_("入れ子が深すぎます。")) from error
        except OverflowError as error:
            raise ParseError(_("大きすぎる数が入っています。")) from error
        except (ValueError, LookupError) as error:  # says in English, and in Python's words, where
            raise ParseError(_("JSONとして読めません。")) from error


def _decimal(digits: str) -> float:
    number = float(digits)
    if not isfinite(number):
        raise OverflowError(digits[:20])
    return number


def _whole(digits: str) -> int:
    if len(digits) > 20 or not -LARGEST <= int(digits) <= LARGEST:
        raise OverflowError(digits[:20])
    return int(digits)


def _none_we_know(name: str) -> Never:
    raise ValueError(name)  # NaN, Infinity: Python's own, not JSON's
