from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("orders", "0003_identifiers")]

    operations = [
        migrations.RemoveField(model_name="order", name="identifier_type"),
        migrations.RemoveField(model_name="order", name="identifier_value"),
    ]
