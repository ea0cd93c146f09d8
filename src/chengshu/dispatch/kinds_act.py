"""What people do with kinds: say what an incident is, name who may know, report to the leader."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from chengshu.agencies.model import Role
from chengshu.dispatch import store as order_store
from chengshu.dispatch.assign import Actor, Office
from chengshu.dispatch.kinds import store
from chengshu.dispatch.kinds.model import (
    KIND_NAMES,
    Colleague,
    OrderKind,
    Special,
    Veil,
    veil_of,
    why_not,
)
from chengshu.dispatch.model import Step
from chengshu.dispatch.regroup.merging import hold
from chengshu.incidents import store as incident_store
from chengshu.incidents.model import ENDED, Incident
from chengshu.kit import outbox
from chengshu.kit.db import Connection
from chengshu.kit.errors import Conflict, Forbidden, Invalid, NotFound
from chengshu.kit.times import local

_LEAST_WORDS = 4
_REPORT = frozenset({Role.DISPATCHER, Role.SUPERVISOR, Role.LEADER})


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody says an incident is.

    Attributes:
        words: The leader's instruction, verbatim.
        due_at: By when the leader, or the platform above, wants it settled.
        named: Accounts that may know of it, beside whoever says so.
        restricted: Whether a leader's instruction is kept from all but them and the unit that acts.
    """

    kind: OrderKind
    leader: str = ""
    post: str = ""
    words: str = ""
    instructed_at: datetime | None = None
    due_at: datetime | None = None
    upper_number: str | None = None
    named: Sequence[int] = ()
    restricted: bool = True


def classify(conn: Connection, incident_id: int, wish: Wish, office: Office, by: Actor, role: Role,
             now: datetime) -> Special:  # fmt: skip
    """Say what an incident is: it gets a number, a veil, a clock that caps its orders'.

    Raises:
        NotFound: No such incident within the scope, or somebody named who is not there.
        Forbidden: This person may not.
        Conflict: It has ended, or is of this or a higher kind already.
        Invalid: What this kind needs is missing.
    """
    hold(conn)  # merging must not find it by words that are taken away here
    incident = incident_store.locked(conn, incident_id)
    at = store.kind_of(conn, incident_id)
    if incident is None or at is None:
        raise NotFound("事件", incident_id)
    reason = why_not(wish.kind, at[0], role, ended=incident.stage in ENDED)
    if reason is not None:
        raise (Forbidden if "角色" in reason[0] else Conflict)(*reason)
    _check(wish, now)
    veil = veil_of(wish.kind, restricted=wish.restricted)
    if veil is not Veil.OPEN:
        store.name(conn, incident_id, _people(conn, wish.named, by), by.account, now)
    return _become(conn, incident, wish, veil, office, by, now)


def passed_down(
    conn: Connection, incident: Incident, wish: Wish, office: Office, now: datetime
) -> Special:
    """The same by the exchange with the platform above; a higher kind stays what it is."""
    return _become(conn, incident, wish, Veil.OPEN, office, Actor(unit=_centre(office)), now)


def _centre(office: Office) -> str:
    return min(office.directory.units, key=len)


def _become(conn: Connection, incident: Incident, wish: Wish, veil: Veil, office: Office, by: Actor,
            now: datetime) -> Special:  # fmt: skip
    number = store.take_number(conn, office.kinds, wish.kind, now)
    special = Special(
        incident.id, wish.kind, number, wish.leader.strip(), wish.post.strip(), wish.words, wish.instructed_at,
        wish.due_at, wish.upper_number, None, None, by.name, by.unit, now,
    )  # fmt: skip
    store.save_special(conn, special, by.account)
    orders = [o for o in order_store.orders_of(conn, [incident.id]) if o.closed_at is None]
    store.set_kind(conn, incident.id, wish.kind, veil, now)
    if wish.due_at is not None:
        cap(conn, incident.id, wish.due_at, now)
    name = KIND_NAMES[wish.kind][0]
    order_store.add_steps(conn, [Step(incident.id, None, now, by.account, by.name, by.unit, "classify", incident.stage,
                                      incident.stage, f"列为{name}，{number}", (("kind", wish.kind),), by.address)])  # fmt: skip
    until = f"，须于{local(wish.due_at):%m月%d日 %H:%M}前办结" if wish.due_at else ""
    order_store.notify_units(
        conn, [(o.unit, incident.id, f"工单 {o.number} 已列为{name}{until}") for o in orders], now
    )
    outbox.changed_many(conn, "order", [o.id for o in orders], [o.area for o in orders])
    return special


def cap(conn: Connection, incident: int, due_at: datetime, now: datetime) -> None:
    """Bring an incident's clock and those of its live orders forward to an instant from above; never back."""
    order_store.hasten(conn, [(incident, due_at)], now)
    order_store.shorten(conn, {incident: due_at}, now)


def _check(wish: Wish, now: datetime) -> None:
    if wish.kind is OrderKind.LEADER:
        if not wish.leader.strip():
            raise Invalid("leader", "请写明交办领导", "name the leader")
        if len(wish.words.strip()) < 2:
            raise Invalid("words", "请照录批示原文", "give the instruction, word for word")
    if wish.kind is OrderKind.PASSED_DOWN and not (wish.upper_number or "").strip():
        raise Invalid("upper_number", "请填上级平台的编号", "give the upper platform's number")
    needs_clock = wish.kind in (OrderKind.LEADER, OrderKind.PASSED_DOWN)
    if needs_clock and wish.due_at is None:
        raise Invalid("due_at", "请写明上级要求的期限", "say by when it is wanted")
    if wish.due_at is not None and wish.due_at <= now:
        raise Invalid("due_at", "期限须晚于现在", "the time limit must lie ahead")


def _people(conn: Connection, accounts: Sequence[int], by: Actor) -> list[Colleague]:
    """The people to name, and whoever names them: she would lose sight of it else."""
    assert by.account is not None
    others = sorted(set(accounts) - {by.account})
    found = store.people(conn, None, others)
    if missing := set(others) - {p.account for p in found}:
        raise NotFound("人员", min(missing))
    return [Colleague(by.account, by.name, "", by.unit), *found]


def name_people(conn: Connection, incident_id: int, accounts: Sequence[int], by: Actor, role: Role,
                now: datetime) -> None:  # fmt: skip
    """Name further people who may know of a veiled incident.

    Raises:
        NotFound: No such incident within the scope, or no such person within hers.
        Conflict: It is open to its scope: there is nobody to name.
        Forbidden: This person may not.
    """
    incident = _veiled(conn, incident_id, role)
    persons = _people(conn, accounts, by)
    store.name(conn, incident_id, persons, by.account, now)
    names = "、".join(p.name for p in persons[1:])
    _step(conn, incident, "name", f"增加知悉人：{names}", by, now)


def unname(
    conn: Connection, incident_id: int, account: int, by: Actor, role: Role, now: datetime
) -> None:
    """Take a name back; nobody takes back her own.

    Raises:
        NotFound: No such incident within the scope.
        Conflict: The person is not named, or is the caller herself.
        Forbidden: This person may not.
    """
    incident = _veiled(conn, incident_id, role)
    was = {p.account: p.name for p in store.named(conn, incident_id)}
    if not store.end_naming(conn, incident_id, account):
        raise Conflict(
            "不在知悉范围内，或是您本人，不能移出", "not named, or yourself: the name stays"
        )
    _step(conn, incident, "unname", f"移出知悉人：{was.get(account, '')}", by, now)


def _veiled(conn: Connection, incident_id: int, role: Role) -> Incident:
    incident = incident_store.incidents(conn, [incident_id]).get(incident_id)
    at = store.kind_of(conn, incident_id)
    if incident is None or at is None:
        raise NotFound("事件", incident_id)
    if role not in _REPORT:
        raise Forbidden("您的角色不能定知悉范围", "your role may not say who is named")
    if at[1] is Veil.OPEN:
        raise Conflict("事件没有限定知悉范围", "everybody within its scope may know of it")
    return incident


def report_to_leader(
    conn: Connection, incident_id: int, words: str, by: Actor, role: Role, now: datetime
) -> None:
    """专报: what the leader is told of what came of the instruction; once.

    Raises:
        NotFound: No such incident within the scope.
        Forbidden: This person may not.
        Conflict: It is no leader's instruction, or was reported on already.
        Invalid: The report is empty.
    """
    incident = incident_store.incidents(conn, [incident_id]).get(incident_id)
    if incident is None:
        raise NotFound("事件", incident_id)
    if role not in _REPORT:
        raise Forbidden("您的角色不能写专报", "your role may not report to the leader")
    special = store.specials(conn, [incident_id]).get(incident_id)
    if special is None or not special.leader:
        raise Conflict("不是领导批示件，没有专报", "no leader's instruction: there is no report")
    if len(words.strip()) < _LEAST_WORDS:
        raise Invalid("words", "请写明办理结果（至少 4 个字）", "say what came of it")
    if not store.answer(conn, incident_id, words.strip(), now):
        raise Conflict("专报已报送，不能重复报送", "it was reported already")
    _step(conn, incident, "special_report", words.strip(), by, now)


def _step(
    conn: Connection, incident: Incident, verb: str, words: str, by: Actor, now: datetime
) -> None:
    order_store.add_steps(conn, [Step(incident.id, None, now, by.account, by.name, by.unit, verb, incident.stage,
                                      incident.stage, words, (), by.address)])  # fmt: skip
