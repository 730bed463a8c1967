from typing import ClassVar

from django.db import migrations


class Migration(migrations.Migration):
    """Search compares letters in another way: once an association's schema has followed, its index is made anew."""

    dependencies: ClassVar = [("provisioning", "0007_indexed_at")]

    operations: ClassVar = [
        migrations.RunSQL("UPDATE provisioning_schemarelease SET indexed_at = NULL", migrations.RunSQL.noop)
    ]
