"""What wakes a job while it is claimed is not lost."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("jobs", "0002_lane")]

    operations = [
        migrations.AddField("job", "woken", models.BooleanField(default=False, db_default=False)),
    ]
