"""Carries the steps of a verification out, in order, into the report (docs/sealing.md, clause 11).

Receives a case and numbered steps; an error that a step raises is what the step found; the first that fails
ends them. This machine's own fault is no finding about a package.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from comity.sealing.case import Case, IdentityNeededError, PackageOfNewerVersionError, UndecidedError
from comity.sealing.durable import StorageError
from comity.sealing.report import Sentence, Step
from comity.terms import ComityError, Verdict, gettext_noop

Run = Callable[[Case], Sentence]
NOT_REACHED = "not_reached"
_NOTHING_TO_GO_ON = (IdentityNeededError.code, PackageOfNewerVersionError.code)


def carry_out(case: Case, steps: Iterable[tuple[int, str, Run]]) -> None:
    """Carry the steps out into the case's report, up to the first that fails."""
    stopped = False
    for n, name, run in steps:
        if stopped:
            unreached = Sentence(gettext_noop("Not reached: an earlier step did not pass."))
            case.report.steps.append(Step(n, name, Verdict.INDETERMINATE, NOT_REACHED, unreached))
            continue
        step = _carried_out(case, n, name, run)
        case.report.steps.append(step)
        stopped = step.verdict is Verdict.FAILED or step.code in _NOTHING_TO_GO_ON


def _carried_out(case: Case, n: int, name: str, run: Run) -> Step:
    try:
        return Step(n, name, Verdict.PASSED, None, run(case))
    except UndecidedError as error:
        return Step(n, name, Verdict.INDETERMINATE, error.code, Sentence(error.message, **error.params))
    except StorageError:
        raise  # this machine's fault, not the package's
    except ComityError as error:
        return Step(n, name, Verdict.FAILED, error.code, Sentence(error.message, **error.params))
