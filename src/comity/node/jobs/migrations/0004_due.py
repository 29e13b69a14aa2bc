"""What is due, and what is in flight, is found without reading all that waits."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("jobs", "0003_woken")]

    operations = [
        migrations.AddIndex("job", models.Index(fields=["state", "run_after"], name="jobs_due")),
        migrations.AddIndex(
            "job",
            models.Index(
                fields=["lane"], condition=models.Q(leased_until__isnull=False), name="jobs_in_flight"
            ),
        ),
    ]
