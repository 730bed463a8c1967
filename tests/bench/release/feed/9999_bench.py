from pathlib import Path
from typing import ClassVar

from django.db import migrations, models

import tenants.feed.migrations

LAST = max(path.stem for path in Path(tenants.feed.migrations.__file__).parent.glob("0*.py"))


class Migration(migrations.Migration):
    dependencies: ClassVar = [("feed", LAST)]

    operations: ClassVar = [
        migrations.AddField("post", "bench_code", models.CharField(max_length=20, null=True)),
        migrations.AddIndex("post", models.Index(fields=["bench_code"], name="post_bench")),
    ]
