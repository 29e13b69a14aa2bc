"""What officials enter beside a draft: which versions to compare, comments, templates, an edited document."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from comity.letters.word_reading import LARGEST
from comity.node.casework import patterns
from comity.node.pages import labels
from comity.node.pages.fields import LineField, ProseField


class CompareForm(forms.Form):
    """Two versions by their numbers."""

    earlier = forms.IntegerField(label=_("Earlier version"), min_value=1, max_value=10**6)
    later = forms.IntegerField(label=_("Later version"), min_value=1, max_value=10**6)


class CommentForm(forms.Form):
    """A comment on the whole draft or on one field."""

    field = forms.ChoiceField(label=_("About"), required=False)
    text = ProseField(label=_("Comment"), max_length=4000, rows=4)

    def __init__(self, *args: Any, asked: Iterable[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["field"].choices = [  # type: ignore[attr-defined]
            ("", _("the whole draft")),
            *((field, labels.label(field, "field")) for field in asked),
        ]


class TemplateForm(forms.Form):
    """A new template: its name, and which of the draft's texts it keeps."""

    name = LineField(label=_("Name of the template"), max_length=200)
    fields_kept = forms.MultipleChoiceField(
        label=_("Texts to keep"),
        widget=forms.CheckboxSelectMultiple,
        help_text=_(
            "Items, persons and fields that speak of this case alone are never kept. Read each text before "
            "you choose it."
        ),
    )

    def __init__(self, *args: Any, draft: dict[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["fields_kept"].choices = [  # type: ignore[attr-defined]
            (field, labels.label(field, "field")) for field in patterns.keepable(draft)
        ]


class DocumentForm(forms.Form):
    """An edited document; its content is examined by ``word_reading``."""

    document = forms.FileField(
        label=_("Edited document (DOCX)"),
        widget=forms.ClearableFileInput(attrs={"accept": ".docx"}),
        help_text=_("At most 2 MB, without macros, links to the outside or tracked changes."),
    )

    def clean_document(self) -> Any:
        """Refuse by size before anything of it is read."""
        document = self.cleaned_data["document"]
        if document.size > LARGEST:
            raise forms.ValidationError(_("The document is larger than 2 MB."), code="word_too_large")
        return document


class EnclosureForm(forms.Form):
    """A file that goes with the request."""

    file = forms.FileField(
        label=_("File"),
        max_length=255,
        help_text=_("A certified order, a judgment, a form. At most 25 MB each, 20 files, 100 MB together."),
    )
