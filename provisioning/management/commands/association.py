"""`manage.py association export | verify | import | restore`: one association as a file, and back."""

from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile, TemporaryFile
from typing import IO, Any

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError
from django.db import DataError, IntegrityError, InterfaceError, OperationalError

from controlplane.associations.models import Association
from controlplane.cities.models import City
from controlplane.tenancy import bound, public
from controlplane.tenancy.commands import SteppingCommand
from provisioning import archive
from provisioning.models import Archive
from tenants.members.models import Member

BY = "運営事務局"


class Command(SteppingCommand):
    help = "Write an association into an archive, check one, make a new association of one, or bring one back to it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True)
        export = acts.add_parser("export", help="write the association's archive; an existing file is kept")
        export.add_argument("slug")
        export.add_argument("file", type=Path)
        verify = acts.add_parser("verify", help="check an archive from end to end")
        verify.add_argument("file", type=Path)
        import_ = acts.add_parser("import", help="make a new association of an archive")
        import_.add_argument("file", type=Path)
        import_.add_argument("--slug", required=True)
        import_.add_argument("--city", required=True, help="the city's slug")
        restore = acts.add_parser("restore", help="bring an association back to an archive of its own")
        restore.add_argument("slug")
        source = restore.add_mutually_exclusive_group(required=True)
        source.add_argument("file", type=Path, nargs="?")
        source.add_argument("--kept", type=int, help="an archive in the object store, by the number a restore printed")

    def handle(self, *args: Any, act: str, **options: Any) -> None:
        acts = {"export": self._export, "verify": self._verify, "import": self._import, "restore": self._restore}
        with _told():
            acts[act](options)

    def _export(self, options: dict[str, Any]) -> None:
        association, path = _association(options["slug"]), options["file"]
        with _new(path) as file:
            manifest = archive.export(association, file)
        self.stdout.write(f"{association.name}: {manifest.rows} rows, {len(manifest.entries)} entries -> {path}")
        if manifest.missing:
            self.stderr.write(f"Not in the object store any more: {', '.join(manifest.missing)}")

    def _verify(self, options: dict[str, Any]) -> None:
        with options["file"].open("rb") as file:
            manifest = archive.verify(file)
        name, rows = manifest.facts["name"], manifest.rows
        self.stdout.write(
            f"Whole: {name}, {manifest.created_at:%F %T %Z}, {rows} rows, {len(manifest.entries)} entries."
        )

    def _import(self, options: dict[str, Any]) -> None:
        with public():
            city = City.objects.filter(slug=options["city"]).first()
        if city is None:
            raise CommandError(f"There is no city {options['city']!r}.")
        with options["file"].open("rb") as file:
            association = archive.take_in(file, slug=options["slug"], city=city, by=BY)
        with public():
            self.stdout.write(f"{association.name} is live: {association.url()}")
        self._warn_of_vacancy(association)

    def _restore(self, options: dict[str, Any]) -> None:
        association = _association(options["slug"])
        with _source(association, options) as file:
            former = archive.restore(association, file, by=BY)
        self.stdout.write(f"{association.name} is restored; everybody signs in anew.")
        self.stdout.write(
            f"What was there before is kept until {former.expires_at:%F}; to go back to it: "
            f"manage.py association restore {association.slug} --kept {former.pk}"
        )
        self._warn_of_vacancy(association)

    def _warn_of_vacancy(self, association: Association) -> None:
        """The representative of then may have been erased since."""
        with bound(association):
            vacant = not any(member.is_representative for member in Member.objects.officers())
        if vacant:
            self.stderr.write("Nobody holds the representative's seat now; hand it over in operations.")


def _association(slug: str) -> Association:
    with public():
        association = Association.objects.select_related("city").filter(slug=slug).first()
    if association is None:
        raise CommandError(f"There is no association {slug!r}.")
    return association


@contextmanager
def _new(path: Path) -> Iterator[IO[bytes]]:
    """A file that bears its name only once it is whole, and never replaces another."""
    if path.exists():
        raise CommandError(f"{path} exists already.")
    with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as draft:
        try:
            yield draft
            draft.flush()
            Path(draft.name).rename(path)
        except BaseException:
            Path(draft.name).unlink()
            raise


@contextmanager
def _source(association: Association, options: dict[str, Any]) -> Iterator[IO[bytes]]:
    if options["kept"] is None:
        with options["file"].open("rb") as file:
            yield file
        return
    with public():
        ready = Archive.objects.filter(association=association, state=Archive.State.READY)
        kept = ready.select_related("association").filter(pk=options["kept"]).first()
    if kept is None:
        raise CommandError(f"{association.name} has no kept archive {options['kept']}.")
    with TemporaryFile() as copy:
        kept.fetch(copy)
        yield copy


@contextmanager
def _told() -> Iterator[None]:
    """What went wrong, in one line; nothing of it was half done, and it can be run again."""
    try:
        yield
    except archive.BadArchive as error:
        raise CommandError(f"Refused: {error}") from error
    except ValidationError as error:
        raise CommandError(" ".join(error.messages)) from error
    except (IntegrityError, DataError) as error:
        raise CommandError(f"Refused: the archive contradicts itself: {error}") from error
    except (OperationalError, InterfaceError, OSError) as error:
        raise CommandError(f"Not done: {error}. Run it again.") from error
