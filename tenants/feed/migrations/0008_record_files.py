import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("communities", "0003_moderators_and_records"),
        ("feed", "0007_shared_documents"),
    ]

    operations = [
        migrations.AddField(
            model_name="attachment",
            name="record",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="attachments",
                to="communities.handoverrecord",
            ),
        ),
        migrations.AddIndex(
            model_name="attachment",
            index=models.Index(
                condition=models.Q(("record__isnull", False)), fields=["record"], name="attachment_record"
            ),
        ),
    ]
