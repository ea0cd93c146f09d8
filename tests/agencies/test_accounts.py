"""Three administrators, none of whom can give a power alone; scopes of every role; passwords."""

from __future__ import annotations

from itertools import product

import pytest

from chengshu.agencies import passwords
from chengshu.agencies.accounts import Wish, why_not
from chengshu.agencies.model import Account, Kind, Role, Tier, Unit
from chengshu.agencies.scope import of_account, of_channel, of_citizen
from chengshu.kit.errors import Invalid
from tests.security.people import Api, add_account, log_in, rows

WISHES = {"role": Wish(role=Role.LEADER), "unit": Wish(unit="nt"), "name": Wish(name="甲"), "active": Wish(active=True),
          "password": Wish(password="abcdefghijk")}  # fmt: skip
RIGHTS = {Role.SYSTEM_ADMIN: {"unit", "name"}, Role.SECURITY_ADMIN: {"role", "active", "password"}}


@pytest.mark.parametrize(("by", "what"), list(product(Role, WISHES)))
def test_who_may_change_what(by: Role, what: str) -> None:
    assert (why_not(by, WISHES[what]) is None) == (what in RIGHTS.get(by, set()))


def test_nobody_may_do_both_halves() -> None:
    """Making somebody powerful takes two: one places her, the other gives the role."""
    for by in Role:
        assert why_not(by, Wish(role=Role.DISPATCHER, unit="nt")) is not None
    assert why_not(Role.AUDIT_ADMIN, Wish()) is None  # asking for nothing changes nothing


CENTRE = Unit("nt.rugao", "如皋", "Rugao", "如皋", Kind.CENTRE, Tier.COUNTY, "", 320682000000000)
TOWN = Unit(
    "nt.rugao.baipu", "白蒲", "Baipu", "白蒲", Kind.CENTRE, Tier.TOWNSHIP, "", 320682105000000
)
BUREAU = Unit(
    "nt.rugao.cgj", "城管", "CGJ", "城管", Kind.BUREAU, Tier.COUNTY, "城管局", 320682000000000
)
COUNTY = (320682000000000, 320683000000000)


@pytest.mark.parametrize(("role", "unit", "grid", "path", "span", "source"), [
    (Role.DISPATCHER, CENTRE, None, "nt.rugao", COUNTY, "desk:nt.rugao"),
    (Role.ANALYST, TOWN, None, "nt.rugao.baipu", (320682105000000, 320682106000000), "desk:nt.rugao.baipu"),
    (Role.HANDLER, BUREAU, None, "nt.rugao.cgj", None, "desk:nt.rugao.cgj"),  # a bureau: its orders, no area
    (Role.DISPATCHER, BUREAU, None, "nt.rugao.cgj", None, "desk:nt.rugao.cgj"),  # whatever the role
    (Role.GRID_WORKER, TOWN, 320682105001001, "", (320682105001001, 320682105001002), "grid:7"),
    (Role.GRID_WORKER, TOWN, 320682105001000, "", (320682105001000, 320682105002000), "grid:7"),  # a whole village
    (Role.GRID_WORKER, CENTRE, None, "", None, "grid:7"),  # no grid, nothing
    (Role.SYSTEM_ADMIN, CENTRE, None, "", None, ""),
    (Role.SECURITY_ADMIN, CENTRE, None, "", None, ""),
    (Role.AUDIT_ADMIN, CENTRE, None, "", None, ""),
])  # fmt: skip
def test_scope_of_an_account(role: Role, unit: Unit, grid: int | None, path: str, span: tuple[int, int] | None,
                             source: str) -> None:  # fmt: skip
    scope = of_account(Account(7, "a", "甲", role, unit.unit, grid, True), unit)
    assert (scope.unit, scope.span, scope.source, scope.role, scope.account) == (
        path,
        span,
        source,
        role,
        7,
    )
    assert set(scope.settings()) == {
        "role",
        "account",
        "unit",
        "area_lo",
        "area_hi",
        "source",
        "code",
    }
    assert scope.may_include(COUNTY[0] + 105001001) == (
        span is not None and span[0] <= COUNTY[0] + 105001001 < span[1]
    )


def test_scopes_of_systems_and_citizens() -> None:
    assert (of_channel(5).source, of_channel(5).span, of_channel(5).unit) == ("key:5", None, "")
    assert (of_citizen("abc").code, of_citizen().code, of_citizen().span) == ("abc", "", None)


@pytest.mark.parametrize(("password", "good"), [
    ("short-pw1", False), ("ten-chars1", True), ("x" * 201, False), ("aaaaaaaaaaaa", False), ("abababababab", False),
    ("my-GU-login-is", False), ("路灯坏了三盏晚上漆黑一片", True), ("correct horse", True), ("", False),
])  # fmt: skip
def test_the_least_a_password_must_be(password: str, good: bool) -> None:
    if good:
        hashed = passwords.hash_password(password, "gu")
        assert hashed.startswith("$argon2id$")
        assert passwords.matches(password, hashed)
        assert not passwords.matches(password + " ", hashed)
        assert hashed != passwords.hash_password(password, "gu")  # salted
    else:
        with pytest.raises(Invalid):
            passwords.hash_password(password, "gu")


def test_a_damaged_or_missing_hash_matches_nothing() -> None:
    assert not passwords.matches("anything at all", None)
    assert not passwords.matches("nobody has this password", None)
    assert not passwords.matches("anything at all", "x")


@pytest.mark.db
def test_a_new_account_takes_two_administrators(api: Api) -> None:
    system, security, auditor = (log_in(api, add_account(api.home, r, "nt", api.clock.now))
                                 for r in (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN))  # fmt: skip
    body = {"login": "new.one", "name": "新人", "unit": "nt.rugao"}
    assert security.post("/admin/accounts", body).status_code == 403
    made = system.post("/admin/accounts", body).json()
    assert (made["role"], made["active"]) == ("handler", False)
    assert system.post("/admin/accounts", body).status_code == 409
    for by, change in ((system, {"role": "dispatcher"}), (system, {"password": "passphrase-99"}), (system, {"active": True}),
                       (security, {"unit": "nt"}), (auditor, {"active": True})):  # fmt: skip
        assert by.call("PATCH", f"/admin/accounts/{made['id']}", json=change).status_code == 403
    given = {"role": "dispatcher", "active": True, "password": "passphrase-99"}
    assert security.call("PATCH", f"/admin/accounts/{made['id']}", json=given).status_code == 204
    entered = api.request(
        "POST", "/api/v1/session", json={"login": "new.one", "password": "passphrase-99"}
    )
    assert entered.json()["role"] == "dispatcher"
    trail = auditor.get("/admin/audit").json()
    assert {line["act"] for line in trail} >= {"account_added", "account_changed", "login"}
    assert "passphrase-99" not in str(trail)
    assert system.get("/admin/audit").status_code == security.get("/admin/audit").status_code == 403


@pytest.mark.db
def test_set_aside_messages_are_the_system_administrators(api: Api) -> None:
    system = log_in(api, add_account(api.home, Role.SYSTEM_ADMIN, "nt", api.clock.now))
    with api.home.owner() as conn:
        conn.execute(
            "insert into outbox (topic, key, set_aside_at, failed) values ('x', 1, now(), 'why'), ('x', 2, null, null)"
        )
    (shown,) = system.get("/admin/set-aside").json()
    assert (shown["key"], shown["reason"]) == ("1", "why")
    assert system.post(f"/admin/set-aside/{shown['id']}/again").status_code == 204
    assert system.post(f"/admin/set-aside/{shown['id']}/again").status_code == 404
    assert rows(api.home, "select count(*) from outbox where set_aside_at is not null") == [(0,)]
