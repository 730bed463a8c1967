from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("outbox", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="message",
            name="unsubscribe",
            field=models.CharField(blank=True, db_default="", max_length=400),
        ),
    ]
