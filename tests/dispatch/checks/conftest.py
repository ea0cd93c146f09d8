"""An incident on its way through the whole chain, with everybody who has to do with it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest

from chengshu.agencies.model import Role
from chengshu.app import aftercare
from tests.conftest import NOW, Home
from tests.security.people import Api, Someone, forget_grids, log_in, make_api, person, rows
from tests.security.scene import RUGAO, file, incident_of, ok

CGJ, SLJ, COUNTY, CITY = "nt.rugao.cgj", "nt.rugao.slj", "nt.rugao", "nt"
TOWN = "nt.rugao.baipu"
RUBBISH = "菜场门口垃圾成堆，垃圾桶满了三天没人收"
PROOF = "皋城管处〔2026〕31号"


@dataclass
class Chain:
    """Rugao's and the city's people, and short ways to do what they do."""

    api: Api
    who: dict[str, Someone] = field(default_factory=dict)

    def at(self, role: Role, unit: str, grid: int | None = None) -> Someone:
        key = f"{role}@{unit}"
        if key not in self.who:
            self.who[key] = person(self.api, role, unit, grid=grid)
        return self.who[key]

    @property
    def desk(self) -> Someone:
        return self.at(Role.DISPATCHER, COUNTY)

    @property
    def unit(self) -> Someone:
        return self.at(Role.HANDLER, CGJ)

    def happens(self, text: str = RUBBISH, **more: Any) -> str:
        report = file(self.at(Role.CALL_TAKER, COUNTY), RUGAO, text, **more)
        self.api.work()
        return incident_of(self.api, report)

    def given(self, unit: str = CGJ) -> tuple[str, str]:
        """An incident and its one order, of this unit."""
        incident = self.happens()
        for order, has in self.sql("select id, unit from work_order where incident = %s", int(incident)):  # fmt: skip
            if has == unit:
                return incident, str(order)
            ok(self.desk.post(f"/orders/{order}/withdraw", {"reason": "改由别家办理"}))
        return incident, self.give(incident, unit)

    def give(self, incident: str, unit: str, **more: Any) -> str:
        ok(self.desk.post(f"/incidents/{incident}/assign", {"unit": unit, **more}))
        found = "select max(id) from work_order where incident = %s and unit = %s"
        ((order,),) = self.sql(found, int(incident), unit)
        return str(order)

    def sign(self, order: str, unit: str = CGJ) -> None:
        ok(self.at(Role.HANDLER, unit).post(f"/orders/{order}/sign"))

    def reply(self, order: str, unit: str = CGJ, **more: Any) -> Any:
        body = {"reply": "已清运两车，桶点加一次收集", "document": PROOF, **more}
        return self.at(Role.HANDLER, unit).post(f"/orders/{order}/handle", body)

    def close(self, order: str, unit: str = CGJ) -> Any:
        """From signed to closed."""
        ok(self.reply(order, unit))
        ok(self.desk.post(f"/orders/{order}/verify", {"ok": True, "reason": "现场已清"}))
        return ok(self.desk.post(f"/orders/{order}/close"))

    def closed(self) -> tuple[str, str]:
        incident, order = self.given()
        self.sign(order)
        self.close(order)
        return incident, order

    def sql(self, query: str, *args: object) -> list[tuple[Any, ...]]:
        return rows(self.api.home, query, *args)

    def stage(self, incident: str) -> str:
        return str(self.sql("select stage from incident where id = %s", int(incident))[0][0])

    def order(self, order: str, columns: str = "stage") -> Any:
        found = self.sql(f"select {columns} from work_order where id = %s", int(order))[0]
        return found[0] if len(found) == 1 else found

    def told(self, incident: str) -> list[str]:
        """What reporters of an incident were told."""
        return [r[0] for r in self.sql(
            "select text from notice where incident = %s and report is not null order by id", int(incident))]  # fmt: skip

    def later(self, by: timedelta) -> None:
        """Time passes; sessions are begun anew."""
        self.api.clock.now += by
        self.who = {k: log_in(self.api, s.account) for k, s in self.who.items() if s.account}

    def care(self) -> int:
        """What the workers do about ratings, the bank and archiving."""
        return aftercare.handle_aftercare(self.api.home.worker, self.api.app.state.world, self.api.clock.now)  # fmt: skip

    def sample(self, percent: int) -> None:
        """From now on, so many of the closed orders are looked at once more."""
        world = self.api.app.state.world
        checks = replace(world.office.checks, sample_percent=percent)
        self.api.app.state.world = replace(world, office=replace(world.office, checks=checks))


@pytest.fixture
def chain(db: Home) -> Iterator[Chain]:
    # office hours of a Tuesday
    made = Chain(make_api(db, NOW.replace(hour=2, minute=0)))
    made.sample(0)
    yield made
    forget_grids(db)


@pytest.fixture
def grid() -> int:
    """A grid of 白蒲镇, where things happen."""
    return RUGAO.township + 1001
