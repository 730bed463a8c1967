"""An export holds everything of one association, from one moment, and none of what lets somebody in."""

import csv
import io
import json
import zipfile

import pytest
from django.db import connection
from django.db.models import TextField, Value
from django.db.models.functions import Cast, Concat

from controlplane.tenancy import bound, public, shape, snapshot, template
from controlplane.tenancy.binding import schema_name
from provisioning import archive
from provisioning.archive import contents
from tenants.calendar.models import Event as Gathering
from tenants.communities.models import Community
from tenants.feed.models import Attachment, Comment, Post
from tenants.members.models import Group, Household, Member, Seat
from tests.provisioning.archive.conftest import meanwhile
from tests.stored import default_storage


class Pipe(io.RawIOBase):
    """Somewhere one only writes to, such as a socket: no seek, no tell, no look back."""

    def __init__(self) -> None:
        self.kept = bytearray()
        self.largest = 0

    def writable(self) -> bool:
        return True

    def write(self, part: bytes) -> int:
        self.kept += part
        self.largest = max(self.largest, len(part))
        return len(part)


def names_in(file: io.BytesIO) -> list[str]:
    return zipfile.ZipFile(file).namelist()


def sheet(file: io.BytesIO, name: str) -> list[list[str]]:
    text = zipfile.ZipFile(file).read(f"csv/{name}.csv").decode()
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))


def test_every_table_is_exported_or_left_out_on_purpose(living):
    """A new table is in the archive without anybody thinking of it; leaving one out is said in one place."""
    tables = set(shape.tables(schema_name(living.uuid)))
    written = {name[5:-6] for name in names_in(living.archive()) if name.startswith("data/")}
    assert written | set(contents.LEFT_OUT) == tables
    assert not written & set(contents.LEFT_OUT)


def test_a_table_nobody_has_thought_of_is_exported(living):
    with connection.cursor() as cursor:
        name = schema_name(living.uuid)
        cursor.execute(f'CREATE TABLE "{name}".newcomer (id bigint PRIMARY KEY, word text)')
        cursor.execute(f'INSERT INTO "{name}".newcomer VALUES (2, $$b$$), (1, $$a$$)')
        cursor.execute(f'GRANT SELECT ON "{name}".newcomer TO "{name}"')
    lines = zipfile.ZipFile(living.archive()).read("data/newcomer.jsonl").splitlines()
    assert [json.loads(line) for line in lines] == [{"id": 1, "word": "a"}, {"id": 2, "word": "b"}]


def test_nothing_that_lets_somebody_in_is_exported(living):
    """Columns that look like a key are known here, or their table is left out."""
    known = {("members_invitation", "digest"), ("accounts_user", "password"), ("feed_attachment", "key")}
    known |= {("feed_attachment", "preview_key"), ("members_household", "postal_code")}
    known |= {("feed_receiving", "digested_at")}
    suspicious = ("secret", "token", "digest", "password", "key", "code", "seed", "credential")
    found = {
        (table.name, column.name)
        for table in contents.exported(shape.tables(schema_name(living.uuid))).values()
        for column in table.columns
        if any(word in column.name for word in suspicious)
    }
    assert found <= known


def test_it_streams_into_what_cannot_seek_and_the_manifest_comes_last(living):
    pipe = Pipe()
    manifest = archive.export(living.association, pipe)
    file = io.BytesIO(pipe.kept)
    assert names_in(file)[-1] == "manifest.json"
    assert archive.verify(file) == manifest
    assert manifest.association == living.uuid
    assert manifest.release == template.release_fingerprint()
    assert manifest.facts["name"] == "tokoji町内会"


def test_a_long_table_passes_through_in_small_parts(living):
    with bound(living.association):
        post, author = Post.objects.first(), living.member("plain")
        Comment.objects.bulk_create(Comment(post=post, author=author, body=f"{n}" * 400) for n in range(3000))
    pipe = Pipe()
    manifest = archive.export(living.association, pipe)
    assert manifest.entries["data/feed_comment.jsonl"].bytes > 1_000_000
    assert pipe.largest < 256 * 1024


def test_all_files_are_in_it(living):
    with bound(living.association):
        keys = set(Attachment.objects.values_list("key", flat=True))
        assert len(keys) == 2
    assert {name[6:] for name in names_in(living.archive()) if name.startswith("files/")} == keys


def test_a_file_the_object_store_has_lost_is_said(living):
    with bound(living.association):
        key = Attachment.objects.order_by("pk").first().key
        default_storage.delete(key)
    file = living.archive()
    assert archive.verify(file).missing == (key,)


def test_spreadsheets_are_for_people(living):
    with bound(living.association):
        Household.objects.filter(name="紙の家").update(name="=1+1", address="+81")
    file = living.archive()
    homes = sheet(file, "households")
    assert homes[0] == ["番号", "組", "世帯", "郵便番号", "住所", "届け方"]
    assert next(row for row in homes if row[5] == "紙")[2:5] == ["'=1+1", "", "'+81"]
    assert sheet(file, "seats")[1][:4] == ["会長", "代表者", "", "chairさん本人"]
    assert [row[1] for row in sheet(file, "members")[1:]] == ["chairさん本人", "deskさん本人", "plainさん本人"]
    assert sheet(file, "posts")[1][2:6] == ["清掃のお知らせ", "軍手は会所にあります。\n𠮷田橋まで", "全世帯", "会長"]
    assert sheet(file, "comments")[1][3] == "plainの返事"
    assert sheet(file, "events")[1][1] == "公園の清掃"
    assert sheet(file, "answers")[1][3:6] == ["plain家", "参加する", "2"]


def test_no_name_in_any_sheet_is_a_formula(living):
    """Whatever stands in a sheet by its name: a group, a community, a person, a home, a seat."""
    formula = "=HYPERLINK(1)"
    with bound(living.association):
        for model in (Group, Community, Member, Household):
            model.objects.update(name=Concat(Value(formula), Cast("pk", TextField())))
        Seat.objects.update(title=Concat(Value(formula), Cast("pk", TextField())), group=Group.objects.first())
        Gathering.objects.update(audience="community", community=Community.objects.first(), title=formula)
    file = living.archive()
    cells = [
        cell for name in names_in(file) if name.startswith("csv/") for row in sheet(file, name[4:-4]) for cell in row
    ]
    assert [cell for cell in cells if cell.startswith("=")] == []
    assert sum(cell.startswith(f"'{formula}") for cell in cells) > 10


def test_long_sheets_turn_their_pages(living, monkeypatch):
    monkeypatch.setattr("provisioning.archive.spreadsheets.PAGE", 2)
    assert [row[1] for row in sheet(living.archive(), "members")[1:]] == [
        "chairさん本人",
        "deskさん本人",
        "plainさん本人",
    ]


def test_nothing_of_another_association_is_in_it(living, settle):
    settle("hanayama")
    with zipfile.ZipFile(living.archive()) as whole:
        assert not any(b"hanayama" in whole.read(name) for name in whole.namelist())


def test_it_is_one_moment_while_somebody_writes(living, monkeypatch):
    """Each writer's household and member come together or not at all."""

    def write(_number):
        with bound(living.association):
            home = Household.objects.create(name="対")
            Member.objects.create(name="対", household=home)

    with meanwhile(write, write):
        files = [living.archive() for _n in range(8)]
    sizes = []
    for file in files:
        homes = zipfile.ZipFile(file).read("data/members_household.jsonl").decode()
        people = zipfile.ZipFile(file).read("data/members_member.jsonl").decode()
        assert homes.count('"対"') == people.count('"対"')
        assert len(sheet(file, "members")) - 1 == people.count("\n")
        sizes.append(homes.count("\n"))
    assert sizes[-1] > sizes[0]


def test_a_snapshot_only_reads_and_stands_alone(living):
    from django.db import InternalError, transaction
    from django.db.utils import OperationalError

    with pytest.raises((InternalError, OperationalError), match="read-only"), snapshot(living.association):
        Household.objects.create(name="x")
    with public(), pytest.raises(RuntimeError, match="durable"), snapshot(living.association):
        pass
    assert not transaction.get_connection().in_atomic_block


def test_the_cost_does_not_grow_with_the_fleet(living):
    """The one question to the catalog is answered by indexes, however many associations it describes."""
    with connection.cursor() as cursor:
        cursor.execute("SET enable_seqscan = off")
        cursor.execute("EXPLAIN " + shape._TABLES, [schema_name(living.uuid)])
        plan = "\n".join(row[0] for row in cursor.fetchall())
        cursor.execute("SET enable_seqscan = on")
    assert "Seq Scan" not in plan
    assert "pg_depend_reference_index" in plan
