"""What signed-in members open on an ordinary evening."""

import random
from collections.abc import Sequence

from tests.load.client import Ask
from tests.load.stage import Place

# home, a post, the calendar, communities, the menu, a search, the API: parts in a hundred
EVENING = (42, 25, 15, 7, 3, 3, 5)


class Evening:
    """Chooses what somebody opens next."""

    def __init__(self, places: Sequence[Place], seed: int = 1) -> None:
        self.places, self.dice = places, random.Random(seed)

    def __call__(self) -> Ask:
        place = self.dice.choice(self.places)
        what = self.dice.choices(range(7), EVENING)[0]
        if what == 6:
            token = self.dice.choice(place.tokens)
            return Ask(place.host, "/api/v1/posts/", (("Authorization", f"Token {token}"),))
        post = self.dice.choice(place.posts)
        path = ("/", f"/posts/{post}/", "/calendar/", "/communities/", "/menu/", "/search/?q=清掃")[what]
        return page(place, path.replace("清掃", "%E6%B8%85%E6%8E%83"), self.dice.choice(place.cookies))


def page(place: Place, path: str, cookie: str) -> Ask:
    return Ask(place.host, path, (("Cookie", cookie), ("Accept-Language", "ja")))
