"""What a document says, for search."""

import re
import time
import traceback
from typing import Any

MAX_TEXT = 200_000  # bytes
MAX_SECONDS = 2  # of CPU so far: beyond them no further page is read for its words


_JAPANESE = "[々〇ぁ-ゖァ-ヺー一-鿿㐀-䶿\uf900-\ufaff\U00020000-\U0003ffff]"
# A word goes on over the end of a line, and お　知　ら　せ is one: spaced letters are, from three on.
_TORN = re.compile(f"(?<={_JAPANESE})[ \u3000\\t]*\\r?\\n[ \u3000\\t]*(?={_JAPANESE})")
_SPACED = re.compile(f"(?<!{_JAPANESE}){_JAPANESE}(?:[ \u3000]+{_JAPANESE}){{2,}}(?!{_JAPANESE})")


def words(pdf: Any) -> str:
    """The pages' words in their order, as many as may be kept; a page that cannot be read says nothing."""
    said, left = [], MAX_TEXT
    for page in pdf:
        if left <= 0 or time.process_time() > MAX_SECONDS:
            break
        try:
            text = page.get_textpage().get_text_bounded()
        except Exception:  # the pages are good to look at, and that is what was asked for
            traceback.print_exc()
            continue
        storable = text.replace("\0", "").encode(errors="ignore")[:left]
        said.append(storable.decode(errors="ignore"))
        left -= len(storable)
    return "\n".join(map(joined, said))


def joined(text: str) -> str:
    """Japanese words whole again, as somebody would look for them."""
    together = _SPACED.sub(lambda found: re.sub("[ \u3000]+", "", found[0]), text)
    return _TORN.sub("", together)
