"""What rests with its lane is found without reading all that waits."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("jobs", "0004_due")]

    operations = [
        migrations.AddIndex(
            "job",
            models.Index(
                fields=["lane", "state", "run_after"],
                condition=models.Q(last_code="lane_rests"),
                name="jobs_resting",
            ),
        ),
    ]
