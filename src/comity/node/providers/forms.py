"""The forms of the providers' pages, and of the administrator's page about their people."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from comity.node.directory.models import Authority
from comity.node.orders.models import Outcome
from comity.node.pages import labels
from comity.node.pages.fields import LineField, ProseField
from comity.node.providers.models import Part, Person
from comity.orders.form import IdentifierAnswer

PARTS = (
    (Part.LEGAL, _("legal desk: sees and answers the provider’s orders")),
    (Part.READER, _("reader: sees the orders for which they are named")),
)
DATA_KINDS = ("subscriber", "traffic", "content", "other_stored")


class SignInForm(forms.Form):
    """User name and password."""

    username = forms.CharField(label=_("User name"), max_length=60)
    password = forms.CharField(label=_("Password"), max_length=200, widget=forms.PasswordInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].widget.attrs.update(autocomplete="username", autocapitalize="none")
        self.fields["password"].widget.attrs["autocomplete"] = "current-password"


class CodeForm(forms.Form):
    """The six digits of the authenticator."""

    code = forms.CharField(label=_("Code of the authenticator app"), max_length=12)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].widget.attrs.update(autocomplete="one-time-code", inputmode="numeric")


class OpeningForm(CodeForm):
    """A password and the first code, by which an invitation is accepted."""

    password = forms.CharField(
        label=_("Password"),
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least 12 characters, and none of the common ones."),
    )
    again = forms.CharField(
        label=_("Password once more"),
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    field_order = ["password", "again", "code"]

    def clean(self) -> dict[str, Any]:
        """Both must be the same."""
        said: dict[str, Any] = super().clean() or {}
        if said.get("password") != said.get("again"):
            self.add_error("again", _("The two passwords differ."))
        return said


class QuestionForm(forms.Form):
    """What is not clear about an order."""

    text = ProseField(label=_("Your question to the authority"), rows=4, max_length=4000)


class AnswerForm(forms.Form):
    """The answer for one identifier; prefixed by its number."""

    outcome = forms.ChoiceField(label=_("Answer"))
    note = ProseField(label=_("Reason or remark"), rows=2, max_length=2000, required=False)
    reference = LineField(label=_("Provision or authority it refers to"), max_length=400, required=False)

    def __init__(self, *args: Any, number: int, **kwargs: Any) -> None:
        self.number = number
        kwargs["prefix"] = f"i{number}"
        super().__init__(*args, **kwargs)
        chosen = [("", _("no answer yet")), *((one, labels.label(one, "order")) for one in Outcome)]
        self.fields["outcome"].choices = chosen  # type: ignore[attr-defined]
        self.fields["outcome"].required = False

    def said(self) -> IdentifierAnswer | None:
        """What was answered, if anything."""
        values = self.cleaned_data
        if not values["outcome"]:
            return None
        return IdentifierAnswer.model_validate({"number": self.number, **values})


class FileForm(forms.Form):
    """A file and what is announced of it."""

    identifier = forms.TypedChoiceField(label=_("Identifier"), coerce=int)
    data_kind = forms.ChoiceField(label=_("Kind of data"))
    sha256 = forms.RegexField(
        label=_("SHA-256 of the file"),
        regex=r"^\s*[0-9A-Fa-f]{64}\s*$",
        help_text=_("As your own program gives it (sha256sum). What arrives is compared with it."),
    )
    file = forms.FileField(label=_("File"))

    def __init__(
        self, *args: Any, identifiers: list[tuple[int, str]], in_pieces: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].required = not in_pieces
        self.fields["identifier"].choices = identifiers  # type: ignore[attr-defined]
        kinds = [(kind, labels.label(kind, "data_kind")) for kind in DATA_KINDS]
        self.fields["data_kind"].choices = kinds  # type: ignore[attr-defined]

    def clean_sha256(self) -> str:
        """The hash as documents write it."""
        return str(self.cleaned_data["sha256"]).strip().lower()


class StatementForm(forms.Form):
    """How the files were made."""

    how_made = ProseField(
        label=_("How the files were made"),
        rows=3,
        max_length=2000,
        help_text=_("From which system, by which method or program."),
    )
    made_on = forms.DateField(label=_("Made on"), widget=forms.DateInput(attrs={"type": "date"}))
    ordinary_course = forms.BooleanField(
        label=_("The records are kept in the ordinary course of the provider’s business."), required=False
    )


class ReadersForm(forms.Form):
    """Who besides the legal desk may see an order."""

    readers = forms.ModelMultipleChoiceField(
        label=_("Readers"),
        queryset=Person.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = Person.objects.filter(provider=person.provider_id, part=Part.READER, is_active=True)
        self.fields["readers"].queryset = people  # type: ignore[attr-defined]


class TokenForm(forms.Form):
    """A token for a program."""

    label = LineField(label=_("What it is for"), max_length=100)
    days = forms.IntegerField(label=_("Days"), min_value=1, max_value=365, initial=90)


class PersonForm(forms.Form):
    """Whom the administrator invites."""

    provider = forms.ModelChoiceField(label=_("Provider"), queryset=Authority.objects.none(), empty_label="—")
    username = forms.RegexField(
        label=_("User name"),
        regex=r"^[A-Za-z0-9][A-Za-z0-9._@+-]*$",
        max_length=60,
    )
    full_name = LineField(label=_("Full name"), max_length=200)
    post = LineField(label=_("Post"), max_length=200)
    part = forms.ChoiceField(label=_("What they may do"), choices=PARTS, widget=forms.RadioSelect)
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    time_zone = forms.ChoiceField(label=_("Time zone"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = Authority.objects.filter(own=False, withdrawn_at=None).order_by("id")
        fit = [each.pk for each in known if "provider" in each.roles]
        self.fields["provider"].queryset = known.filter(pk__in=fit)  # type: ignore[attr-defined]
        zones = [(zone, zone) for zone in sorted(available_timezones())]
        self.fields["time_zone"].choices = zones  # type: ignore[attr-defined]
