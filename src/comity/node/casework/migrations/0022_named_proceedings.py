from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("casework", "0021_oral_requests")]

    operations = [
        migrations.AddField(
            model_name="use",
            name="proceedings",
            field=models.CharField(blank=True, max_length=300),
        )
    ]
