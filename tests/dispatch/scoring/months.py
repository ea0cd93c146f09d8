"""A month of orders written straight into the tables, so that every figure is known beforehand."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from chengshu.agencies.model import Role
from chengshu.app.scores import watch_scores
from tests.conftest import Home
from tests.security.people import Api, Someone, log_in, make_api, person, rows

JUNE = date(2026, 6, 1)
BEGIN = datetime(2026, 6, 3, 1, 0, tzinfo=UTC)  # 09:00 in Nantong
PUBLISHED = datetime(2026, 7, 3, 1, 1, tzinfo=UTC)  # the third working day of July
RUGAO_CGJ, RUGAO_JTJ, RUGAO_ZJJ = "nt.rugao.cgj", "nt.rugao.jtj", "nt.rugao.zjj"
HAIAN_CGJ = "nt.haian.cgj"
GOOD = "第 {n} 号反映属实，已派人到现场处理完毕，并已电话告知来电人"
_numbers = itertools.count(1)


@dataclass
class Books:
    """The city, with people, and orders as a test wants them."""

    home: Home
    api: Api
    who: dict[str, Someone] = field(default_factory=dict)

    def at(self, role: Role, unit: str, which: int = 1) -> Someone:
        """A person; `which` tells two of one role and unit apart."""
        key = f"{role}@{unit}#{which}"
        if key not in self.who:
            self.who[key] = person(self.api, role, unit)
        return self.who[key]

    def later(self, to: datetime) -> None:
        """It is then; sessions are begun anew, and the timers are looked after."""
        self.api.clock.now = to
        self.who = {k: log_in(self.api, s.account) for k, s in self.who.items() if s.account}
        watch_scores(self.home.worker, self.home.world, to)

    def sql(self, query: str, *args: object) -> list[tuple[Any, ...]]:
        return rows(self.home, query, *args)

    def order(self, unit: str, *, hours: float | None = 10, due: float = 48, matter: str = "road.damage",
              begin: datetime = BEGIN, contact: float | None = 1, check: bool | None = None, call: str = "",
              evidence: bool = True, reply: str = "", stage: str = "closed", lon: float | None = None,
              grid: bool = False) -> int:  # fmt: skip
        """An order and its incident; hours are counted from its beginning, None: never."""
        n = next(_numbers)
        incident, order = 9_000_000 + n, 8_000_000 + n
        handled = None if hours is None else begin + timedelta(hours=hours)
        at = {
            "incident": incident, "order": order, "number": f"S{n}", "unit": unit, "matter": matter, "begin": begin,
            "due": begin + timedelta(hours=due), "handled": handled, "stage": stage if hours is not None else "signed",
            "reply": reply or GOOD.format(n=n), "lon": lon if lon is not None else 120.5 + n * 0.01,
            "area": 320682000000000 if unit.startswith("nt.rugao") else 320685000000000,
            "contact": None if contact is None else begin + timedelta(hours=contact), "hour": begin + timedelta(hours=2),
        }  # fmt: skip
        with self.home.owner() as conn:
            conn.execute(
                "insert into incident (id, number, title, matter, domain, stage, area, lon, lat, first_at, last_at, opened_at, "
                "changed_at) values (%(incident)s, %(number)s, '路面破损', %(matter)s, 'city', 'closed', "
                "%(area)s, %(lon)s, 32.4, "
                "%(begin)s, %(begin)s, %(begin)s, %(begin)s)",
                at)  # fmt: skip
            conn.execute(
                "insert into work_order (id, number, incident, unit, area, stage, assigned_at, sign_due_at, due_at, signed_at, "
                "handled_at, closed_at, reply, changed_at) values (%(order)s, %(number)s, %(incident)s, %(unit)s, %(area)s, "
                "%(stage)s, %(begin)s, %(hour)s, %(due)s, %(begin)s, %(handled)s, %(handled)s, %(reply)s, %(begin)s)",
                at)  # fmt: skip
            conn.execute(
                "insert into first_contact (work_order, due_at, made_at, words) values (%(order)s, %(hour)s, %(contact)s, "
                "case when %(contact)s::timestamptz is not null then '已联系' end)",
                at)  # fmt: skip
            if handled is not None and evidence:
                conn.execute(
                    "insert into attachment (id, work_order, name, kind, bytes, digest, content, at) values "
                    "(%s, %s, 'a.pdf', 'application/pdf', 1, %s, 'x', %s)",
                    (7_000_000 + n, order, n.to_bytes(8, "big"), handled))  # fmt: skip
            if grid:
                conn.execute(
                    "insert into report (id, channel, source, channel_id, received_at, said_at, text, nature, area, code, unit, "
                    "body_hash) values (%(r)s, 'grid', 'desk', %(number)s, %(begin)s, %(begin)s, '捡到一个瓶子', 'help', "
                    "%(area)s, %(number)s, %(unit)s, '')", {**at, "r": 6_000_000 + n})  # fmt: skip
                conn.execute("insert into membership (report, incident, outcome, at) values (%s, %s, 'opened', %s)",
                             (6_000_000 + n, incident, begin))  # fmt: skip
            if check is not None and handled is not None:
                conn.execute(
                    "insert into inspection (work_order, kind, asked_at, due_at, unit, passed, done_at) values "
                    "(%s, 'sample', %s, %s, 'nt.rugao', %s, %s)",
                    (order, handled, handled, check, handled + timedelta(hours=20)))  # fmt: skip
            if call and handled is not None:
                conn.execute(
                    "insert into callback (incident, work_order, attempt, at, channel, outcome, account) values "
                    "(%s, %s, 1, %s, 'phone', %s, 1)", (incident, order, handled + timedelta(hours=24), call))  # fmt: skip
        return order


def make(home: Home) -> Books:
    """An empty city in the middle of June."""
    return Books(home, make_api(home, datetime(2026, 6, 20, 4, 0, tzinfo=UTC)))
