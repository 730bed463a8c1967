from pathlib import Path

from django.db import migrations, models

import tenants.feed.migrations

LAST = max(path.stem for path in Path(tenants.feed.migrations.__file__).parent.glob("0*.py"))


class Migration(migrations.Migration):
    """A column that comes empty and is then filled and required; and one that goes through text that needs quoting."""

    dependencies = [("feed", LAST)]  # noqa: RUF012

    operations = [  # noqa: RUF012
        migrations.AddField("post", "mood", models.CharField(max_length=20, null=True)),
        migrations.AlterField("post", "mood", models.CharField(max_length=20, default="50% 'calm'")),
        migrations.AddIndex("post", models.Index(fields=["mood"], name="post_mood")),
    ]
