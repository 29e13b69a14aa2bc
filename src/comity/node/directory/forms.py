"""What officials enter about the directory."""

from __future__ import annotations

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from comity.directory.cards import MAX_BYTES as CARD_BYTES
from comity.directory.reading import METADATA_BYTES
from comity.node.directory.models import Authority, NoticeKind
from comity.node.directory.updating import MOST_OF_NAME, SHORT_NAME
from comity.node.pages import times
from comity.node.pages.fields import LineField, ProseField

MOST_BYTES = 20 * 1024**2
"""Of a ZIP file of a published directory."""
_SHORT = RegexValidator(rf"\A{SHORT_NAME.pattern}\Z", _("Small Latin letters, digits and hyphens."))


class KeeperForm(forms.Form):
    """A keeper to follow, its root and the fingerprint that was compared by voice."""

    identifier = LineField(label=_("Short name"), max_length=30, validators=[_SHORT])
    name = LineField(label=_("Name"), max_length=MOST_OF_NAME)
    url = LineField(
        label=_("Address"),
        max_length=200,
        required=False,
        help_text=_("An https address. Leave it empty where the directory comes by disk."),
    )
    root = forms.FileField(label=_("The keeper's root (1.root.json)"))
    fingerprint = LineField(
        label=_("Fingerprint"),
        max_length=100,
        help_text=_("As an officer of the keeper read it to you over a number that you knew before."),
    )

    def clean_root(self) -> bytes:
        """The bytes of the root, which is small."""
        given = self.cleaned_data["root"]
        if given.size > METADATA_BYTES:
            raise forms.ValidationError(_("The file is too large."), code="too_large")
        return bytes(given.read())


class CardForm(forms.Form):
    """Another authority's card, and the fingerprint that was compared by voice."""

    card = forms.FileField(label=_("The authority's card"))
    fingerprint = LineField(
        label=_("Fingerprint"),
        max_length=100,
        help_text=_("As an officer of the authority read it to you over a number that you knew before."),
    )

    def clean_card(self) -> bytes:
        """The bytes of the card, which is small."""
        given = self.cleaned_data["card"]
        if given.size > CARD_BYTES:
            raise forms.ValidationError(_("The file is too large."), code="too_large")
        return bytes(given.read())


class CarriedForm(forms.Form):
    """A directory that came by disk or mail."""

    carried = forms.FileField(label=_("The published directory as one ZIP file"))

    def clean_carried(self) -> object:
        """The upload, if it is not too large."""
        given = self.cleaned_data["carried"]
        if given.size > MOST_BYTES:
            raise forms.ValidationError(_("The file is too large."), code="too_large")
        return given


class ChoiceForm(forms.Form):
    """Which of two sources is right, and why."""

    choice = forms.ChoiceField(
        label=_("Decision"),
        choices=[
            ("decline", _("What is in use stays")),
            ("choose", _("The keeper's entry takes effect")),
        ],
        widget=forms.RadioSelect,
    )
    reasons = ProseField(
        label=_("Reasons"),
        rows=4,
        max_length=4000,
        help_text=_("Whom you called on which number, and what they said. The reasons stand in the ledger."),
    )


class _AuthorityField(forms.ModelChoiceField):  # type: ignore[type-arg]  # Django knows no argument
    """An authority by its name in the reader's language."""

    def label_from_instance(self, obj: Authority) -> str:
        """The words of one choice."""
        return f"{obj.name(times.language())} ({obj.id})"


class NoticeForm(forms.Form):
    """A notice of one authority of this State."""

    authority = _AuthorityField(label=_("Authority"), empty_label="—", queryset=Authority.objects.none())
    kind = forms.ChoiceField(
        label=_("Notice"),
        choices=[(kind.value, kind.label) for kind in NoticeKind if kind != NoticeKind.CIRCULATION],
    )
    remarks = ProseField(label=_("Remarks"), rows=3, max_length=4000, required=False)


class CirculationForm(forms.Form):
    """The list of all authorities of a role."""

    role = forms.ChoiceField(label=_("Role"))
    remarks = ProseField(label=_("Remarks"), rows=3, max_length=4000, required=False)
