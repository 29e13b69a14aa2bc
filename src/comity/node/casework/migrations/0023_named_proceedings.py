from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("casework", "0022_channel_notes")]

    operations = [
        migrations.AddField(
            model_name="use",
            name="proceedings",
            field=models.CharField(blank=True, max_length=300),
        )
    ]
