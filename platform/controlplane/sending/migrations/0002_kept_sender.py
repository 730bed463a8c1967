from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("sending", "0001_kept_and_taken")]

    operations = [
        migrations.AddField(
            model_name="kept",
            name="sender",
            field=models.CharField(blank=True, db_default="", max_length=64),
        ),
    ]
