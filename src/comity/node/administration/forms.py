"""What an administrator enters about organisations and officials."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django import forms
from django.conf import settings
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from comity.node.accounts.models import Official, Organisation, OrganisationKind, Rank, Role
from comity.node.pages import labels, times
from comity.node.pages.fields import LineField

_SHORT = RegexValidator(r"\A[a-z0-9]+(-[a-z0-9]+)*\Z", _("Small Latin letters, digits and hyphens."))


class _OrganisationField(forms.ModelChoiceField):  # type: ignore[type-arg]  # Django knows no argument
    """A body by its name in the reader's language."""

    def label_from_instance(self, obj: Organisation) -> str:
        """The words of one choice."""
        return obj.name(times.language())


class OrganisationForm(forms.Form):
    """What a body is and how it is called."""

    kind = forms.ChoiceField(label=_("Kind"))
    name_kk = LineField(label=_("Name in Kazakh"), max_length=200, required=False)
    name_ru = LineField(label=_("Name in Russian"), max_length=200, required=False)
    name_en = LineField(label=_("Name in English"), max_length=200)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [  # type: ignore[attr-defined]
            (kind.value, labels.label(kind, "organisation_kind")) for kind in OrganisationKind
        ]

    def values(self) -> dict[str, Any]:
        """What the acts take: kind and names."""
        given = {code: self.cleaned_data[f"name_{code}"] for code in ("en", "kk", "ru")}
        return {
            "kind": self.cleaned_data["kind"],
            "names": {code: name for code, name in given.items() if name},
        }

    @staticmethod
    def kept(organisation: Organisation) -> dict[str, Any]:
        """A body's values as the form begins with them."""
        names = {f"name_{code}": name for code, name in organisation.names.items()}
        return {"kind": organisation.kind, **names}


class NewOrganisationForm(OrganisationForm):
    """A body that is not in the books yet."""

    identifier = forms.CharField(
        label=_("Short name"),
        max_length=50,
        validators=[_SHORT],
        help_text=_("Small Latin letters, digits and hyphens; it cannot be changed later."),
    )
    field_order = ["identifier"]


class OfficialForm(forms.Form):
    """Who an official is and what they may do."""

    full_name = LineField(label=_("Full name"), max_length=200)
    post = LineField(label=_("Post"), max_length=200, help_text=_("The title that stands in letters."))
    rank = forms.ChoiceField(
        label=_("Rank"),
        required=False,
        help_text=_("Some treaties let only the head of the body or a deputy sign."),
    )
    organisation = _OrganisationField(
        label=_("Organisation"),
        queryset=Organisation.objects.order_by("id"),
        required=False,
        empty_label=_("the authority that keeps this node"),
    )
    roles = forms.MultipleChoiceField(label=_("Roles"), widget=forms.CheckboxSelectMultiple)
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    time_zone = forms.ChoiceField(label=_("Time zone"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["roles"].choices = [(role.value, labels.label(role, "role")) for role in Role]  # type: ignore[attr-defined]
        self.fields["rank"].choices = [(rank.value, labels.label(rank, "rank")) for rank in reversed(Rank)]  # type: ignore[attr-defined]
        self.fields["time_zone"].choices = [(name, name) for name in sorted(available_timezones())]  # type: ignore[attr-defined]

    def clean_rank(self) -> str:
        """Who is neither head nor deputy is neither."""
        return self.cleaned_data["rank"] or Rank.OTHER

    @staticmethod
    def kept(official: Official) -> dict[str, Any]:
        """An official's values as the form begins with them."""
        names = ("full_name", "post", "rank", "organisation", "roles", "language", "time_zone")
        return {name: getattr(official, name) for name in names}


class NewOfficialForm(OfficialForm):
    """Somebody who has no account yet."""

    username = forms.CharField(
        label=_("User name"),
        max_length=150,
        validators=[RegexValidator(r"\A[\w.@+-]+\Z", _("Letters, digits and @ . + - _ only."))],
    )
    field_order = ["username"]


class TimeForm(forms.Form):
    """Days from and until, both included, in the official's own zone."""

    first = forms.DateField(
        label=_("From"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    last = forms.DateField(
        label=_("Until and including"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def times(self, zone: str) -> dict[str, datetime]:
        """Beginning and end as the acts take them."""
        local = ZoneInfo(zone)
        first, last = self.cleaned_data["first"], self.cleaned_data["last"]
        return {
            "starts_at": datetime.combine(first, time.min, local),
            "ends_at": datetime.combine(last, time.min, local) + timedelta(days=1),
        }


class AbsenceForm(TimeForm):
    """When one is away."""

    note = LineField(label=_("Remark"), max_length=400, required=False)


class DelegationForm(TimeForm):
    """Which role goes to whom, when and why."""

    role = forms.ChoiceField(label=_("Role"))
    to = forms.ModelChoiceField(
        label=_("To"),
        empty_label="—",
        queryset=Official.objects.filter(is_active=True).order_by("full_name", "username"),
    )
    reason = LineField(label=_("Reason"), max_length=400)
    field_order = ["role", "to", "first", "last", "reason"]

    def __init__(self, *args: Any, of: Official, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        roles = [role for role in of.roles if role != Role.ADMINISTRATOR]
        self.fields["role"].choices = [(role, labels.label(role, "role")) for role in roles]  # type: ignore[attr-defined]
        others = self.fields["to"].queryset.exclude(pk=of.pk)  # type: ignore[attr-defined]
        fit = [each.pk for each in others.select_related("organisation") if each.works_with(of)]
        self.fields["to"].queryset = others.filter(pk__in=fit)  # type: ignore[attr-defined]
