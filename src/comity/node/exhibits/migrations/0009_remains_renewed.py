"""What remains of an erased container is sealed again too; until when it proves itself is found anew."""

from django.db import migrations, models


def forget_the_ends_of_erased_containers(apps, schema_editor):
    apps.get_model("exhibits", "LetterProof").objects.filter(letter__container="").delete()


class Migration(migrations.Migration):

    dependencies = [("exhibits", "0008_renewals")]

    operations = [
        migrations.RemoveConstraint(model_name="renewal", name="one_renewal_a_number"),
        migrations.AddField(
            model_name="renewal", name="of_remains", field=models.BooleanField(default=False)
        ),
        migrations.AddConstraint(
            model_name="renewal",
            constraint=models.UniqueConstraint(
                fields=("letter", "of_remains", "n"), name="one_renewal_a_number"
            ),
        ),
        migrations.RunPython(forget_the_ends_of_erased_containers, migrations.RunPython.noop),
    ]
