"""What officials enter when they take a turn of the dialogue; a form's ``said`` are the act's arguments."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import UTC, datetime, time
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from comity.node.casework import opinions, permissions
from comity.node.casework.dialogue.turns import Turn
from comity.node.casework.forms import ground_choices, item_choices
from comity.node.casework.letters import read_body
from comity.node.casework.models import Case, Item
from comity.node.exchange.models import Letter
from comity.node.pages import labels, law
from comity.node.pages.fields import LineField, ProseField

CONDITIONS = 3
"""Conditions that one form takes; more go into a second offer."""
ABOUT = tuple(about for about in labels.LISTS["consultation"] if about != "exculpatory_disclosure")
"""What one consults about of one's own accord; on a disclosure one consults after a notice of it."""
_CONTENT, _CONDITION, _WORDS = "content_", "condition_", "words_"


class TurnForm(forms.Form):
    """The items that are spoken of, and words for the other side."""

    items = forms.MultipleChoiceField(label=_("Items"), widget=forms.CheckboxSelectMultiple)
    text = ProseField(label=_("Words for the other side"), rows=5)

    def __init__(
        self, *args: Any, case: Case, turn: Turn, items: Collection[Item], waiting: list[Letter], **more: Any
    ) -> None:
        super().__init__(*args, **more)
        self.case, self.turn, self.waiting = case, turn, waiting
        self.fields["items"].choices = item_choices(items)  # type: ignore[attr-defined]
        self.fields["items"].initial = [str(item.number) for item in items]
        self.prepare()
        if turn.is_about_information(case):
            self.fields.pop("items", None)
        self.order_fields([*(name for name in self.fields if name != "text"), "text"])

    def prepare(self) -> None:
        """Give the further fields what the case holds for them."""

    def said(self) -> dict[str, Any]:
        """The act's arguments."""
        given = {name: value for name, value in self.cleaned_data.items() if name != "items"}
        return {"items": [int(number) for number in self.cleaned_data.get("items", ())], **given}


class SupplementAskedForm(TurnForm):
    """What is missing, by field of the law."""

    fields_missing = forms.MultipleChoiceField(
        label=_("What is missing"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def prepare(self) -> None:
        """The fields that the law asks for here."""
        asked: dict[str, list[str]] = {}
        for each in (self.case.opinion or {}).get("contents", []):
            asked.setdefault(each["field"], []).append(law.short_label(each["cite"]))
        self.fields["fields_missing"].choices = [  # type: ignore[attr-defined]
            (field, f"{labels.label(field, 'field')} — {', '.join(cites)}") for field, cites in asked.items()
        ]

    def said(self) -> dict[str, Any]:
        """With the fields under the act's own name."""
        arguments = super().said()
        return arguments | {"fields": arguments.pop("fields_missing")}


class SupplementForm(TurnForm):
    """A text for each field that was asked for."""

    state_secret = forms.BooleanField(
        label=_("What is given is marked as a State secret"),
        required=False,
        help_text=_("It is then not sent."),
    )

    def prepare(self) -> None:
        """A field for each deficiency that waits."""
        for letter in self.waiting:
            for gap in read_body(letter).get("deficiencies", []):
                label = f"{labels.label(gap['field'], 'field')} — {law.short_label(gap['cite'])}"
                self.fields[_CONTENT + gap["field"]] = ProseField(label=label, required=False)

    def said(self) -> dict[str, Any]:
        """With the texts by field."""
        arguments = super().said()
        names = [name for name in arguments if name.startswith(_CONTENT)]
        contents = {name.removeprefix(_CONTENT): arguments.pop(name) for name in names}
        return arguments | {"contents": contents}


class ConsultationForm(TurnForm):
    """What the consultation is about."""

    about = forms.ChoiceField(label=_("About"), widget=forms.RadioSelect)
    reply_by = forms.DateField(
        label=_("An answer is asked for by"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_(
            "A day that leaves reasonable time. Once it has passed without an answer, that can be put on "
            "record, and the consultation counts as tried."
        ),
    )
    own_case = LineField(
        label=_("Our own case on the same conduct"),
        required=False,
        max_length=40,
        help_text=_("Its reference joins the two cases here; the letter does not name it."),
    )

    def _subject(self, about: str) -> str:
        """What it is about, with the provision that asks for it."""
        cite = opinions.consulted_under(self.case.opinion or {}, self.case.instrument, about)
        subject = labels.label(about, "consultation")
        return f"{subject} — {law.short_label(cite)}" if cite else subject

    def prepare(self) -> None:
        """The things that one consults about."""
        choices = [(about, self._subject(about)) for about in ABOUT]
        self.fields["about"].choices = choices  # type: ignore[attr-defined]

    def said(self) -> dict[str, Any]:
        """With the end of the day."""
        return (arguments := super().said()) | {"reply_by": end_of(arguments["reply_by"])}


class PostponementForm(TurnForm):
    """The ground, of those that let execution be postponed, and a day of review."""

    ground = forms.ChoiceField(label=_("Ground"), widget=forms.RadioSelect)
    until = forms.DateField(
        label=_("To be looked at again on"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def prepare(self) -> None:
        """The grounds that the opinion holds for postponement."""
        grounds = opinions.permitted_grounds(self.case.opinion or {}, opinions.POSTPONE)
        self.fields["ground"].choices = ground_choices(grounds)  # type: ignore[attr-defined]

    def said(self) -> dict[str, Any]:
        """With the end of the day of review."""
        return (arguments := super().said()) | {"until": end_of(arguments["until"])}


class ObstacleForm(TurnForm):
    """By when execution is expected all the same."""

    expected = forms.DateField(
        label=_("Execution expected by"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def said(self) -> dict[str, Any]:
        """With the end of the day."""
        return (arguments := super().said()) | {"expected": end_of(arguments["expected"])}


_HERE = "here"


class ForwardingForm(TurnForm):
    """The body that is competent, and by whose leave the request goes to one outside the State."""

    competent = LineField(label=_("Competent authority"), max_length=200)
    abroad = forms.ChoiceField(label=_("Where it is"), widget=forms.RadioSelect)
    permission = forms.ChoiceField(
        label=_("Permission"),
        required=False,
        widget=forms.RadioSelect,
        help_text=_("Only where it leaves the State: name the body as the permission names it."),
    )

    def prepare(self) -> None:
        """Inside the State or outside it, and the permissions of passing on that are in force."""
        onward = [(each.value, labels.label(each.value, "purpose")) for each in sorted(permissions.ONWARD)]
        self.fields["abroad"].choices = [(_HERE, _("in this State")), *onward]  # type: ignore[attr-defined]
        given = permissions.in_force_for(self.case, timezone.now())
        chosen = [(str(each.answer.id), each.recipient) for each in given if each.answer]
        self.fields["permission"].choices = [("", _("none")), *chosen]  # type: ignore[attr-defined]

    def said(self) -> dict[str, Any]:
        """Where it is, with the permission if it is one."""
        arguments = super().said()
        abroad = "" if arguments["abroad"] == _HERE else arguments["abroad"]
        return arguments | {"abroad": abroad, "permission": arguments["permission"] or None}


class CostsForm(TurnForm):
    """What execution is expected to cost."""

    amount = LineField(
        label=_("Expected costs"),
        max_length=100,
        help_text=_("A sum with its currency, for example 10 000 USD."),
    )


class ConditionsForm(TurnForm):
    """Conditions, each a kind of limit with its words."""

    def prepare(self) -> None:
        """Room for several, one of which must be given."""
        room_for_conditions(self, required=1)

    def clean(self) -> dict[str, Any]:
        """A condition has both its kind and its words, or neither."""
        return paired(self, super().clean() or {})

    def said(self) -> dict[str, Any]:
        """With the pairs of kind and words."""
        return with_conditions(super().said())


class AnswerForm(TurnForm):
    """An answer to a letter of the other side, about the items that the letter names."""

    letter = forms.ChoiceField(label=pgettext_lazy("answered", "Letter"), widget=forms.RadioSelect)

    def prepare(self) -> None:
        """The letters that wait for it."""
        del self.fields["items"]
        self.fields["letter"].choices = _letters(self.waiting)  # type: ignore[attr-defined]
        self.fields["letter"].initial = str(self.waiting[-1].id) if self.waiting else None

    def said(self) -> dict[str, Any]:
        """The words and the letter."""
        return dict(self.cleaned_data)


def room_for_conditions(form: forms.Form, *, required: int) -> None:
    """Fields for conditions, the first of which (``required`` of them) must be given."""
    kinds = [("", "—"), *((limit, labels.label(limit, "limit")) for limit in labels.LISTS["limit"])]
    for n in range(1, CONDITIONS + 1):
        form.fields[f"{_CONDITION}{n}"] = forms.ChoiceField(
            label=_("Kind of limit, condition %(n)d") % {"n": n}, choices=kinds, required=n <= required
        )
        form.fields[f"{_WORDS}{n}"] = ProseField(
            label=_("Condition %(n)d") % {"n": n}, rows=2, required=n <= required
        )


def paired(form: forms.Form, given: dict[str, Any]) -> dict[str, Any]:
    """What was entered, with an error at each condition of which only the kind or the words are there."""
    for n in range(1, CONDITIONS + 1):
        kind, words = f"{_CONDITION}{n}", f"{_WORDS}{n}"
        if bool(given.get(kind)) != bool(given.get(words)) and not form.fields[kind].required:
            form.add_error(words, _("Give both the kind and the words of the condition."))
    return given


def with_conditions(arguments: dict[str, Any]) -> dict[str, Any]:
    """An act's arguments with the conditions as pairs of kind and words."""
    pairs = [
        (arguments.pop(f"{_CONDITION}{n}"), arguments.pop(f"{_WORDS}{n}")) for n in range(1, CONDITIONS + 1)
    ]
    return arguments | {"conditions": [pair for pair in pairs if pair[0]]}


FORMS: dict[str, type[TurnForm]] = {
    "give_supplement": SupplementForm,
    "accept_conditions": AnswerForm,
    "decline_conditions": AnswerForm,
    "ask_supplement": SupplementAskedForm,
    "postpone_execution": PostponementForm,
    "offer_conditions": ConditionsForm,
    "tell_obstacle": ObstacleForm,
    "forward_request": ForwardingForm,
    "announce_costs": CostsForm,
    "consult": ConsultationForm,
    "reply_to_consultation": AnswerForm,
}
"""The form of an act that asks for more than items and words."""


def _letters(letters: Iterable[Letter]) -> list[tuple[str, str]]:
    return [
        (str(letter.id), f"{labels.label(letter.kind, 'letter')}: {read_body(letter).get('text', '')[:200]}")
        for letter in letters
    ]


def end_of(day: Any) -> datetime | None:
    """The last second of a day, UTC."""
    return datetime.combine(day, time(23, 59, 59), UTC) if day else None
