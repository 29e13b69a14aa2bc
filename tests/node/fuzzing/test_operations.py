"""Every operation is called with what its description allows and with what it forbids (schemathesis).

No server error, no status that the description does not name, no answer of another shape; on believable data,
by somebody who may do everything, so that little stops at the door. The same inputs in every run.
"""

from __future__ import annotations

import json
import socket
import uuid
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
import requests
import schemathesis
from django.db import transaction
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.core.result import Ok
from schemathesis.core.transport import Response
from schemathesis.specs.openapi import converter
from tests.node import believable
from tests.node.api.test_access_matrix import OPERATIONS
from tests.node.believable import ASKED, NOW, WAS_ASKED

from comity.node.accounts.models import Official, Role
from comity.node.api import tokens
from comity.node.api.service import api
from comity.node.casework.acts.change_access import assign
from comity.node.casework.models import Case

pytestmark = pytest.mark.django_db
EXAMPLES = 5
"""Inputs of each kind for each operation."""
SETTINGS = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def _description() -> Any:
    """The description, by which schemathesis makes inputs and judges answers."""
    content = json.loads(json.dumps(api.get_openapi_schema(path_prefix="/api/"), default=str))
    return schemathesis.openapi.from_dict(content)


@cache
def operations() -> dict[str, Any]:
    """Each operation by its method and path; made when the first is called, not by everybody who looks for
    tests."""
    found = (result.ok() for result in _description().get_all_operations() if isinstance(result, Ok))
    return {f"{operation.method.upper()} {operation.path}": operation for operation in found}


NAMES = sorted(name.replace(" ", " /api", 1) for name in OPERATIONS)
ROOMS = sorted({name.split("/")[2] for name in NAMES})
"""The first part of the operations' addresses: what one building of the rows is used for."""


@pytest.fixture(autouse=True)
def lengths_stay_beside_patterns(monkeypatch: pytest.MonkeyPatch) -> None:
    """A text's pattern and its length are obeyed, and broken, as the description has them. schemathesis would
    fold both into one pattern (``{0,2000}``), whose compiling takes a second for each body."""
    monkeypatch.setattr(converter, "update_pattern_in_schema", lambda schema: None)


@pytest.fixture
def client(keys: Any, monkeypatch: pytest.MonkeyPatch) -> Client:
    """A client whose token's owner holds every role and is named on every case; no name is resolved."""
    rows = believable.build()
    believable.drafting(rows)
    believable.administration(rows)
    person = believable.official("fuzz", "F. Uzz", "Officer", *Role)
    for case in Case.objects.all():
        assign(person, case, NOW)

    def nowhere(*_: Any, **__: Any) -> Any:
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", nowhere)
    secret = tokens.make(person, "-", days=1, now=timezone.now())
    return Client(headers={"Authorization": f"Bearer {secret}"}, raise_request_exception=False)


KNOWN: dict[str, list[Any]] = {
    "reference": [ASKED, WAS_ASKED, "XA-2026-000003", "XA-2026-000004"],
    "citation": ["uncc:art_42__para_3", "uncac:art_46"],
    "name": ["costs"],
    "language": ["en", "kk", "ru", "tk"],
    "username": ["asel", "dana"],
    "organisation": ["bureau"],
    "number": [1, 2, f"{ASKED}-E1"],
    **{key: [1, 2] for key in ("other", "comment", "template", "given", "reminder")},
}
"""Parts of an address that lead somewhere."""


def _call(client: Client, case: Any) -> Any:
    """Send a generated case in this process; what came back, as schemathesis reads it."""
    options: dict[str, Any] = case.as_transport_kwargs(base_url="http://testserver")
    request = requests.Request(
        **{key: value for key, value in options.items() if key in requests.Request().__dict__}
    ).prepare()
    _, _, path = (request.url or "").partition("http://testserver")
    headers = {name: str(value) for name, value in request.headers.items() if name.lower() == "accept"}
    body = request.body or b""
    answer = client.generic(
        request.method or "GET",
        path,
        body.encode() if isinstance(body, str) else body,
        content_type=request.headers.get("Content-Type", "application/json"),
        headers=headers,
    )
    came = {key: [value] for key, value in answer.headers.items()}
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return Response(answer.status_code, came, content, request, 0.0, verify=False)


def _known(data: Any, case: Any) -> None:
    """Let most addresses lead to something that is there."""
    for name in case.path_parameters or {}:
        known = KNOWN.get(name)
        if name == "letter":
            known = [str(one) for one in believable.Letter.objects.values_list("pk", flat=True)]
        if name == "endpoint":
            known = [str(believable_endpoint()), str(uuid.UUID(int=0))]
        if known and data.draw(st.integers(0, 3)):
            case.path_parameters[name] = data.draw(st.sampled_from(known))


def believable_endpoint() -> Any:
    from comity.node.webhooks.models import Endpoint

    return Endpoint.objects.get().pk


def fuzz(client: Client, operation: Any, mode: GenerationMode, judge: Callable[[Any, Any], None]) -> None:
    """Each example in a transaction of its own that is undone."""
    strategy = operation.as_strategy(generation_mode=mode)

    @SETTINGS
    @given(st.data())
    def examples(data: Any) -> None:
        case = data.draw(strategy)
        _known(data, case)
        with transaction.atomic():
            judge(case, _call(client, case))
            transaction.set_rollback(True)

    examples()


def test_all_operations_are_called() -> None:
    assert set(operations()) == set(NAMES)
    assert len(NAMES) >= 60


@pytest.mark.parametrize("room", ROOMS)
def test_no_input_breaks_an_operation_and_answers_have_their_shape(
    client: Client, room: str, subtests: pytest.Subtests
) -> None:
    for name in NAMES:
        if name.split("/")[2] == room:
            with subtests.test(name):
                _call_with_everything(client, operations()[name])


def _call_with_everything(client: Client, operation: Any) -> None:
    """Each example is undone, so that the next operation meets what this one met."""

    def judge(case: Any, answer: Any) -> None:
        assert answer.status_code < 500, (answer.request.url, answer.request.body, answer.content)
        assert answer.status_code != 401
        documented = operation.definition.raw["responses"]
        assert str(answer.status_code) in documented, (answer.status_code, answer.request.url, answer.content)
        if answer.content and "json" in answer.headers["content-type"][0]:
            operation.validate_response(answer)

    for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
        if mode == GenerationMode.NEGATIVE and not _can_be_wrong(operation):
            continue
        fuzz(client, operation, mode, judge)


def _can_be_wrong(operation: Any) -> bool:
    """Whether the description forbids anything."""
    return bool(list(operation.body)) or bool(operation.query)


def test_a_planted_fault_and_a_planted_shape_are_found(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    operation = operations()["GET /api/cases/{reference}/timeline"]

    def judge(case: Any, answer: Any) -> None:
        assert answer.status_code < 500
        operation.validate_response(answer)

    fuzz(client, operation, GenerationMode.POSITIVE, judge)
    plain = Client.generic
    monkeypatch.setattr(
        Client,
        "generic",
        lambda *a, **k: _spoilt(plain(*a, **k), b'[{"at": 1}]'),  # another shape
    )
    with pytest.raises(BaseExceptionGroup):
        fuzz(client, operation, GenerationMode.POSITIVE, judge)
    monkeypatch.setattr(Client, "generic", lambda *a, **k: _spoilt(plain(*a, **k), b"{}", 500))
    with pytest.raises(AssertionError):
        fuzz(client, operation, GenerationMode.POSITIVE, judge)


def _spoilt(answer: Any, content: bytes, status: int = 200) -> Any:
    answer.content, answer.status_code = content, status
    return answer


def test_a_text_for_a_body_is_no_body(client: Client) -> None:
    """A text has attributes too; a shape that reads attributes would take them for fields."""
    for body in ('"abc"', "[]", "1", "null", "true"):
        answer = client.post("/api/organisations", body, content_type="application/json")
        assert answer.status_code == 400, body
    assert Official.objects.filter(username="fuzz").exists()
