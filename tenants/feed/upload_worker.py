"""Opens one uploaded file in a process of its own and writes a clean copy. Run by path; imports no Django.

`argv[1]` says what the file is by its first bytes, stdin is the file; stdout: one line of JSON, the copy, its preview.
"""

import json
import sys
import traceback
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).resolve().parents[2]))  # isolated (-I), Python looks nowhere but at its own

from tenants.feed.opening.bounds import MAX_OUTPUT, Refused, limit


def main() -> None:
    limit()
    kind = sys.argv[1]
    data = sys.stdin.buffer.read()
    try:
        facts, content, preview = _open(data, kind)
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


def _open(data: bytes, kind: str) -> tuple[dict[str, Any], bytes, bytes]:
    """Facts about the copy (a new one is a new key), the copy, a small picture of it."""
    if kind == "PDF":
        from tenants.feed.opening.documents import document

        return document(data)
    from tenants.feed.opening.photos import photo

    return photo(data, kind)


def answer(header: dict[str, Any], content: bytes = b"", preview: bytes = b"") -> None:
    if len(content) + len(preview) > MAX_OUTPUT:
        header, content, preview = {"refused": "heavy"}, b"", b""
    sys.stdout.buffer.write(json.dumps(header).encode() + b"\n" + content + preview)


if __name__ == "__main__":
    main()
