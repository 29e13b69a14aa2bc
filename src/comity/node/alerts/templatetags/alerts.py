"""What the templates of alerts need."""

from __future__ import annotations

from django import template

from comity.node.alerts import wording

register = template.Library()
register.filter("alert_sentence", wording.sentence)
