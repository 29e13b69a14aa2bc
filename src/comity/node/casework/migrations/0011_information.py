"""Cases that are information without request."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("casework", "0010_shown_letters")]
    operations = [
        migrations.AddField(
            "case",
            "kind",
            models.CharField(
                choices=[("request", "Request"), ("information", "Information")],
                default="request",
                max_length=12,
            ),
        )
    ]
