from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("search", "0001_entry"),
    ]

    operations = [
        migrations.AlterField(
            model_name="entry",
            name="kind",
            field=models.SmallIntegerField(
                choices=[(1, "Post"), (2, "Document"), (3, "Event"), (4, "Community"), (5, "Record")]
            ),
        ),
    ]
