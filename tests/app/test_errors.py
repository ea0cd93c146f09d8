"""Refusals in the caller's language; a database that is away is said so."""

from __future__ import annotations

from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from psycopg_pool import PoolTimeout

from chengshu.app.errors import STATUS
from chengshu.kit.errors import (
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    Refused,
    TooMany,
    Unauthenticated,
)
from tests.security.people import Api

pytestmark = pytest.mark.db


@pytest.mark.parametrize(("language", "english"), [
    ("en", True), ("en-GB,en;q=0.9,zh;q=0.8", True), ("EN", True), ("zh-CN,zh;q=0.9,en;q=0.8", False), ("", False), ("de", False),
])  # fmt: skip
def test_the_callers_first_language_is_spoken(api: Api, language: str, english: bool) -> None:
    for path, status, sentences in (
        ("/api/v1/me", 401, ("请先登录", "please log in")),
        ("/api/v1/public/track/aaaa-bbbb-cccc", 404, ("没有找到", "nothing found")),
        ("/api/v1/areas?within=x", 422, ("读不懂", "cannot be read")),
        ("/api/v1/nothing", 404, ("没有这个地址", "there is no such address")),
    ):
        answer = api.request("GET", path, headers={"Accept-Language": language})
        assert answer.status_code == status
        assert sentences[english] in answer.json()["detail"], path
        assert sentences[not english] not in answer.json()["detail"]


class _Away:
    """A database that does not answer."""

    def __init__(self, failure: Exception) -> None:
        self.failure = failure

    @contextmanager
    def transaction(self, scope: Any = None) -> Any:
        raise self.failure
        yield


@pytest.mark.parametrize("failure", [psycopg.OperationalError("server closed the connection"), PoolTimeout("30 s"),
                                     psycopg.errors.AdminShutdown("terminating"), psycopg.OperationalError("")])  # fmt: skip
def test_a_database_that_is_away(api: Api, failure: Exception) -> None:
    api.app.state.database = _Away(failure)
    headers = {"Cookie": "chengshu_session=x"}
    for verb, path in (
        ("GET", "/api/v1/me"),
        ("GET", "/api/v1/incidents"),
        ("POST", "/api/v1/notices/read"),
    ):
        answer = api.request(verb, path, headers=headers)
        assert answer.status_code == 503
        assert answer.json()["detail"] == "数据库暂时没有回应，请稍后再试"
        assert answer.headers["retry-after"] == "2"
        english = api.request(verb, path, headers={**headers, "Accept-Language": "en"}).json()[
            "detail"
        ]
        assert english == "the database does not answer, try again shortly"
    assert (
        api.request("GET", "/api/v1/city").status_code == 200
    )  # what needs no database still answers


def test_a_bug_tells_nothing_of_itself(api: Api) -> None:
    api.app.state.database = _Away(RuntimeError("secret /etc/passwd"))
    answer = api.request("GET", "/api/v1/me", headers={"Cookie": "chengshu_session=x"}, quiet=True)
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert answer.json()["code"] == "internal"


def test_row_security_is_the_last_word(api: Api) -> None:
    """What no rule refused and the database did is a refusal, not an error of ours."""
    api.app.state.database = _Away(
        psycopg.errors.InsufficientPrivilege("new row violates row-level security policy")
    )
    answer = api.request(
        "GET", "/api/v1/me", headers={"Cookie": "chengshu_session=x", "Accept-Language": "en"}
    )
    assert (answer.status_code, answer.json()["detail"]) == (403, "this lies outside your area")


def test_every_kind_of_refusal_has_its_status() -> None:
    assert {
        Unauthenticated: 401,
        Forbidden: 403,
        NotFound: 404,
        Conflict: 409,
        Invalid: 422,
        TooMany: 429,
    }.items() <= STATUS.items()
    assert all(issubclass(kind, Refused) for kind in STATUS)


def test_a_field_is_named(api: Api) -> None:
    answer = api.request("POST", "/api/v1/public/reports", json={"client_id": "short", "text": 5})
    assert {f["field"] for f in answer.json()["fields"]} == {"client_id", "text"}


def test_pages_are_protected(api: Api) -> None:
    headers = api.request("GET", "/api/v1/city").headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "default-src 'self'" in headers["content-security-policy"]
    assert "script-src" not in headers["content-security-policy"]  # nothing beside our own files
