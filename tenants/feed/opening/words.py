"""What a document says, for search."""

import time
import traceback
from typing import Any

MAX_TEXT = 200_000  # bytes
MAX_SECONDS = 2  # of CPU so far: beyond them no further page is read for its words


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
    return "\n".join(said)
