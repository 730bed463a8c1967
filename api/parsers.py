"""Reading JSON bodies."""

from typing import IO, Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser


class ShallowJSONParser(JSONParser):
    """JSON that is no deeper than anybody needs: brackets by the thousand are a refusal, not an error of ours."""

    def parse(self, stream: IO[Any], media_type: str | None = None, parser_context: Any = None) -> Any:
        try:
            return super().parse(stream, media_type, parser_context)
        except RecursionError as error:
            raise ParseError(_("入れ子が深すぎます。")) from error
        except ParseError as error:  # says in English, and in Python's words, where
            raise ParseError(_("JSONとして読めません。")) from error
