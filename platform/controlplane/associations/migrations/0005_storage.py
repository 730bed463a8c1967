from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("associations", "0004_support_access"),
    ]

    operations = [
        migrations.AlterField(
            model_name="grant",
            name="feature",
            field=models.CharField(
                choices=[
                    ("delivery_ledger", "どの世帯に届いたか"),
                    ("surveys", "アンケート"),
                    ("folders", "書類"),
                    ("talk", "話"),
                    ("safety_check", "安否確認"),
                    ("hall_booking", "集会所の予約"),
                    ("assembly_pack", "総会の書面議決"),
                    ("member_associations", "加盟する自治会へのお知らせ"),
                    ("document_desk", "提出物の受付"),
                    ("storage_20", "写真と書類の置き場 20 GB"),
                    ("storage_100", "写真と書類の置き場 100 GB"),
                ],
                max_length=30,
            ),
        ),
    ]
