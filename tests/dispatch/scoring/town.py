"""A tier of units with true work, honest or gaming. Nothing here knows how the product scores.

A job has a true duration and a true outcome, drawn before anybody decides how to report it: the honest
unit and the gaming one did the same work. Inspectors see a place as it is when they come; citizens say
what they found when they are called.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from chengshu.dispatch.scoring.model import CallBack, Check, Evidence, OrderFacts
from chengshu.kit.times import SHANGHAI

START = datetime(2026, 6, 1, 0, 0, tzinfo=SHANGHAI).astimezone(UTC)
END = START + timedelta(days=40)
# hours it takes at the median, hours allowed, share that is truly settled at the first go
MATTERS = {
    "litter": (5.0, 24.0, 0.95),
    "parking": (3.0, 12.0, 0.9),
    "lamp": (20.0, 48.0, 0.93),
    "noise": (40.0, 72.0, 0.7),
    "road": (60.0, 120.0, 0.8),
    "building": (150.0, 240.0, 0.5),
}
SAMPLED, FLAGGED_SAMPLED, CALLED = 0.15, 0.8, 0.6
GOOD_WORDS = "经现场核查，第{n}号反映属实，已安排人员处理完毕并告知来电人"


@dataclass(frozen=True)
class Job:
    """What really happened: when it began, how long it took, whether it was settled."""

    n: int
    matter: str
    begun: datetime
    due: datetime
    done: datetime
    good: bool
    lon: float
    lat: float
    luck: float


def work(rng: random.Random, unit: int, jobs: int) -> list[Job]:
    """A unit's month of citizens' matters."""
    speed = rng.gauss(0, 0.25)
    made = []
    for k in range(jobs):
        matter = rng.choice(sorted(MATTERS))
        hours, allowed, good = MATTERS[matter]
        begun = START + timedelta(hours=rng.uniform(0, 24 * 25))
        done = begun + timedelta(hours=hours * rng.lognormvariate(speed, 0.6))
        made.append(Job(unit * 100_000 + k, matter, begun, begun + timedelta(hours=allowed), done,
                        rng.random() < good, 120.5 + rng.uniform(0, 0.4), 32.3 + rng.uniform(0, 0.4),
                        rng.random()))  # fmt: skip
    return made


def honest(job: Job, unit: str) -> OrderFacts:
    """An order that says what happened."""
    return OrderFacts(
        job.n, f"n{job.n}", job.n, unit, "county", job.matter, 320682000000000, 1, job.begun, job.due,
        contact_at=job.begun + timedelta(hours=2 + 4 * job.luck), contact_due_at=job.begun + timedelta(hours=5),
        signed_at=job.begun + timedelta(hours=1), handled_at=job.done, account=hash_of(unit) + int(job.luck * 7),
        lon=job.lon, lat=job.lat, reply=GOOD_WORDS.format(n=job.n),
        evidence=(Evidence(f"{job.n:064x}", random.Random(job.n).getrandbits(64), job.done, job.lon, job.lat),),
    )  # fmt: skip


def hash_of(unit: str) -> int:
    """A number for a unit's people, the same in every process."""
    return int(sum(ord(c) * 31**i for i, c in enumerate(unit)) % 10_000 * 10)


def looked_at(f: OrderFacts, job: Job | None, rng: random.Random, flagged: bool) -> OrderFacts:
    """What inspectors and citizens find; a self-reported job has no citizen."""
    if f.handled_at is None:
        return f
    sampled = rng.random() < (FLAGGED_SAMPLED if flagged else SAMPLED)
    called, answers = rng.random() < CALLED, rng.random() < 0.9
    if f.returned_at is not None:
        return f
    true_at, good = (job.done, job.good) if job else (f.handled_at, True)
    check_at, call_at = f.handled_at + timedelta(days=2), f.handled_at + timedelta(days=1)
    checks = (Check(check_at, good and true_at <= check_at),) if sampled else ()
    calls: tuple[CallBack, ...] = ()
    if called and job is not None and not f.self_reported:
        happy = good and true_at <= call_at
        calls = (CallBack(call_at, ("satisfied" if happy else "unsatisfied") if answers else "no_answer"),)  # fmt: skip
    return replace(f, checks=checks, calls=calls)


Strategy = Callable[[Sequence[Job], str, random.Random], list[tuple[OrderFacts, Job | None]]]


def play_honest(jobs: Sequence[Job], unit: str, rng: random.Random) -> list[tuple[OrderFacts, Job | None]]:  # fmt: skip
    """Every job as it was."""
    return [(honest(j, unit), j) for j in jobs]


def instant(jobs: Sequence[Job], unit: str, rng: random.Random) -> list[tuple[OrderFacts, Job | None]]:  # fmt: skip
    """秒结: whatever would be late is answered within minutes; the work is done when it is done."""
    found: list[tuple[OrderFacts, Job | None]] = []
    for j in jobs:
        f = honest(j, unit)
        if j.done > j.due:
            f = replace(f, contact_at=j.begun + timedelta(minutes=2), handled_at=j.begun + timedelta(minutes=4),
                        evidence=())  # fmt: skip
        found.append((f, j))
    return found


def trivia(jobs: Sequence[Job], unit: str, rng: random.Random) -> list[tuple[OrderFacts, Job | None]]:  # fmt: skip
    """自报自结: for every job a bottle found and picked up."""
    found = play_honest(jobs, unit, rng)
    for j in jobs:
        extra = replace(j, n=j.n + 50_000, matter="litter", done=j.begun + timedelta(hours=1), good=True,
                        due=j.begun + timedelta(hours=24), lon=j.lon + 0.01 * j.luck)  # fmt: skip
        found.append((replace(honest(extra, unit), self_reported=True), None))
    return found


def returning(jobs: Sequence[Job], unit: str, rng: random.Random) -> list[tuple[OrderFacts, Job | None]]:  # fmt: skip
    """连续退回: whatever would be late or is hard is handed back; arbitration mostly sees through it."""
    found: list[tuple[OrderFacts, Job | None]] = []
    for j in jobs:
        f = honest(j, unit)
        if j.done > j.due or j.matter == "building":
            right = False if j.luck < 0.9 else None if j.luck < 0.95 else True
            f = replace(f, handled_at=None, account=None, reply="", evidence=(), return_right=right,
                        returned_at=j.begun + timedelta(hours=3))  # fmt: skip
        found.append((f, j))
    return found


def splitting(jobs: Sequence[Job], unit: str, rng: random.Random) -> list[tuple[OrderFacts, Job | None]]:  # fmt: skip
    """一事多单: each job is reported again in five parts by the unit, slowly enough not to look trivial."""
    found = play_honest(jobs, unit, rng)
    for j in jobs[::3]:
        for k in range(1, 6):
            part = replace(j, n=j.n + 10_000 * k, begun=j.begun + timedelta(minutes=20 * k), good=True,
                           due=j.due + timedelta(hours=24), done=j.begun + timedelta(hours=6 + k / 2))  # fmt: skip
            found.append((replace(honest(part, unit), self_reported=True), None))
    return found


def photo_reuse(jobs: Sequence[Job], unit: str, rng: random.Random) -> list[tuple[OrderFacts, Job | None]]:  # fmt: skip
    """旧照新用: whatever would be late is answered in time with a picture of another job, a little cropped."""
    found: list[tuple[OrderFacts, Job | None]] = []
    old = Evidence("a" * 64, random.Random(unit).getrandbits(64), START - timedelta(days=3))
    for j in jobs:
        f = honest(j, unit)
        if j.done > j.due:
            look = old.look or 0
            used = replace(old, digest=f"{j.n:064x}", look=look ^ 1 << rng.randrange(64), at=j.due)
            f = replace(f, handled_at=j.due - timedelta(hours=1), evidence=(used,))
        found.append((f, j))
    return found


def bursts(jobs: Sequence[Job], unit: str, rng: random.Random) -> list[tuple[OrderFacts, Job | None]]:  # fmt: skip
    """异地集中反馈: whatever would be late is answered from one chair, a minute apart, before it is due."""
    at: dict[int, datetime] = {}
    for k, j in enumerate(sorted((j for j in jobs if j.done > j.due), key=lambda j: j.due)):
        evening = j.due - timedelta(hours=1) - timedelta(hours=(j.due.hour + 8) % 24)
        at[j.n] = max(evening, j.begun + timedelta(hours=1)) + timedelta(minutes=k)
    return [
        (replace(honest(j, unit), handled_at=at[j.n], evidence=(), account=hash_of(unit) + 9)
         if j.n in at else honest(j, unit), j)
        for j in jobs
    ]  # fmt: skip


def fresh_fake(jobs: Sequence[Job], unit: str, rng: random.Random) -> list[tuple[OrderFacts, Job | None]]:  # fmt: skip
    """假报: whatever would be late is answered in time with a new picture of nothing; no rule can see it."""
    found: list[tuple[OrderFacts, Job | None]] = []
    for j in jobs:
        f = honest(j, unit)
        if j.done > j.due:
            when = j.due - timedelta(hours=1)
            f = replace(f, handled_at=when, evidence=(replace(f.evidence[0], at=when),))
        found.append((f, j))
    return found


def never(jobs: Sequence[Job], unit: str, rng: random.Random) -> list[tuple[OrderFacts, Job | None]]:  # fmt: skip
    """拖而不办: whatever would be late is left lying, so that nobody can find it unresolved."""
    return [
        (replace(honest(j, unit), handled_at=None, account=None, reply="", evidence=())
         if j.done > j.due else honest(j, unit), j)
        for j in jobs
    ]  # fmt: skip


GAMES: dict[str, Strategy] = {
    "instant": instant, "trivia": trivia, "returning": returning, "splitting": splitting,
    "photo_reuse": photo_reuse, "bursts": bursts, "never": never,
}  # fmt: skip
