from typing import ClassVar

import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    """Nobody who is there already is known to search; whoever comes begins with nothing to know."""

    dependencies: ClassVar = [("provisioning", "0006_rollouts")]

    operations: ClassVar = [
        migrations.AddField("schemarelease", "indexed_at", models.DateTimeField(blank=True, null=True)),
        migrations.AlterField(
            "schemarelease",
            "indexed_at",
            models.DateTimeField(blank=True, default=django.utils.timezone.now, null=True),
        ),
    ]
