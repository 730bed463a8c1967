from typing import ClassVar

from django.db import migrations


class Migration(migrations.Migration):
    """Entries whose letters are compared in another way from now on: indexing makes them anew, without anybody waiting."""

    dependencies: ClassVar = [("search", "0002_records")]

    operations: ClassVar = [migrations.RunSQL("DELETE FROM search_entry", migrations.RunSQL.noop)]
