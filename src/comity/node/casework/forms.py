"""What officials enter: the facts of a new request, the items of a draft, the particulars of an act."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from comity.node.casework import opinions
from comity.node.casework.averting import AVERT
from comity.node.casework.models import Item
from comity.node.casework.outcomes import EXECUTED, OUTCOMES
from comity.node.directory.models import Authority
from comity.node.pages import labels, law, times
from comity.node.pages.fields import LineField, ProseField
from comity.terms import Citation

UNKNOWN = [("", _("not known")), ("yes", _("yes")), ("no", _("no"))]
OTHER_OFFENCE = ""
GOES_ON = "goes_on"
_CONTENT = "content_"


class FactsForm(forms.Form):
    """The facts of a request, as far as they are known. An unknown fact stays unknown."""

    peer = forms.ChoiceField(label=_("Authority that is asked"))
    heading = LineField(
        label=_("Heading"),
        max_length=200,
        help_text=_("One line for lists, for example: Access to a bank’s servers."),
    )
    measure = forms.ChoiceField(label=_("Measure"))
    data_kinds = forms.MultipleChoiceField(
        label=_("Kinds of data"), required=False, widget=forms.CheckboxSelectMultiple
    )
    offence = forms.ChoiceField(label=_("Offence"), required=False)
    description = LineField(label=_("What happened, in one line"), max_length=400, required=False)
    max_penalty_years = forms.DecimalField(
        label=_("Maximum penalty, years of deprivation of liberty"), min_value=0, max_digits=4, required=False
    )
    by_ict = forms.ChoiceField(
        label=_("Committed through an information and communications system"), choices=UNKNOWN, required=False
    )
    electronic_evidence = forms.ChoiceField(
        label=_("Evidence in electronic form is sought"), choices=UNKNOWN, required=False
    )
    criminal_here = forms.ChoiceField(label=_("A crime under our law"), choices=UNKNOWN, required=False)
    criminal_there = forms.ChoiceField(label=_("A crime under their law"), choices=UNKNOWN, required=False)
    coercive = forms.ChoiceField(label=_("Coercive measures are needed"), choices=UNKNOWN, required=False)
    urgent = forms.BooleanField(label=_("Urgent"), required=False)

    def __init__(
        self, *args: Any, peers: Iterable[Authority], offences: list[tuple[str, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        language = times.language()
        self.peers = {peer.id: peer for peer in peers}
        self.fields["peer"].choices = [  # type: ignore[attr-defined]
            (peer.id, f"{labels.state_name(peer.state)} — {peer.name(language)}")
            for peer in self.peers.values()
        ]
        self.fields["measure"].choices = list(labels.MEASURES.items())  # type: ignore[attr-defined]
        self.fields["data_kinds"].choices = list(labels.DATA_KINDS.items())  # type: ignore[attr-defined]
        self.fields["offence"].choices = [  # type: ignore[attr-defined]
            (OTHER_OFFENCE, _("none of the treaties’ offences")),
            *offences,
        ]

    def facts(self, own_state: str, today: date) -> dict[str, Any]:
        """The facts in the form that ``comity advise`` reads; what was left open is absent."""
        said = self.cleaned_data
        peer_state = self.peers[said["peer"]].state
        criminal_in = {own_state: _truth(said["criminal_here"]), peer_state: _truth(said["criminal_there"])}
        offence = {
            "id": said["offence"] or None,
            "description": said["description"] or None,
            "max_penalty_years": float(said["max_penalty_years"])
            if said["max_penalty_years"] is not None
            else None,
            "by_ict": _truth(said["by_ict"]),
            "criminal_in": {state: value for state, value in criminal_in.items() if value is not None}
            or None,
        }
        given = {
            "data_kinds": said["data_kinds"] or None,
            "electronic_evidence": _truth(said["electronic_evidence"]),
            "coercive": _truth(said["coercive"]),
        }
        return {
            "requesting_state": own_state,
            "requested_state": peer_state,
            "as_of": today.isoformat(),
            "measure": said["measure"],
            "offences": [
                {name: value for name, value in offence.items() if value is not None or name == "id"}
            ],
            "urgent": said["urgent"],
            **({"emergency": True} if said["measure"] == AVERT else {}),
            **{name: value for name, value in given.items() if value is not None},
        }


def _truth(answer: str) -> bool | None:
    return {"yes": True, "no": False}.get(answer)


class ContentsForm(forms.Form):
    """The contents of a draft: a text by field of the law."""

    def __init__(self, *args: Any, asked: Iterable[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields |= {f"{_CONTENT}{field}": ProseField(required=False) for field in asked}

    def readable(self) -> dict[str, str]:
        """The texts that a letter can hold, by field."""
        self.full_clean()
        return {name.removeprefix(_CONTENT): text for name, text in self.cleaned_data.items()}

    def wrong(self) -> dict[str, dict[str, Any]]:
        """The others by field: the text as it was entered, and what is wrong with it."""
        return {
            name.removeprefix(_CONTENT): {"text": self.data[name], "errors": errors}
            for name, errors in self.errors.items()
        }


class ReasonForm(forms.Form):
    """Why a draft goes back."""

    reason = ProseField(label=_("Reason"), max_length=400, rows=3)


class FollowUpForm(forms.Form):
    """The measure of a further request."""

    measure = forms.ChoiceField(label=_("Measure"), choices=list(labels.MEASURES.items()))


class ResultForm(forms.Form):
    """The result of execution: how the evidence is authentic, a note by item, the limits on its use."""

    authenticity = ProseField(
        label=_("Statement on authenticity"),
        rows=4,
        help_text=_("Where the evidence comes from, how it was taken in, and that it is unchanged."),
    )

    def __init__(
        self, *args: Any, items: Iterable[Item], limits: list[dict[str, Any]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.numbers = [item.number for item in items]
        choices = [(outcome, labels.label(outcome, "status")) for outcome in OUTCOMES]
        for number in self.numbers:
            self.fields[f"outcome_{number}"] = forms.ChoiceField(
                label=_("What came of item %(n)d") % {"n": number},
                choices=[*choices, (GOES_ON, _("it goes on, and is not in this result"))],
                initial=EXECUTED,
                required=False,
            )
            self.fields[f"note_{number}"] = LineField(
                label=_("Note on item %(n)d") % {"n": number}, max_length=400, required=False
            )
        cites: dict[str, list[str]] = {}
        for each in limits:
            cites.setdefault(each["id"], []).append(law.short_label(each["cite"]))
        self.fields["limits"] = forms.MultipleChoiceField(
            label=_("Limits on use"),
            required=False,
            widget=forms.CheckboxSelectMultiple,
            choices=[
                (limit, f"{labels.label(limit, 'limit')} — {', '.join(found)}")
                for limit, found in cites.items()
            ],
            initial=[each["id"] for each in limits if opinions.applies(each)],
        )

    def outcomes(self) -> dict[int, str]:
        """What came of the items, by number; an item that goes on is not among them."""
        told = {number: self.cleaned_data[f"outcome_{number}"] for number in self.numbers}
        return {number: outcome or EXECUTED for number, outcome in told.items() if outcome != GOES_ON}

    def notes(self) -> dict[int, str]:
        """The notes by item number."""
        return {number: self.cleaned_data[f"note_{number}"] for number in self.numbers}


class RefusalForm(forms.Form):
    """The refusal of one item. Only grounds that the treaty permits here can be chosen."""

    item = forms.ChoiceField(label=_("Item"))
    ground = forms.ChoiceField(label=_("Ground"), widget=forms.RadioSelect)
    reasons = ProseField(label=_("Reasons"), rows=5, required=False)

    def __init__(
        self, *args: Any, items: Iterable[Item], grounds: list[tuple[str, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["item"].choices = item_choices(items)  # type: ignore[attr-defined]
        self.fields["ground"].choices = grounds  # type: ignore[attr-defined]


def ground_choices(grounds: Iterable[dict[str, Any]]) -> list[tuple[str, str]]:
    """Grounds of an opinion as choices: the provision and our reading of it."""
    return [(each["cite"], _ground(each["cite"])) for each in grounds]


def _ground(cite: str) -> str:
    rules = opinions.library().rules_on(Citation.parse(cite))
    readings = [law.in_language(rule.reading) for rule in rules if rule.kind == "ground"]
    return " — ".join([law.short_label(cite), *readings[:1]])


def item_choices(items: Iterable[Item]) -> list[tuple[str, str]]:
    """Items as choices, by number."""
    return [
        (
            str(item.number),
            f"{item.number}. {labels.label(item.identifier_type, 'identifier')} {item.identifier_value}",
        )
        for item in items
    ]
