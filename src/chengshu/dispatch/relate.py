"""关联: two incidents that have to do with each other and are not the same; a person says so, and takes it back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from chengshu.dispatch import store
from chengshu.dispatch.assign import Actor
from chengshu.dispatch.model import Step
from chengshu.incidents import store as incident_store
from chengshu.incidents.model import Incident, Stage
from chengshu.kit.db import Connection
from chengshu.kit.errors import Conflict, Invalid, NotFound

LinkKind: TypeAlias = Literal["related", "recurrence"]
_AGAIN = "办结后再次发生"


@dataclass(frozen=True, slots=True)
class Related:
    """Another incident, with how it is linked and why."""

    incident: Incident
    kind: str
    reason: str


def relate(conn: Connection, one: int, other: int, kind: LinkKind, by: Actor, now: datetime,
           reason: str) -> None:  # fmt: skip
    """Link two incidents; both histories say so.

    Raises:
        NotFound: One of them is not within the scope.
        Invalid: They are the same, or no reason is given.
        Conflict: They are linked already, or one is part of another incident.
    """
    if one == other:
        raise Invalid("other", "不能与自己关联", "an incident cannot be linked with itself")
    if len(reason.strip()) < 2:
        raise Invalid("reason", "请写明为什么关联", "say why they are linked")
    pair = _pair(conn, one, other)
    if any(i.stage is Stage.MERGED for i in pair):
        raise Conflict(
            "已并入其他事件，请关联主事件", "it is part of another incident: link that one"
        )
    if not store.add_link(conn, (pair[0].id, pair[1].id), kind, reason, by.account, by.name, now):
        raise Conflict("这两个事件已经关联", "the two incidents are linked already")
    _steps(conn, one, other, "relate", by, now, reason, (("kind", kind),))


def unrelate(conn: Connection, one: int, other: int, by: Actor, now: datetime, reason: str) -> None:
    """Take a link back.

    Raises:
        NotFound: One of them is not within the scope.
        Conflict: They are not linked.
    """
    pair = _pair(conn, one, other)
    if one == other or not store.drop_link(conn, (pair[0].id, pair[1].id)):
        raise Conflict("这两个事件没有关联", "the two incidents are not linked")
    _steps(conn, one, other, "unrelate", by, now, reason, ())


def related(conn: Connection, incident: Incident) -> list[Related]:
    """What an incident is linked with, as far as the scope shows: what a person linked, what it is a
    recurrence of, and its own recurrences."""
    linked = store.links(conn, incident.id)
    again = incident_store.recurrences(conn, incident.id)
    if incident.recurrence_of is not None:
        again.insert(0, incident.recurrence_of)
    found = incident_store.incidents(conn, [*again, *(other for other, _, _ in linked)])
    known = {other for other, _, _ in linked}
    result = [Related(found[o], kind, reason) for o, kind, reason in linked if o in found]
    result += [
        Related(found[o], "recurrence", _AGAIN) for o in again if o in found and o not in known
    ]
    return result


def _pair(conn: Connection, one: int, other: int) -> tuple[Incident, Incident]:
    """Both incidents in the order of their ids, locked in it, so that two people cannot block each other."""
    found = {i: incident_store.locked(conn, i) for i in sorted({one, other})}
    for number in (one, other):
        if found[number] is None:
            raise NotFound("事件", number)
    low, high = found[min(one, other)], found[max(one, other)]
    assert low is not None
    assert high is not None
    return low, high


def _steps(conn: Connection, one: int, other: int, verb: str, by: Actor, now: datetime, reason: str,
           detail: tuple[tuple[str, object], ...]) -> None:  # fmt: skip
    store.add_steps(conn, [
        Step(here, None, now, by.account, by.name, by.unit, verb, reason=reason,
             detail=(("other", str(there)), *detail), address=by.address)
        for here, there in ((one, other), (other, one))
    ])  # fmt: skip
