"""Who sees and switches the weights, and what the page is given."""

from __future__ import annotations

from collections.abc import Callable

import psycopg
import pytest

from chengshu.agencies.model import Role
from tests.conftest import Home
from tests.incidents.refit.test_versions import Say, pair, refit, say
from tests.security.fixtures import api, person
from tests.security.people import Api, Someone, rows
from tests.security.scene import ok

__all__ = ["api", "pair", "person", "say"]
pytestmark = pytest.mark.db

PATH = "/merging/weights"
Person = Callable[..., Someone]


def test_only_the_whole_citys_analyst_and_supervisor(db: Home, person: Person) -> None:
    for role in Role:
        unit = "nt" if role is not Role.HANDLER else "nt.rugao.cgj"
        wanted = 200 if role in (Role.ANALYST, Role.SUPERVISOR) else 403
        assert person(role, unit).get(PATH).status_code == wanted, role
    for role in (Role.ANALYST, Role.SUPERVISOR):
        who = person(role, "nt.rugao")
        assert who.get(PATH).status_code == 403
        body = {"instead_of": 0, "reason": "试用"}
        assert who.post(f"{PATH}/1/activate", body).status_code == 403


def test_before_and_after_then_a_switch_and_back(db: Home, say: Say, person: Person) -> None:
    say(25)
    refit(db)
    who = person(Role.ANALYST, "nt")
    assert who.account is not None
    found = ok(who.get(PATH))
    assert (found["current"], found["night"], found["least"]) == (0, False, 20)
    assert found["waiting"] == {"refused": 25}
    assert [(v["version"], v["state"]) for v in found["versions"]] == [
        (1, "proposed"),
        (0, "active"),
    ]
    proposal = found["versions"][0]
    assert proposal["usable"]
    whole = proposal["figures"]["whole"]
    assert whole["after"]["loss"] < whole["before"]["loss"]
    assert {"prior", "quarter_same"} <= {m["name"] for m in proposal["measures"]}
    assert all(m["label"] and m["label_en"] for m in proposal["measures"])
    body = {"instead_of": 0, "reason": "试用"}
    done = ok(who.post(f"{PATH}/1/activate", body))
    assert (done["current"], done["waiting"]) == (1, {})
    assert done["versions"][0]["activated_by"] == who.account.name
    assert who.post(f"{PATH}/1/activate", body).status_code == 409
    back = ok(who.post(f"{PATH}/0/activate", {"instead_of": 1, "reason": "误并增多"}))
    assert [(v["version"], v["state"]) for v in back["versions"]] == [(1, "retired"), (0, "active")]
    assert rows(db, "select account, role from audit where act = 'weights_activated'") == [
        (who.account.id, "analyst")
    ] * 2  # fmt: skip


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("9", {"instead_of": 0, "reason": "试用"}, 404),
        ("1", {"instead_of": 0, "reason": "   "}, 422),
        ("1", {"instead_of": 0}, 422),
        ("1", {"instead_of": -1, "reason": "试用"}, 422),
        ("one", {"instead_of": 0, "reason": "试用"}, 422),
        ("-1", {"instead_of": 0, "reason": "试用"}, 422),
        (str(2**62), {"instead_of": 0, "reason": "试用"}, 404),
    ],
)
def test_what_cannot_be_read(
    db: Home, say: Say, person: Person, path: str, body: dict[str, object], status: int
) -> None:
    say(25)
    refit(db)
    refusal = person(Role.SUPERVISOR, "nt").post(f"{PATH}/{path}/activate", body)
    assert refusal.status_code == status
    assert refusal.json()["detail"]


def test_the_database_lets_nobody_else_switch(db: Home, say: Say, api: Api, person: Person) -> None:
    """Row-level security is the second lock behind the route."""
    say(25)
    refit(db)
    for role, unit, many in (
        (Role.ANALYST, "nt", 1),
        (Role.ANALYST, "nt.rugao", 0),
        (Role.DISPATCHER, "nt", 0),
        (Role.LEADER, "nt", 0),
    ):
        who = person(role, unit)
        assert who.scope is not None
        with db.app.transaction(who.scope.settings()) as conn:
            done = conn.execute("update merging_weights set reason = 'x' where version = 1")
            assert done.rowcount == many, (role, unit)
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                conn.execute("delete from merging_weights")
