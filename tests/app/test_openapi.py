"""schemathesis against our own OpenAPI document: no error of ours, no status or shape it does not announce."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from chengshu.agencies.model import Role
from tests.conftest import NOW, Home
from tests.security import people
from tests.security.calls import CALLS, routes
from tests.security.people import Api

pytestmark = [pytest.mark.db, pytest.mark.slow]

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    response_schema_conformance,
    content_type_conformance,
]
EXAMPLES = int(
    os.environ.get("CHENGSHU_TEST_FUZZ", "15")
)  # more by hand; this many per operation and kind in every build
# «POST /session» and «DELETE /session» would log the caller out; the stream never ends.
LEFT_OUT = {"GET /api/v1/live", "DELETE /api/v1/session"}
ROUTES = sorted(set(CALLS) - LEFT_OUT)


@pytest.fixture(scope="module")
def api(home: Home) -> Iterator[Api]:
    """One application for all operations: what they write does not matter."""
    home.empty()
    yield people.make_api(home, NOW)
    people.forget_grids(home)


@pytest.fixture(scope="module")
def callers(api: Api) -> dict[str, dict[str, str]]:
    """Headers of a dispatcher's page, an outside system, and the administrators."""
    key = people.system(api, "other", "police110", "web").headers
    roles = {
        "system": Role.SYSTEM_ADMIN,
        "security": Role.SECURITY_ADMIN,
        "audit": Role.AUDIT_ADMIN,
    }
    admins = {name: people.person(api, role, "nt").headers for name, role in roles.items()}
    return {"dispatcher": people.person(api, Role.DISPATCHER, "nt").headers, "key": key, **admins}


@pytest.fixture(scope="module")
def document(api: Api) -> Any:
    """The document, read as schemathesis reads it."""
    return schemathesis.openapi.from_asgi("/openapi.json", api.app)


def _who(route: str, callers: dict[str, dict[str, str]]) -> list[dict[str, str]]:
    if "/channels/" in route:
        return [callers["key"]]
    if "/admin/audit" in route:
        return [callers["audit"]]
    if "/admin/credentials" in route:
        return [callers["security"]]
    if "/admin/" in route:
        return [callers["system"]]
    return [callers["dispatcher"], {}]


def test_every_operation_is_tried(api: Api) -> None:
    assert set(routes(api.app.openapi())) - LEFT_OUT == set(ROUTES)


@pytest.mark.parametrize("mode", list(GenerationMode))
@pytest.mark.parametrize("route", ROUTES)
def test_the_document_tells_the_truth(
    document: Any, callers: dict[str, dict[str, str]], route: str, mode: GenerationMode
) -> None:
    verb, path = route.split(" ", 1)
    operation = document[path][verb]
    if mode is GenerationMode.NEGATIVE and not (
        operation.body or operation.path_parameters or operation.query
    ):
        return  # nothing to get wrong
    for headers in _who(route, callers):
        _tell(operation, mode, headers)


def _tell(operation: Any, mode: GenerationMode, headers: dict[str, str]) -> None:
    @settings(max_examples=EXAMPLES, deadline=None, database=None, derandomize=True, phases=[Phase.generate],
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(case=operation.as_strategy(generation_mode=mode))
    def tell(case: schemathesis.Case[Any]) -> None:
        case.call_and_validate(headers=headers, checks=CHECKS)

    tell()
