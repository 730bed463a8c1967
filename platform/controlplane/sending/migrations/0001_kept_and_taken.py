from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Kept",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("browser", models.CharField(max_length=64)),
                ("path", models.CharField(max_length=500)),
                ("page", models.CharField(max_length=500)),
                ("form", models.CharField(max_length=40)),
                (
                    "why",
                    models.CharField(
                        choices=[("ended", "ENDED"), ("stale", "STALE"), ("again", "AGAIN")], max_length=8
                    ),
                ),
                ("sealed", models.TextField()),
                ("address", models.CharField(blank=True, max_length=64)),
                ("kept_at", models.DateTimeField()),
            ],
            options={
                "indexes": [models.Index(fields=["address", "kept_at"], name="kept_address")],
                "constraints": [models.UniqueConstraint(fields=("browser", "path"), name="kept_once_per_browser")],
            },
        ),
        migrations.CreateModel(
            name="Taken",
            fields=[
                ("digest", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("account", models.BigIntegerField(blank=True, null=True)),
                ("content", models.CharField(max_length=64)),
                ("place", models.CharField(blank=True, max_length=64)),
                ("sealed", models.TextField(blank=True)),
                ("taken_at", models.DateTimeField()),
            ],
            options={
                "indexes": [
                    models.Index(fields=["account"], name="taken_account"),
                    models.Index(fields=["taken_at"], name="taken_at"),
                ],
            },
        ),
    ]
