from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("casework", "0026_emergencies")]

    operations = [
        migrations.AlterField(
            model_name="case",
            name="joined_to",
            field=models.ForeignKey(
                "casework.case",
                db_index=False,
                null=True,
                on_delete=models.PROTECT,
                related_name="joined",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                fields=["side", "preparation", "-urgent", "changed_at", "id", "actual", "joined_to"],
                name="cases_on_the_desk",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(joined_to__isnull=False), fields=["joined_to"], name="cases_joined"
            ),
        ),
    ]
