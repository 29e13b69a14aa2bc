"""What the public is asked. Nothing but what happened is required."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from comity.node.pages.fields import LineField, ProseField
from comity.node.reports.codes import GROUP, LENGTH
from comity.node.reports.kinds import NOT_KNOWN, UNKNOWN, kinds
from comity.node.reports.receiving import MOST_FILE_BYTES, MOST_FILES

_WORDS = 10_000


class ManyFiles(forms.FileInput):
    """A choice of several files at once."""

    allow_multiple_selected = True


class FilesForm(forms.Form):
    """Files, and whether what they carry about themselves is taken out."""

    attached = forms.Field(
        label=_("Files"),
        required=False,
        widget=ManyFiles,
        help_text=format_lazy(
            _("Pictures, PDF, office documents, text, sound, video: at most {files} of {megabytes} MB each."),
            files=MOST_FILES,
            megabytes=MOST_FILE_BYTES >> 20,
        ),
    )
    stripped = forms.BooleanField(
        label=_("Remove from the files what they say of their making: names, places, times, devices"),
        required=False,
        initial=True,
    )


class ReportForm(FilesForm):
    """A report."""

    kind = forms.ChoiceField(label=_("What kind of offence is it?"), required=False)
    what = ProseField(label=_("What happened?"), rows=8, max_length=_WORDS)
    when = LineField(label=_("When did it happen?"), required=False, max_length=300)
    where = ProseField(
        label=_("Where online did it happen?"),
        required=False,
        rows=3,
        max_length=2000,
        help_text=_("Addresses of pages, accounts, mailboxes, telephone or wallet numbers, one a line."),
    )
    damage = LineField(label=_("What damage was done?"), required=False, max_length=500)
    authority = LineField(
        label=_("Is an authority or an official involved? Which one?"), required=False, max_length=500
    )
    about_us = forms.BooleanField(
        label=_("It concerns this authority or its officials: only those who oversee it shall read this"),
        required=False,
    )
    wishes = LineField(label=_("What do you wish to be done?"), required=False, max_length=500)
    contact = ProseField(
        label=_("How can you be reached?"),
        required=False,
        rows=3,
        max_length=1000,
        help_text=_(
            "Leave it empty to stay anonymous. Only named officials may open it; each opening is recorded."
        ),
    )
    field_order = (
        "kind",
        "what",
        "when",
        "where",
        "damage",
        "authority",
        "about_us",
        "wishes",
        "attached",
        "stripped",
        "contact",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [(UNKNOWN, NOT_KNOWN), *kinds()]  # type: ignore[attr-defined]

    def said(self) -> dict[str, str]:
        """The answers that go to the desk, without the contact."""
        names = ("kind", "what", "when", "where", "damage", "authority", "wishes")
        return {name: self.cleaned_data[name] for name in names if self.cleaned_data[name]}


class CodeForm(forms.Form):
    """The follow-up code."""

    code = LineField(
        label=_("Follow-up code"),
        max_length=3 * (LENGTH + LENGTH // GROUP),
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
    )


class MoreForm(FilesForm):
    """The reporter answers or adds."""

    text = ProseField(
        label=_("Your answer, or what you want to add"), required=False, rows=6, max_length=_WORDS
    )
    field_order = ("text", "attached", "stripped")
