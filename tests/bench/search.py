"""Searching 100,000 posts of one association: what the statements of a search take inside PostgreSQL."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

from controlplane.associations.models import Association
from controlplane.tenancy import bound
from tenants.feed.models import Post
from tenants.feed.models.indexing import post_entry
from tenants.members.models import Member, Seat
from tenants.search.models import Entry, put
from tenants.search.question import Author, Question
from tenants.search.shelves import find
from tests.bench import measure

POSTS = 100_000
OLD = 90_000  # from here on they are old, and say so
WRITTEN = 2000  # so many are written, the others say the same again
EVERY = timedelta(minutes=45)  # between two posts: 100,000 of them are eight and a half years
TOPICS = """清掃活動 防災訓練 夏まつり 資源回収 総会 役員会 見守り隊 子供会 敬老会 運動会 餅つき大会 花壇の手入れ
防犯パトロール 公園の草刈り 集会所の利用 回覧板 町内会費 ゴミ出しのルール 交通安全 健康教室""".split()
PLACES = "中央公園 集会所 第一小学校 桃山神社 河川敷 コミュニティセンター 駅前広場 児童館".split()
LINES = """当日は動きやすい服装でお越しください 雨天の場合は翌週に延期します 参加される方は組長までお知らせください
軍手とタオルをご用意ください 終了後に飲み物を配ります 駐車場はありませんので徒歩か自転車でお願いします
ご家族でのご参加をお待ちしています 高齢の方は無理をなさらないでください 詳しくは添付の書類をご覧ください
ご不明な点は会長までお問い合わせください 前回は多くの方にご協力いただきありがとうございました
マスクの着用は各自の判断でお願いします 小学生以下は保護者と一緒に参加してください""".split()


def measured(association: Association) -> measure.Figures:
    """Milliseconds in the database for a page of results, all its statements together: the worst of the questions.

    `search_one_letter` stands apart: one letter is in every second text and says little.
    """
    with bound(association):
        people = list(Member.objects.select_related("household__group").order_by("pk"))
        seat = Seat.objects.create(title="会長", kind=Seat.Kind.REPRESENTATIVE)
        with _own_hands():
            fill(people, seat)
        reader = Member.objects.with_seats().get(pk=people[30].pk)
        each = figures(reader, people[7], seat)
    words = {name: ms for name, ms in each.items() if name != "search_one_letter"}
    return {**each, "search": max(words.values())}


def fill(people: list[Member], seat: Seat) -> None:
    """Posts as an association writes them, with the words the questions are about strewn in by a fixed chance."""
    chance, now = random.Random(2026), timezone.now()
    [index] = [index for index in Entry._meta.indexes if index.name == "entry_grams"]
    with connection.schema_editor() as editor:  # made at the end, as a dump is read in
        editor.remove_index(Entry, index)
    for start, end in ((0, OLD), (OLD, POSTS)):
        posts = [_post(n, now - n * EVERY, people, seat, chance) for n in range(start, start + WRITTEN)]
        Post.objects.bulk_create(posts)
        put(*map(post_entry, posts))
        _repeat(posts[0].pk, (end - start) // WRITTEN)
    with connection.schema_editor() as editor:
        editor.add_index(Entry, index)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE search_entry, feed_post")


@contextmanager
def _own_hands() -> Iterator[None]:
    """As who may define things, as an association's own role may not."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        [role] = cursor.fetchone()
        cursor.execute("SET LOCAL ROLE NONE")
        yield
        cursor.execute(f'SET LOCAL ROLE "{role}"')


def _repeat(first: int, times: int) -> None:
    """The same again and again before the posts from this one on, and their entries with them."""
    columns = [field.column for field in Post._meta.concrete_fields if field.column not in ("id", "publish_at")]
    names = ", ".join(f'"{name}"' for name in columns)
    step, back = f"n * {WRITTEN}", f"n * interval '{WRITTEN * EVERY.total_seconds()} s'"
    copies = f"generate_series(1, {times - 1}) n"
    with connection.cursor() as cursor:
        cursor.execute(
            f"""INSERT INTO feed_post (id, publish_at, {names}) OVERRIDING SYSTEM VALUE
                SELECT id + {step}, publish_at - {back}, {names} FROM feed_post, {copies} WHERE id >= %s""",
            [first],
        )
        cursor.execute(
            f"""INSERT INTO search_entry (kind, object_id, at, text, grams)
                SELECT kind, object_id + {step}, at - {back}, text, grams FROM search_entry, {copies}
                WHERE object_id >= %s""",
            [first],
        )
        cursor.execute("SELECT setval(pg_get_serial_sequence('feed_post', 'id'), max(id)) FROM feed_post")


def _post(n: int, at: datetime, people: list[Member], seat: Seat, chance: random.Random) -> Post:
    topic, place = chance.choice(TOPICS), chance.choice(PLACES)
    group = chance.choice([None, None, None, people[0].household.group])
    lines = chance.sample(LINES, 7)
    if n % 1000 == 321 and n < OLD:
        lines.append("迷い猫を保護しました")
    if n >= OLD:
        lines.append("令和元年の記念行事です")
    secret = n % 5 == 3
    if secret:
        lines.append("会計監査の資料です")
    return Post(
        kind=chance.choice(["notice", "notice", "notice", "report", "circular", "urgent"]),
        title=f"{topic}のお知らせ（{at:%-m月%-d日}）",
        body=f"{place}で{topic}を行います。\n{'。'.join(lines)}。\n受付番号 {n}",
        author=people[n % 40],
        as_seat=seat if n % 7 == 0 else None,
        audience="officers" if secret else "group" if group else "everyone",
        group=None if secret else group,
        publish_at=at,
    )


def questions(person: Member, seat: Seat) -> dict[str, Question]:
    now, ask = timezone.now(), Question.asking
    last_year = {"since": now - timedelta(days=730), "until": now - timedelta(days=365)}
    return {
        "rare": ask("迷い猫"),
        "rare_two": ask("猫を"),
        "common": ask("お知らせ"),
        "common_two": ask("清掃"),
        "none": ask("潜水艦"),
        "several": ask("清掃 集会所 タオル"),
        "never_together": ask("餅つき 花壇"),
        "long_ago": ask("令和元年"),
        "last_year": ask("清掃", **last_year),
        "kind": ask("防災", what="urgent"),
        "seat": ask("総会", author=Author("seat", seat.pk)),
        "person": ask("まつり", author=Author("member", person.pk)),
        "unseen": ask("会計監査"),
        "unseen_several": ask("会計監査 清掃"),
        "one_letter": ask("猫"),
        "no_words": ask("", what="report", **last_year),
    }


def figures(reader: Member, person: Member, seat: Seat) -> measure.Figures:
    """Milliseconds in the database for a page of results, all statements of it together."""
    asked = questions(person, seat).items()
    return {f"search_{name}": measure.database_ms(_sent(lambda q=q: find(reader, q))) for name, q in asked}


def _sent(request: Callable[[], object]) -> list[tuple[str, Any]]:
    return measure.statements(request)
