"""Need-to-know: which cases an official may see, and whether what they say is open too.

Decision 10 says why. Whoever is not entitled to a case gets the answer of a case that does not exist.
"""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, OuterRef, Q, QuerySet

from comity.node.accounts.authority import NothingThereError, authorise, may
from comity.node.accounts.models import Official
from comity.node.casework.models import Access, Case
from comity.node.exchange.models import Letter
from comity.node.exhibits.models import Exhibit


def visible(official: Official | AnonymousUser) -> QuerySet[Case]:
    """The cases an official may see; raise NotAuthorisedError for one whose roles see none.

    A number whose letter was joined to another case is no case of its own any more.
    """
    authorise(official, "view_case")
    cases = Case.objects.filter(joined_to=None)
    if sees_every_case(official):
        return cases
    if may(official, "see_every_case"):
        return cases.filter(named(official) | _of_the_body(official))
    return cases.filter(named(official))


def about(seen: QuerySet[Case]) -> Exists:
    """The condition of a row that is about one of these cases."""
    return Exists(seen.filter(pk=OuterRef("case")))


def under_number(official: Official | AnonymousUser, reference: str, *related: str) -> Case | None:
    """The case that an official may see under a number, with ``related`` rows; None for every other number.

    A number whose letter was joined to another case leads to that one, for whoever may see that one.
    """
    seen = visible(official).select_related(*related)
    passed: set[str] = set()
    number: str | None = reference
    while number and number not in passed:
        found = seen.filter(reference=number).first()
        if found is not None:
            return found
        passed.add(number)
        number = Case.objects.filter(reference=number).values_list("joined_to__reference", flat=True).first()
    return None


def sees_every_case(official: Official | AnonymousUser) -> bool:
    """Whether every case of the State is open: by role, and in the central authority alone."""
    return (
        isinstance(official, Official) and official.is_of_the_whole_state and may(official, "see_every_case")
    )


def named(official: Official | AnonymousUser) -> Q:
    """The condition of a case that was given to this official, as ``is_named`` tells it of one."""
    given = Access.objects.filter(_to(official)).values("case")
    return Q(drafter=official.pk) | Q(executing_officer=official.pk) | Q(pk__in=given)


def is_entitled(official: Official | AnonymousUser, case: Case) -> bool:
    """Whether an official may see this case."""
    if not may(official, "view_case"):
        return False
    if sees_every_case(official) or is_named(official, case):
        return True
    return (
        may(official, "see_every_case") and Case.objects.filter(_of_the_body(official), pk=case.pk).exists()
    )


def demand_entitled(official: Official | AnonymousUser, case: Case) -> None:
    """Raise NothingThereError for a case that is not open to the official."""
    if not is_entitled(official, case):
        raise NothingThereError(name=case.reference)


def is_named(official: Official | AnonymousUser, case: Case) -> bool:
    """Whether the case was given to this official: drafter, executing officer, named, or by organisation."""
    if official.pk is None:
        return False
    return official.pk in (case.drafter_id, case.executing_officer_id) or (
        case.access.filter(_to(official)).exists()
    )


def may_read(official: Official | AnonymousUser, case: Case) -> bool:
    """Whether what drafts, letters and items say is open: not to those who only oversee."""
    return is_entitled(official, case) and (may(official, "read_contents") or is_named(official, case))


def letter_case(official: Official | AnonymousUser, letter: Letter) -> Case | None:
    """The case of a letter the official may see; of one that belongs to no case, None for the widest view.

    Raises NothingThereError for every other letter.
    """
    authorise(official, "view_case")
    case = Case.objects.select_related("peer").filter(reference=letter.case_reference).first()
    if is_entitled(official, case) if case else sees_every_case(official):
        return case
    raise NothingThereError(name=str(letter.pk))


def may_read_letter(official: Official | AnonymousUser, case: Case | None) -> bool:
    """Whether what a letter of this case (or of none) says is open to the official."""
    return may_read(official, case) if case else may(official, "read_contents")


def exhibits(official: Official | AnonymousUser, found: QuerySet[Exhibit]) -> QuerySet[Exhibit]:
    """Those exhibits that belong to cases the official may see; wiring registers this with their room."""
    if sees_every_case(official):
        return found
    return found.filter(case_reference__in=visible(official).values("reference"))


def _of_the_body(official: Official | AnonymousUser) -> Q:
    """The condition of a case whose drafter or executing officer works in the official's own body."""
    organisation = getattr(official, "organisation_id", None)
    if organisation is None:
        return Q(pk__in=[])
    colleagues = Official.objects.filter(organisation=organisation).values("pk")
    return Q(drafter__in=colleagues) | Q(executing_officer__in=colleagues)


def _to(official: Official | AnonymousUser) -> Q:
    """The rows of access that reach an official."""
    person = Q(official=official.pk)
    organisation = getattr(official, "organisation_id", None)
    return person | Q(organisation=organisation) if organisation else person
