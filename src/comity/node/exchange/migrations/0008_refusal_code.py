"""A reason's code may be as long in the database as in a receipt (RECEIPT-1)."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("exchange", "0007_courier")]

    operations = [
        migrations.AlterField("letter", "refusal_code", models.CharField(blank=True, max_length=64)),
    ]
