"""The certificate that follows a peer's, and what authorities tell of themselves by letter."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("directory", "0005_in_force"),
        ("ledger", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            "authority", "tls_next_certificate", models.TextField(blank=True, default="")
        ),
        migrations.AddField(
            "authority",
            "tls_next_fingerprint",
            models.CharField(blank=True, db_index=True, default="", max_length=64),
        ),
        migrations.AddField("authority", "tls_ends_at", models.DateTimeField(null=True)),
        migrations.CreateModel(
            name="Update",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.IntegerField()),
                ("letter", models.UUIDField(unique=True)),
                ("document", models.TextField()),
                (
                    "standing",
                    models.CharField(
                        choices=[
                            ("waiting", "waits for an administrator"),
                            ("taken", "taken over"),
                            ("declined", "declined"),
                            ("replaced", "replaced by a later one"),
                        ],
                        db_index=True,
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("entered_at", models.DateTimeField()),
                ("settled_at", models.DateTimeField(null=True)),
                ("reasons", models.TextField(blank=True)),
                (
                    "authority",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="updates",
                        to="directory.authority",
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "ledger",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="ledger.entry",
                    ),
                ),
            ],
            options={
                "ordering": ["-number"],
                "constraints": [
                    models.UniqueConstraint(fields=["authority", "number"], name="one_update_of_a_number")
                ],
            },
        ),
    ]
