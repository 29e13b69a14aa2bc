"""What stood in the first form of the row, carried over: its identifier, and that it was signed once."""

from django.db import migrations
from django.db.models import F

_FAILED = {"done": "done", "not_held": "not_held", "failed": "technically_impossible"}


def carry_over(apps, schema_editor):
    there = schema_editor.connection.alias
    Order = apps.get_model("orders", "Order").objects.using(there)
    Identifier = apps.get_model("orders", "Identifier").objects.using(there)
    Order.update(
        generation=1, starts_at=F("issued_at"), prepared_at=F("issued_at"), prepared_by=F("issued_by")
    )
    Order.exclude(state="issued").update(sent_generation=1)
    for order in Order.all().iterator():
        Identifier.create(
            order=order,
            number=1,
            type=order.identifier_type,
            value=order.identifier_value,
            outcome=_FAILED.get(order.state, ""),
            note=(order.answer or {}).get("note", ""),
            answered_at=order.answered_at,
        )


class Migration(migrations.Migration):
    dependencies = [("orders", "0002_growing")]

    operations = [migrations.RunPython(carry_over, migrations.RunPython.noop)]
