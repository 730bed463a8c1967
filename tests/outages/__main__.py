"""Take each part away in three ways, do each thing meanwhile, give it back, and count what is lost.

Prints a table: for each part (Valkey is broker and cache) and way (stopped, refused: thrown out at the door, hung:
frozen) how long each answer took and its status (`---`: none in 12 s), then what was lost. "Not answered, but done" is
what somebody may send again. Time is put forward for what waits to be tried again. Ends with 1 when anything is lost.
"""

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

from tests.outages.stage import PARTS, WAYS, Stage, stage


def main() -> None:
    options = _options()
    with tempfile.TemporaryDirectory(prefix="kairan-") as folder, stage(Path(folder)) as there:
        lost = _run(there, options)
    sys.exit(1 if lost else 0)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.outages", description=__doc__)
    parser.add_argument("--part", choices=PARTS, action="append", help="only this one; may be repeated")
    parser.add_argument("--way", choices=WAYS, action="append", help="only this way; may be repeated")
    return parser.parse_args()


def _run(there: Stage, options: argparse.Namespace) -> list[str]:
    there.start()
    os.environ.update(there.env)
    import django

    django.setup()
    from tests.outages.neighbours import ACTS, Neighbours
    from tests.outages.round import take_away

    neighbours, lost = Neighbours(there), []
    there.open()
    began = time.monotonic()
    print(f"{'':18}" + "".join(f"{act:>11}" for act in ACTS) + "  lost", flush=True)
    for part in ("nothing", *(options.part or PARTS)):
        for way in ("",) if part == "nothing" else options.way or WAYS:
            answers, wrong = take_away(there, neighbours, part, way)
            cells = "".join(f"{answer!s:>11}" for answer in answers)
            print(f"{f'{part} {way}':18}{cells}  {'; '.join(wrong) or 'nothing'}", flush=True)
            lost += [each for each in wrong if not each.endswith("but done")]
    print(f"\n{time.monotonic() - began:.0f} s; {len(lost)} lost", flush=True)
    return lost


if __name__ == "__main__":
    main()
