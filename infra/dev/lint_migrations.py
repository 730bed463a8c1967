"""django-migration-linter over Kairan's own migrations: what would break the release before, which still runs.

A tool of development only, so it is called here and not installed as an app of the product.
"""

import django
from django.core.management import call_command


def main() -> None:
    django.setup()
    from django_migration_linter.management.commands.lintmigrations import Command

    # An app's first migration meets empty tables and no release before it.
    call_command(Command(), no_cache=True, sql_analyser="postgresql", ignore_initial_migrations=True)


if __name__ == "__main__":
    main()
