"""django-migration-linter over every migration that meets a release before it, which still runs meanwhile.

Each is looked at on its own side: as `public` meets it, or as an association's schema does, for which Django would
otherwise make no SQL at all. A migration that takes away what the release before has stopped using says so:
`contract = "why"` on its class.
"""

import sys
from collections.abc import Collection
from typing import TYPE_CHECKING, Any

import django
from django.conf import settings
from django.db import connection

from infra.dev.uniqueness import harmless

if TYPE_CHECKING:
    from django_migration_linter import MigrationLinter

MUST_GO_BACK = ("RUNPYTHON_REVERSIBLE", "RUNSQL_REVERSIBLE")  # or say with RunPython.noop that there is no way back
SMALL_TABLES = ("CREATE_INDEX", "CREATE_INDEX_EXCLUSIVE", "DROP_INDEX")  # an association's lock nobody for long


def main() -> int:
    django.setup()
    linter = lint()
    linter.print_summary()
    return int(linter.has_errors)


def lint(apps: Collection[str] | None = None) -> "MigrationLinter":
    """Look at all migrations, or those of some apps, and print what is found."""
    from django_migration_linter import MigrationLinter

    class Linter(MigrationLinter):
        def should_ignore_migration(self, app_label: str, migration_name: str, *args: Any, **options: Any) -> bool:
            """An app's first migration meets empty tables and no release before it."""
            migration = self.migration_loader.disk_migrations[app_label, migration_name]
            unwanted: bool = super().should_ignore_migration(app_label, migration_name, *args, **options)
            return unwanted or bool(getattr(migration, "contract", ""))

        def get_sql(self, app_label: str, migration_name: str) -> list[str]:
            wrapper: Any = connection  # django-tenants' router reads its schema_name
            key = (app_label, migration_name)
            before = self.migration_loader.project_state(key, at_end=False)
            loose = harmless(self.migration_loader.disk_migrations[key], before)
            wrapper.set_schema(_side(app_label))
            try:
                statements: list[str] = super().get_sql(app_label, migration_name)
                return [each for each in statements if not any(f'"{name}"' in each for name in loose)]
            finally:
                wrapper.set_schema_to_public()

    linter = Linter(
        include_apps=apps,
        no_cache=True,
        analyser_string="postgresql",
        ignore_initial_migrations=True,
        warnings_as_errors_tests=MUST_GO_BACK,
        exclude_migration_tests=SMALL_TABLES,
    )
    linter.lint_all_migrations()
    return linter


def _side(app_label: str) -> str:
    """A schema on which the app has its tables: `public`, or any other name for those that only associations have."""
    from django.apps import apps

    return "public" if apps.get_app_config(app_label).name in settings.SHARED_APPS else "an_association"


if __name__ == "__main__":
    sys.exit(main())
