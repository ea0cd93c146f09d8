"""Logging in and staying so: cookies, CSRF, fixation, locks, ends."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import httpx
import pytest

from chengshu.agencies.model import Role
from tests.security.people import PASSWORD, Api, Someone, add_account, log_in, rows

pytestmark = pytest.mark.db


def enter(api: Api, login: str, password: str = PASSWORD, **headers: str) -> httpx.Response:
    return api.request(
        "POST", "/api/v1/session", json={"login": login, "password": password}, headers=headers
    )


def cookie_of(answer: httpx.Response) -> str:
    return answer.headers["set-cookie"].split(";")[0].removeprefix("chengshu_session=")


@pytest.fixture
def login(api: Api) -> str:
    """Somebody's name."""
    return add_account(api.home, Role.DISPATCHER, "nt.rugao", api.clock.now, login="gu").login


def test_in_and_out(api: Api, login: str) -> None:
    answer = enter(api, login)
    me = answer.json()
    assert (me["login"], me["role"], me["unit"]["unit"]) == ("gu", "dispatcher", "nt.rugao")
    assert me["scope"] == {"area_lo": "320682000000000", "area_hi": "320683000000000"}
    cookie = {"Cookie": f"chengshu_session={cookie_of(answer)}"}
    assert api.request("GET", "/api/v1/me", headers=cookie).json() == me
    out = api.request("DELETE", "/api/v1/session", headers={**cookie, "X-CSRF-Token": me["csrf"]})
    assert out.status_code == 204
    assert 'chengshu_session=""' in out.headers["set-cookie"]
    assert api.request("GET", "/api/v1/me", headers=cookie).status_code == 401
    assert rows(api.home, "select count(*) from session") == [(0,)]


def test_the_cookie_is_not_for_scripts_nor_for_other_sites(api: Api, login: str) -> None:
    flags = enter(api, login).headers["set-cookie"].lower()
    assert "httponly" in flags
    assert "samesite=strict" in flags
    assert "path=/" in flags
    assert "max-age=43200" in flags
    assert "secure" not in flags  # behind HTTPS a setting adds it
    api.app.state.settings = api.app.state.settings.model_copy(update={"secure_cookies": True})
    assert "; secure" in enter(api, login).headers["set-cookie"].lower()


def test_only_hashes_are_kept(api: Api, login: str) -> None:
    token = cookie_of(enter(api, login))
    assert token.encode() not in bytes(rows(api.home, "select token_hash from session")[0][0])
    assert PASSWORD not in rows(api.home, "select password_hash from account")[0][0]


@pytest.mark.parametrize("given", [None, "", "wrong", "other"])
def test_a_change_needs_the_pages_own_token(api: Api, login: str, given: str | None) -> None:
    """Another session's token is no better than none."""
    who, other = (
        log_in(api, add_account(api.home, Role.DISPATCHER, "nt", api.clock.now)) for _ in range(2)
    )
    headers = {"Cookie": who.headers["Cookie"]}
    if given is not None:
        headers["X-CSRF-Token"] = other.headers["X-CSRF-Token"] if given == "other" else given
    tries: list[tuple[str, str, dict[str, str] | None]] = [
        ("POST", "/notices/read", None),
        ("POST", "/incidents/1/void", {"reason": "四个字的"}),
        ("POST", "/reports", {"channel": "hotline", "text": "x"}),
        ("DELETE", "/session", None),
    ]
    for verb, path, body in tries:
        answer = api.request(verb, f"/api/v1{path}", headers=headers, json=body)
        assert answer.status_code == 403, (path, answer.text)
    assert api.request("GET", "/api/v1/me", headers=headers).status_code == 200


def test_no_session_can_be_fixed_upon_a_browser(api: Api, login: str) -> None:
    """A cookie that somebody planted is never taken over: its session ends and a new token is given."""
    planted = cookie_of(
        enter(
            api, add_account(api.home, Role.HANDLER, "nt.cgj", api.clock.now, login="mallory").login
        )
    )
    answer = enter(api, login, Cookie=f"chengshu_session={planted}")
    assert cookie_of(answer) != planted
    assert (
        api.request(
            "GET", "/api/v1/me", headers={"Cookie": f"chengshu_session={planted}"}
        ).status_code
        == 401
    )
    made_up = enter(api, login, Cookie="chengshu_session=made-up-by-me")
    assert cookie_of(made_up) != "made-up-by-me"


def test_a_login_form_of_another_site_is_not_read(api: Api, login: str) -> None:
    body = f'{{"login": "{login}", "password": "{PASSWORD}"}}'
    for kind in (
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
    ):
        answer = api.request(
            "POST", "/api/v1/session", content=body.encode(), headers={"Content-Type": kind}
        )
        assert answer.status_code in (400, 415, 422)
        assert "set-cookie" not in answer.headers


def test_name_and_password_are_wrong_in_one_way(api: Api, login: str) -> None:
    add_account(api.home, Role.HANDLER, "nt.cgj", api.clock.now, login="off", active=False)
    answers = [
        enter(api, *pair)
        for pair in ((login, "wrong password"), ("nobody", PASSWORD), ("off", PASSWORD))
    ]
    assert {(a.status_code, a.text) for a in answers} == {(401, answers[0].text)}
    assert [r[0] for r in rows(api.home, "select act from audit")] == ["login_failed"] * 2


def test_a_lock_after_failures(api: Api, login: str) -> None:
    for _ in range(6):
        assert enter(api, login, "wrong password").status_code == 401
    assert enter(api, login).status_code == 403  # even the right one
    api.clock.now += timedelta(minutes=10, seconds=1)
    assert enter(api, login).status_code == 200
    assert rows(api.home, "select failures from account where login = 'gu'") == [(0,)]


def test_guessing_in_parallel_gains_nothing(api: Api, login: str) -> None:
    with ThreadPoolExecutor(12) as pool:
        answers = list(
            pool.map(lambda n: enter(api, login, f"guess number {n}").status_code, range(12))
        )
    assert answers.count(401) == 6
    assert answers.count(403) == 6


def test_a_success_forgets_failures(api: Api, login: str) -> None:
    for _ in range(3):
        for _ in range(5):
            enter(api, login, "wrong password")
        assert enter(api, login).status_code == 200


def test_a_session_ends_by_itself(api: Api, person: object) -> None:
    who = log_in(
        api, add_account(api.home, Role.DISPATCHER, "nt", api.clock.now), lasts=timedelta(hours=1)
    )
    api.clock.now += timedelta(minutes=59)
    assert who.get("/me").status_code == 200
    api.clock.now += timedelta(minutes=1)
    assert who.get("/me").status_code == 401
    assert who.post("/notices/read").status_code == 401


@pytest.mark.parametrize(
    "change", [{"active": False}, {"role": "analyst"}, {"password": "a-new-passphrase-1"}]
)
def test_a_changed_account_loses_its_sessions_at_once(api: Api, change: dict[str, object]) -> None:
    security = log_in(api, add_account(api.home, Role.SECURITY_ADMIN, "nt", api.clock.now))
    account = add_account(api.home, Role.DISPATCHER, "nt", api.clock.now)
    browsers = [log_in(api, account) for _ in range(2)]
    assert security.call("PATCH", f"/admin/accounts/{account.id}", json=change).status_code == 204
    assert [b.get("/me").status_code for b in browsers] == [401, 401]


def test_a_switched_off_account_is_out_even_while_its_session_is_kept(api: Api) -> None:
    who = log_in(api, add_account(api.home, Role.DISPATCHER, "nt", api.clock.now))
    with api.home.owner() as conn:
        conn.execute("update account set active = false")
    assert who.get("/me").status_code == 401


def test_a_key_that_was_switched_off_is_no_key(api: Api) -> None:
    security = log_in(api, add_account(api.home, Role.SECURITY_ADMIN, "nt", api.clock.now))
    made = security.post(
        "/admin/credentials", {"name": "数字城管", "channels": ["other", "other"]}
    ).json()
    assert made["channels"] == ["other"]
    system = Someone(api, {"X-API-Key": made["key"]})
    report = {"channel_id": "1", "text": "路灯坏了"}
    assert system.post("/channels/other/reports", report).status_code == 202
    assert system.post("/channels/police110/reports", report).status_code == 403
    assert system.get("/me").status_code == 401  # a key is no login
    assert (
        security.call(
            "PATCH", f"/admin/credentials/{made['id']}", json={"active": False}
        ).status_code
        == 204
    )
    assert system.post("/channels/other/reports", report).status_code == 401
    assert made["key"] not in security.get("/admin/credentials").text
