"""What officials enter of an order: the order itself, and what is done with it later."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _

from comity.node.casework.domestic import Frame
from comity.node.casework.forms import item_choices
from comity.node.casework.models import Item
from comity.node.directory import known
from comity.node.directory.models import Authority
from comity.node.orders.issuing import Review, Terms
from comity.node.orders.models import Order
from comity.node.pages import labels, times
from comity.node.pages.fields import LineField, ProseField
from comity.orders.form import MOST_IDENTIFIERS, IdentifierAnswer, Outcome

SOMEBODY_ELSE = ""
_REASON = {"rows": 3, "max_length": 4000}


def day_field(label: Any, help_text: Any = "") -> forms.DateField:
    """A day that may be left empty."""
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, widget=widget, required=False, help_text=help_text)


def end_of(day: Any) -> datetime | None:
    """The last second of a day by this authority's calendar."""
    if day is None:
        return None
    return datetime.combine(day, time(23, 59, 59), ZoneInfo(known.own().time_zone))


class ReviewForm(forms.Form):
    """The decision of whoever must approve an order."""

    review_body = LineField(label=_("Who decided"), max_length=300)
    review_reference = LineField(label=_("Number of the decision"), max_length=300)
    review_decided_on = forms.DateField(
        label=_("Day of the decision"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def review(self) -> Review | None:
        """The decision, None where nothing was entered."""
        said = self.cleaned_data
        if not said["review_body"]:
            return None
        return Review(said["review_body"], said["review_reference"], said["review_decided_on"])


class RenewalForm(ReviewForm):
    """Why an order must go on, and until when."""

    necessity = ProseField(label=_("Why it is still necessary"), **_REASON)
    proportionality = ProseField(label=_("Why it is still proportionate"), **_REASON)
    ends_on = day_field(_("Last day"), _("Empty: the longest time that the law on record allows."))
    field_order: tuple[str, ...] = ("necessity", "proportionality", "ends_on")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("review_body", "review_reference", "review_decided_on"):
            self.fields[name].required = False

    def clean(self) -> dict[str, Any]:
        """A decision is entered whole or not at all."""
        said = super().clean() or {}
        given = [bool(said.get(f"review_{part}")) for part in ("body", "reference", "decided_on")]
        if any(given) and not all(given):
            raise forms.ValidationError(_("Name who decided, the number and the day of the decision."))
        return said


class OrderForm(RenewalForm):
    """An order of one kind: what it rests on, whom it obliges, how far it goes."""

    item = forms.ChoiceField(label=_("Item"))
    provider = forms.ChoiceField(label=_("Provider"), required=False)
    holder = LineField(
        label=_("Another holder, or the body that carries it out"),
        max_length=300,
        required=False,
        help_text=_("Where no provider of the directory is chosen; the order is then handed over by hand."),
    )
    issuing_body = LineField(
        label=_("Issuing body"),
        max_length=300,
        required=False,
        help_text=_("Empty: this authority."),
    )
    legal_basis = LineField(
        label=_("Legal basis in our own law"),
        max_length=400,
        help_text=_("The provision under which the addressee is obliged."),
    )
    offence = forms.ChoiceField(
        label=_("Offence"), help_text=_("The provision of this State’s list for which it may be ordered.")
    )
    necessity = ProseField(
        label=_("Why it is necessary"),
        help_text=_("What would be lost or not found without it. It stays with this authority."),
        **_REASON,
    )
    proportionality = ProseField(
        label=_("Why it is proportionate"),
        help_text=_(
            "Why nothing milder would do, and what it does to third persons. It stays with this authority."
        ),
        **_REASON,
    )
    further = ProseField(
        label=_("Further identifiers of the same item"),
        rows=2,
        max_length=20_000,
        required=False,
        help_text=_("One a line, of the same type as the item’s own."),
    )
    answer_by = day_field(_("Answer wanted by"))
    secret = forms.BooleanField(label=_("The addressee must keep the order secret"), required=False)
    secret_until = day_field(_("Secret until"), _("Empty: until the event named, or until it is ended here."))
    secret_event = LineField(label=_("Secret until this has happened"), max_length=400, required=False)
    field_order = (
        *("item", "provider", "holder", "further", "issuing_body", "legal_basis", "offence"),
        *("necessity", "proportionality", "ends_on", "answer_by"),
        *("secret", "secret_until", "secret_event", "review_body", "review_reference"),
    )

    def __init__(
        self,
        *args: Any,
        frame: Frame,
        items: Iterable[Item],
        providers: Iterable[Authority],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        language = times.language()
        self.items = {str(item.number): item for item in items}
        self.providers = {each.id: each for each in providers}
        named = [(each.id, each.name(language)) for each in self.providers.values()]
        self._choose("item", item_choices(self.items.values()))
        self._choose("provider", [*named, (SOMEBODY_ELSE, _("somebody else, named below"))])
        self.fields["provider"].initial = next(iter(self.providers), SOMEBODY_ELSE)
        self._adapt(frame, language)

    def _choose(self, name: str, choices: list[Any]) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]

    def _adapt(self, frame: Frame, language: str) -> None:
        """What the law on record fills in, and what it does not ask."""
        national = frame.national
        if frame.offences:
            offences = [
                (each.article, f"{each.article}. {each.subject[language]}") for each in frame.offences
            ]
            self._choose("offence", [("", "—"), *offences])
        else:
            del self.fields["offence"]
        if frame.secret:
            del self.fields["secret"]
        if national is not None:
            self.fields["legal_basis"].initial = f"{national.law}, {national.article}"[:400]
            self.fields["issuing_body"].initial = national.issuing.get(language, "")
            self.fields["secret_event"].initial = national.secret_until.get(language, "")
            self.fields["review_body"].initial = national.reviewing.get(language, "")
        if national is None or not national.reviewing:
            for name in ("review_body", "review_reference", "review_decided_on"):
                self.fields[name].help_text = _("Where this State’s law asks for a decision.")

    def clean(self) -> dict[str, Any]:
        """Somebody is ordered, and not too many things at once; a decision without a number is none yet."""
        said = forms.Form.clean(self) or {}
        if not said.get("provider") and not said.get("holder"):
            self.add_error("holder", _("Choose a provider or name who shall carry the order out."))
        if said.get("provider") and said.get("holder"):
            self.add_error("provider", _("An order goes to one addressee: a provider, or the holder named."))
        if len(self.further_values()) >= MOST_IDENTIFIERS:
            self.add_error("further", _("These are too many for one order."))
        if any(len(value) > 400 for value in self.further_values()):
            self.add_error("further", _("A line is too long."))
        if said.get("review_reference") and not (said.get("review_body") and said.get("review_decided_on")):
            self.add_error(
                "review_decided_on", _("Name who decided, the number and the day of the decision.")
            )
        return said

    def review(self) -> Review | None:
        """The decision, None where it has no number yet."""
        return super().review() if self.cleaned_data["review_reference"] else None

    def further_values(self) -> list[str]:
        """The further identifiers, one a line."""
        return [line.strip() for line in self.cleaned_data.get("further", "").splitlines() if line.strip()]

    def chosen_item(self) -> Item:
        """The item that was chosen."""
        return self.items[self.cleaned_data["item"]]

    def addressee(self) -> Authority | str:
        """Whom it obliges."""
        said = self.cleaned_data
        return self.providers[said["provider"]] if said["provider"] else str(said["holder"])

    def terms(self) -> Terms:
        """What was entered."""
        said = self.cleaned_data
        return Terms(
            legal_basis=said["legal_basis"],
            necessity=said["necessity"],
            proportionality=said["proportionality"],
            issuing_body=said["issuing_body"],
            offence=said.get("offence", ""),
            ends_at=end_of(said["ends_on"]),
            secret=said.get("secret", True),
            secret_until=end_of(said["secret_until"]),
            secret_event=said["secret_event"],
            answer_by=end_of(said["answer_by"]),
            review=self.review(),
            further=[(self.chosen_item().identifier_type, value) for value in self.further_values()],
        )


class WhyForm(forms.Form):
    """Why an order, or its secrecy, ends."""

    why = ProseField(label=_("Why"), **_REASON)


class ReplyForm(forms.Form):
    """The reply to an addressee's question."""

    text = ProseField(label=_("Reply"), rows=4, max_length=10_000)


class AnswerForm(forms.Form):
    """What an addressee answered for one identifier, as it is written down here."""

    number = forms.ChoiceField(label=_("Identifier"))
    outcome = forms.ChoiceField(label=_("Answer"))
    note = ProseField(label=_("In their words"), rows=3, max_length=2000, required=False)
    reference = LineField(label=_("Provision or reference named"), max_length=400, required=False)

    def __init__(self, *args: Any, order: Order, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        open_ones = [each for each in order.identifiers.all() if not each.outcome]
        numbers = [(str(each.number), f"{each.number}. {each.value}") for each in open_ones]
        self.fields["number"].choices = numbers  # type: ignore[attr-defined]
        outcomes = [(each.value, labels.label(each.value, "order")) for each in Outcome]
        self.fields["outcome"].choices = outcomes  # type: ignore[attr-defined]

    def answers(self) -> list[IdentifierAnswer]:
        """The answer that was entered."""
        said = self.cleaned_data
        number, outcome = int(said["number"]), Outcome(said["outcome"])
        return [
            IdentifierAnswer(number=number, outcome=outcome, note=said["note"], reference=said["reference"])
        ]
