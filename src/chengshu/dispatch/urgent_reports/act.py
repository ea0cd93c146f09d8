"""Begin to report an emergency, sign what is due, declare it over; and tell who is late."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from chengshu.agencies.model import Role
from chengshu.dispatch import store as order_store
from chengshu.dispatch.assign import SYSTEM, Actor
from chengshu.dispatch.model import Step
from chengshu.dispatch.urgent_reports import rules as terms
from chengshu.dispatch.urgent_reports import store
from chengshu.dispatch.urgent_reports.compose import compose
from chengshu.dispatch.urgent_reports.facts import facts_of
from chengshu.dispatch.urgent_reports.model import KIND_NAMES, UrgentCase, UrgentKind, UrgentReport
from chengshu.dispatch.urgent_reports.rules import UrgentRules
from chengshu.dispatch.views import Names
from chengshu.incidents import store as incident_store
from chengshu.incidents.model import Incident
from chengshu.kit.db import Connection
from chengshu.kit.errors import Conflict, Forbidden, Invalid, NotFound, Refused

_TOLD, _TOLD_ABOVE = 1, 2


@dataclass(frozen=True, slots=True)
class Desk:
    """The city's rules and names, and who acts."""

    rules: UrgentRules
    names: Names
    by: Actor
    role: Role
    now: datetime


def begin(conn: Connection, incident_id: int, level: int, desk: Desk) -> UrgentCase:
    """Report an incident upward from now on: the first report is due.

    Raises:
        NotFound, Forbidden, Conflict: See `rules.why_not_begin`.
    """
    incident = _locked(conn, incident_id)
    _may(
        terms.why_not_begin(desk.role, incident, store.case_of(conn, incident_id)),
        desk.role in terms.STARTERS,
    )
    by = desk.by
    case = UrgentCase(incident_id, level, by.unit, desk.now, by.account, by.name, None)
    if not store.begin(conn, case):
        raise Conflict("刚被别人启动，请刷新", "somebody else began first: reload")
    store.add_due(conn, incident_id, 1, UrgentKind.FIRST, desk.now + desk.rules.first)
    _step(conn, incident_id, "urgent_begin", desk, "", (("level", level),))
    order_store.notify_units(conn, [(by.unit, incident_id, f"{incident.number} 启动紧急信息报送，首报限时已开始")], desk.now,
                             event="urgent_due", level=1)  # fmt: skip
    return case


def sign(
    conn: Connection, incident_id: int, entries: Mapping[str, str], level: int | None, desk: Desk
) -> UrgentReport:
    """Sign and send what is due; the next one is then due, unless this was the final one.

    Raises:
        NotFound: No such incident within the scope.
        Forbidden, Conflict: See `rules.why_not_sign`.
        Invalid: A field is missing or unknown.
    """
    incident = _locked(conn, incident_id)
    case, due = store.case_of(conn, incident_id), pending(conn, incident_id)
    _may(
        terms.why_not_sign(desk.rules, desk.role, desk.by.unit, case, due),
        desk.role in desk.rules.signers,
    )
    assert case is not None
    assert due is not None
    _complete(desk.rules, due.kind, entries)
    if level is not None and level != case.level:
        store.change_level(conn, incident_id, level)
        case = replace(case, level=level)
    recipients = desk.rules.recipients(case)
    text = draft(conn, incident, case, due, entries, desk)
    done = replace(due, entries=dict(entries), text=text, recipients=recipients, submitted_at=desk.now,
                   account=desk.by.account, signer=desk.by.name)  # fmt: skip
    if not store.sign(conn, done):
        raise Conflict("刚被别人签发，请刷新", "somebody else signed first: reload")
    name = KIND_NAMES[due.kind]
    _step(conn, incident_id, "urgent_report", desk, name, (("nth", due.nth), ("late", done.late(desk.now)),
                                                          ("to", list(recipients))))  # fmt: skip
    order_store.notify_units(conn, [(u, incident_id, f"紧急信息{text}") for u in recipients], desk.now,
                             event="urgent_report", level=2)  # fmt: skip
    if (after := terms.following(desk.rules, case, done, desk.now)) is not None:
        store.add_due(conn, incident_id, due.nth + 1, *after)
    return done


def end(conn: Connection, incident_id: int, desk: Desk) -> UrgentCase:
    """Declare an emergency over: what is due next is the final report.

    Raises:
        NotFound, Forbidden, Conflict: Not for this person, or over already; a first report comes first.
    """
    _locked(conn, incident_id)
    case, due = store.case_of(conn, incident_id), pending(conn, incident_id)
    _may(
        terms.why_not_sign(desk.rules, desk.role, desk.by.unit, case, due),
        desk.role in desk.rules.signers,
    )
    assert case is not None
    assert due is not None
    if due.kind is UrgentKind.FIRST:
        raise Conflict("请先报出首报", "the first report comes first")
    if not store.end(conn, incident_id, desk.now):
        raise Conflict("已经宣布结束", "it was declared over already")
    store.becomes_final(conn, due.id, desk.now + desk.rules.final)
    _step(conn, incident_id, "urgent_end", desk, "", ())
    return replace(case, ended_at=desk.now)


def draft(conn: Connection, incident: Incident, case: UrgentCase, due: UrgentReport, entries: Mapping[str, str],
          desk: Desk) -> str:  # fmt: skip
    """The text as it would be signed now."""
    addressed = [desk.names.unit(u) or u for u in desk.rules.recipients(case)]
    addressed += desk.rules.outside[case.level]
    facts = facts_of(conn, incident, desk.names)
    return compose(
        case,
        due,
        facts,
        entries,
        desk.rules,
        tuple(addressed),
        desk.names.unit(case.unit) or case.unit,
        desk.now,
    )


def pending(conn: Connection, incident_id: int) -> UrgentReport | None:
    """What is due of an incident."""
    return next((r for r in store.reports(conn, incident_id) if r.submitted_at is None), None)


def watch_urgent(conn: Connection, now: datetime, rules: UrgentRules, limit: int) -> list[int]:
    """Tell of reports that are late: their unit, then the one above; the incidents told of."""
    told = []
    for one, unit, number in store.late(conn, now, limit):
        climbed = one.climbed + 1
        above = unit.rpartition(".")[0] or unit
        name = KIND_NAMES[one.kind]
        text = (
            f"{number} {name}超时未报，请立即报出"
            if climbed == _TOLD
            else f"{number} {name}仍未报出，报上级"
        )
        units = [unit] if climbed == _TOLD else list(dict.fromkeys((unit, above)))
        event = "urgent_late" if climbed == _TOLD else "urgent_late_above"
        order_store.notify_units(
            conn, [(u, one.incident, text) for u in units], now, event=event, level=2
        )
        order_store.add_steps(conn, [Step(one.incident, None, now, None, SYSTEM, unit, "urgent_late", reason=text,
                                          detail=(("nth", one.nth), ("level", climbed)))])  # fmt: skip
        store.climb(
            conn, one.id, climbed, one.due_at + rules.above_after if climbed < _TOLD_ABOVE else None
        )
        told.append(one.incident)
    return told


def _locked(conn: Connection, incident_id: int) -> Incident:
    incident = incident_store.locked(conn, incident_id)
    if incident is None:
        raise NotFound("事件", incident_id)
    return incident


def _may(why: Refused | None, role_may: bool) -> None:
    if why is not None:
        raise (Conflict if role_may else Forbidden)(why.chinese, why.english)


def _complete(rules: UrgentRules, kind: UrgentKind, entries: Mapping[str, str]) -> None:
    if strange := sorted(entries.keys() - {e.id for e in rules.entries}):
        raise Invalid(
            "entries", f"没有这个栏目：{', '.join(strange)}", f"no such field: {', '.join(strange)}"
        )
    if lacking := terms.missing(rules, kind, entries):
        raise Invalid("entries", f"请填写：{'、'.join(e.name for e in lacking)}",
                      f"please fill in: {', '.join(e.name_en for e in lacking)}")  # fmt: skip


def _step(conn: Connection, incident: int, verb: str, desk: Desk, reason: str,
          detail: tuple[tuple[str, object], ...]) -> None:  # fmt: skip
    by = desk.by
    order_store.add_steps(conn, [Step(incident, None, desk.now, by.account, by.name, by.unit, verb, reason=reason,
                                      detail=detail, address=by.address)])  # fmt: skip
