"""`manage.py association`: nothing without naming one, one line when it is refused, never half done."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from controlplane.tenancy import bound, public
from provisioning.models import Archive
from tenants.members.models import Household, Seat
from tests.provisioning.archive.conftest import data_of, everything, rows_of


def run(*arguments: object) -> str:
    out = StringIO()
    call_command("association", *map(str, arguments), stdout=out, stderr=out)
    return out.getvalue()


@pytest.mark.parametrize("act", [[], ["export"], ["verify"], ["import"], ["restore"], ["restore", "tokoji"]])
def test_without_an_association_it_refuses(living, act):
    before = everything()
    with pytest.raises(CommandError):
        run(*act)
    assert everything() == before


def test_out_and_in_and_back(living, tmp_path):
    file = tmp_path / "tokoji.zip"
    assert "tokoji町内会" in run("export", "tokoji", file)
    assert "Whole: tokoji町内会" in run("verify", file)
    assert "http://newcomer.kairan.localhost" in run("import", file, "--slug", "newcomer", "--city", "kyoto")
    with bound(living.association):
        Household.objects.create(name="あとから来た家")
    changed = living.archive()
    told = run("restore", "tokoji", file)
    with bound(living.association):
        assert not Household.objects.filter(name="あとから来た家").exists()
    with public():
        kept = Archive.objects.get(association=living.uuid, kind="safety")
    assert f"--kept {kept.pk}" in told
    run("restore", "tokoji", "--kept", kept.pk)
    assert data_of(living.archive()) == data_of(changed)


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["export", "nobody", "{tmp}/x.zip"], "no association 'nobody'"),
        (["export", "tokoji", "{tmp}/there.zip"], "exists already"),
        (["export", "tokoji", "{tmp}/no/folder.zip"], "No such file"),
        (["verify", "{tmp}/there.zip"], "Refused"),
        (["verify", "{tmp}/missing.zip"], "No such file"),
        (["import", "{tmp}/there.zip", "--slug", "newcomer", "--city", "kyoto"], "Refused"),
        (["import", "{tmp}/there.zip", "--slug", "newcomer", "--city", "atlantis"], "no city"),
        (["restore", "tokoji", "{tmp}/there.zip"], "Refused"),
        (["restore", "tokoji", "--kept", "0"], "no kept archive"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(living, tmp_path, arguments, reason):
    (tmp_path / "there.zip").write_bytes(b"not a zip")
    before, rows = everything(), rows_of(living.uuid)
    with pytest.raises(CommandError, match=reason):
        run(*(argument.format(tmp=tmp_path) for argument in arguments))
    assert (everything(), rows_of(living.uuid)) == (before, rows)
    assert [path.name for path in tmp_path.iterdir()] == ["there.zip"]


def test_a_slug_in_use_is_said(living, tmp_path):
    run("export", "tokoji", tmp_path / "x.zip")
    with pytest.raises(CommandError, match="もう使われています"):
        run("import", tmp_path / "x.zip", "--slug", "tokoji", "--city", "kyoto")


def test_a_seat_that_stays_empty_is_said(living, tmp_path):
    run("export", "tokoji", tmp_path / "x.zip")
    with bound(living.association):
        chair = living.member("chair")
        Seat.objects.get(title="会長").hand_over(living.member("desk"), by=chair)
        living.member("chair").erase(by=living.member("desk"))
    assert "Nobody holds the representative's seat" in run("restore", "tokoji", tmp_path / "x.zip")
