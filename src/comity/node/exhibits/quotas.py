"""How much evidence each body may keep (``quotas`` in node.toml), and whether there is room for more."""

from __future__ import annotations

from django.db.models import Sum

from comity.node import config, durable
from comity.node.exhibits.models import Exhibit, WorkingCopy
from comity.terms import ComityError, gettext_noop


class QuotaUsedUpError(ComityError):
    """The body's share of the store would be exceeded."""

    code = "quota_used_up"
    message = gettext_noop(
        "This would exceed the share of the store of {body}: {left} of {quota} bytes are left."
    )
    next_step = gettext_noop(
        "Ask the administrator for a greater share, or dispose of what need not be kept."
    )


def used(body: str) -> int:
    """Bytes of the exhibits that a body took in and of its working copies (empty: officials of no body)."""
    kept = Exhibit.objects.filter(organisation=body, wrapped_key__isnull=False)
    copies = WorkingCopy.objects.filter(made_by__organisation=body or None, wrapped_key__isnull=False)
    there = (kept.aggregate(all=Sum("bytes")), copies.aggregate(all=Sum("exhibit__bytes")))
    return sum(int(each["all"] or 0) for each in there)


def demand_room(body: str, size: int) -> None:
    """Raise QuotaUsedUpError or DiskFullError unless ``size`` more bytes may be kept: before any is read."""
    node = config.current()
    name = body or node.id
    quota = node.quotas.get(name)
    if quota is not None and (left := quota - used(body)) < size:
        raise QuotaUsedUpError(body=name, left=max(0, left), quota=quota)
    durable.ensure_room(node.store, size)
