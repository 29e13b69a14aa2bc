"""While the clock cannot be believed, people read and sign in, and do nothing else."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, JsonResponse

from comity.node.ledger import wall_clock
from comity.node.pages.errors import refused

READING = ("GET", "HEAD", "OPTIONS")
OPEN = ("/account/", "/language/", "/ledger/clock/", "/api/ledger/clock/")
"""Where something may be sent all the same: signing in, and the act that accepts the clock."""


class SteadyClock:
    """Every page says that the clock has stepped (``request.clock_step``); what would act is refused."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Let through what reads; 503 with the time to come again for the rest."""
        found = wall_clock.step()
        request.clock_step = found  # type: ignore[attr-defined]  # read by pages/base.html
        if found is None or request.method in READING or request.path.startswith(OPEN):
            return self.get_response(request)
        error = found.error()
        if request.path.startswith("/api/"):
            answer: HttpResponse = JsonResponse(error.as_dict(), status=HTTPStatus.SERVICE_UNAVAILABLE)
        else:
            answer = refused(request, error)
        answer.headers["Retry-After"] = str(wall_clock.COME_AGAIN)
        return answer
