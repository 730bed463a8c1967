"""One part, taken away once."""

from django.db import connection

from tests.outages.neighbours import ACTS, Answer, Neighbours, until_read
from tests.outages.stage import Stage


def take_away(
    there: Stage, neighbours: Neighbours, part: str, way: str, acts: tuple[str, ...] = ACTS
) -> tuple[list[Answer], list[str]]:
    """What people got meanwhile, and what was wrong once it was back."""
    if part == "nothing":
        answers = [neighbours.act(name) for name in acts]
    else:
        with there.without(part, way):
            answers = [neighbours.act(name) for name in acts]
    connection.close()  # our own may be to a server that is gone
    until_read(neighbours)
    left = neighbours.settle()
    wrong = [neighbours.lost(answer) for answer in answers]
    if part == "nothing":
        wrong += [f"{answer.act}: {answer.status}, though nothing is away" for answer in answers if not answer.promised]
    return answers, [*filter(None, wrong), *([f"still to do: {left}"] if left else [])]
