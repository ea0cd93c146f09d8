"""A county with people on duty, a gateway of its own, and the worker's round."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

from chengshu.agencies.model import Role
from chengshu.app.notifying import Ways, handle_notices
from chengshu.notices.channels.sms import SmsGateway
from chengshu.notices.channels.webhook import Webhook
from chengshu.notices.model import Way
from tests.conftest import Home
from tests.notices.servers import HttpEnd, http_end
from tests.security import people
from tests.security.people import Api, Someone, forget_grids, log_in, make_api, rows
from tests.security.scene import RUGAO, file, incident_of, ok

DANGER = "楼道里有很浓的煤气味,老人已经头晕"
OFFICER, LEADER = "13911112222", "13933334444"


@dataclass
class Town:
    """Rugao with a unit that gets orders, and the workers."""

    api: Api
    gateway: HttpEnd
    ways: Ways
    who: dict[str, Someone] = field(default_factory=dict)

    def at(self, role: Role, unit: str) -> Someone:
        """Somebody of this role and unit."""
        key = f"{role}@{unit}"
        if key not in self.who:
            self.who[key] = people.person(self.api, role, unit)
        return self.who[key]

    def happens(self, text: str = DANGER, **more: Any) -> str:
        """A call, worked off; the incident's id."""
        report = file(self.at(Role.CALL_TAKER, "nt.rugao"), RUGAO, text, **more)
        self.api.work()
        return incident_of(self.api, report)

    def unit_of(self, incident: str) -> str:
        """The unit that has the incident's order."""
        return str(self.sql("select unit from work_order where incident = %s", int(incident))[0][0])

    def duty(
        self, unit: str, *, officer: str = OFFICER, leader: str = "", deputy: str = ""
    ) -> dict[str, str]:
        """Somebody on duty from now on for a day; the ids of shift and people."""
        who, now = (
            self.at(Role.HANDLER if unit.count(".") > 1 else Role.SUPERVISOR, unit),
            self.api.clock.now,
        )
        ids: dict[str, str] = {}
        for part, phone in (("officer", officer), ("leader", leader)):
            if not phone:
                continue
            body = {"unit": unit, "name": f"值班{part}", "title": "科长", "phone": phone}
            made = ok(who.post("/roster/people", body))
            ids[part] = next(p["id"] for p in made["people"] if p["name"] == f"值班{part}")
            stand_in = None
            if deputy:
                made = ok(
                    who.post(
                        "/roster/people", {"unit": unit, "name": f"代班{part}", "phone": deputy}
                    )
                )
                stand_in = ids["deputy"] = next(
                    p["id"] for p in made["people"] if p["name"] == f"代班{part}"
                )
            shift = {"unit": unit, "part": part, "person": ids[part], "deputy": stand_in,
                     "from_at": now.isoformat(), "to_at": (now + timedelta(days=1)).isoformat()}  # fmt: skip
            made = ok(who.post("/roster/shifts", shift))
            ids[f"shift_{part}"] = next(s["id"] for s in made["shifts"] if s["part"] == part)
        return ids

    def round(self, by: timedelta = timedelta(0)) -> int:
        """The workers' round, after some time."""
        if by:
            self.later(by)
        home = self.api.home
        return handle_notices(home.worker, home.world, self.ways, home.keyring, self.api.clock.now)

    def later(self, by: timedelta) -> None:
        """Time passes; sessions are begun anew."""
        self.api.clock.now += by
        self.who = {k: log_in(self.api, s.account) for k, s in self.who.items() if s.account}

    def sql(self, query: str, *args: object) -> list[tuple[Any, ...]]:
        """What is really in the database."""
        return rows(self.api.home, query, *args)

    def texts(self) -> list[tuple[str, str]]:
        """Telephone and text of what came to the gateway."""
        return [(h.json["phone"], h.json["text"]) for h in self.gateway.heard]

    def keys(self) -> list[str]:
        """Their keys."""
        return [h.json["id"] for h in self.gateway.heard]

    @property
    def now(self) -> datetime:
        """The instant."""
        return self.api.clock.now


@pytest.fixture
def town(db: Home, now: datetime) -> Iterator[Town]:
    with http_end() as end:
        gateway = SmsGateway(end.url, timeout_s=2)
        host = end.url.split("/")[2]
        ways = Ways({Way.SMS: gateway, Way.WEBHOOK: Webhook(frozenset({host}), timeout_s=2)}, {})
        yield Town(make_api(db, now), end, ways)
    forget_grids(db)
