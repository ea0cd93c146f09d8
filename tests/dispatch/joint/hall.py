"""The zone, its bureaus and the city above them, for tests of joint command and its kin."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest

from chengshu.agencies.model import Role
from chengshu.app import pipeline
from tests.conftest import NOW, Home
from tests.security.people import Api, Someone, forget_grids, log_in, make_api, person
from tests.security.scene import Place, file, incident_of, ok

ZONE = Place(
    "nt.kaifaqu",
    320671000000000,
    320671000000000,
    "南通开发区",
    120.94,
    31.92,
    (),
    "13933330003",
    "辛",
)
LABOUR, HOUSING, POLICE, JUSTICE = (f"nt.kaifaqu.{u}" for u in ("rsj", "zjj", "gaj", "sfj"))
OWED = "开发区船厂内一个工地拖欠农民工工资，一百多名工人三个月没发工资，共500万元"
CONTRACT = "开发区船厂内工地，总包拖欠我们分包的工程款，工程款没结，工人工资也发不出"
WHY = "涉及多部门，人数多、金额大"


@dataclass
class Hall:
    """Everybody who has to do with a case that crosses departments."""

    api: Api
    who: dict[str, Someone]

    def at(self, role: Role, unit: str) -> Someone:
        """Somebody of this role at this unit."""
        key = f"{role}@{unit}"
        if key not in self.who:
            self.who[key] = person(self.api, role, unit)
        return self.who[key]

    @property
    def desk(self) -> Someone:
        """The zone's dispatcher."""
        return self.at(Role.DISPATCHER, "nt.kaifaqu")

    def later(self, by: timedelta) -> None:
        """Let time pass, and the workers look; sessions are begun anew."""
        self.api.clock.now += by
        self.api.work()
        while pipeline.handle_clocks(self.api.home.worker, self.api.clock.now):
            pass
        self.who = {k: log_in(self.api, s.account) for k, s in self.who.items() if s.account}

    def says(self, text: str = OWED, **more: Any) -> str:
        """Somebody rings; the incident that comes of it."""
        report = file(self.at(Role.CALL_TAKER, "nt.kaifaqu"), ZONE, text, **more)
        self.api.work()
        return incident_of(self.api, report)

    def begins(self, incident: str = "", **more: Any) -> dict[str, Any]:
        """A joint command by the template, as the zone's dispatcher sees it."""
        body = {"reason": WHY, "template": "wage_dispute", **more}
        found: dict[str, Any] = ok(
            self.desk.post(f"/incidents/{incident or self.says()}/joint", body)
        )
        return found

    def does(self, order: str, unit: str, reply: str = "已经办妥，结果已登记造册") -> None:
        """A unit signs for an order and reports back."""
        handler = self.at(Role.HANDLER, unit)
        ok(handler.post(f"/orders/{order}/sign"))
        ok(
            handler.post(
                f"/orders/{order}/handle", {"reply": reply, "document": "开管函〔2026〕1号"}
            )
        )

    def closes(self, order: str) -> None:
        """The city's desk confirms, since nobody checks what her own unit did; the zone's closes."""
        ok(self.at(Role.DISPATCHER, "nt").post(f"/orders/{order}/verify", {"ok": True}))
        ok(self.desk.post(f"/orders/{order}/close"))

    def finishes(self, joint: dict[str, Any]) -> dict[str, Any]:
        """Every part is done and closed, the lead has reported back."""
        for task in joint["tasks"]:
            if task["lead"]:
                self.does(task["order"], task["unit"])
                continue
            if task["open"]:
                self.does(task["order"], task["unit"])
                self.closes(task["order"])
        found: dict[str, Any] = ok(self.desk.get(f"/joint/{joint['id']}"))
        return found

    def answers(self, joint: dict[str, Any]) -> None:
        """Each matter gets its answer."""
        for strand in joint["strands"]:
            body = {"answer": f"{strand['name']}已经解决", "reply_all": True}
            ok(self.desk.post(f"/joint/{joint['id']}/strands/{strand['code']}/answer", body))


@pytest.fixture
def hall(db: Home) -> Iterator[Hall]:
    """The zone by daylight: a Tuesday evening."""
    api = make_api(db, NOW)
    yield Hall(api, {})
    forget_grids(db)


def moment(text: str) -> datetime:
    """An instant of an answer."""
    return datetime.fromisoformat(text)
