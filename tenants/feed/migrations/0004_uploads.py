import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("feed", "0003_talk_and_news"),
        ("members", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="attachment",
            name="preview_size",
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.CreateModel(
            name="Upload",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(blank=True, max_length=255)),
                ("length", models.PositiveIntegerField()),
                ("received", models.PositiveIntegerField(default=0)),
                ("pieces", models.JSONField(default=list)),
                ("key", models.CharField(max_length=80)),
                ("expires_at", models.DateTimeField()),
                (
                    "attachment",
                    models.OneToOneField(
                        blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, to="feed.attachment"
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="uploads", to="members.member"
                    ),
                ),
            ],
        ),
    ]
