"""Splitting an incident by a person: one report, or several, become an incident of their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from chengshu.dispatch import store as order_store
from chengshu.dispatch.assign import Actor, Office, repropose
from chengshu.dispatch.kinds.guard import stays_whole
from chengshu.dispatch.propose import Question
from chengshu.dispatch.regroup import lessons, store
from chengshu.dispatch.regroup.clocks import timer
from chengshu.dispatch.regroup.merging import add_steps, hold, move_members, needs_reason
from chengshu.dispatch.workflow import LIVE
from chengshu.incidents import store as incident_store
from chengshu.incidents.attach import Attached, Rules
from chengshu.incidents.model import ENDED, Incident
from chengshu.incidents.rebuild import open_for, rebuild
from chengshu.intake import store as intake_store
from chengshu.intake.model import Report
from chengshu.kit.db import Connection
from chengshu.kit.errors import Conflict, Forbidden, Invalid, NotFound
from chengshu.kit.ids import new_id
from chengshu.places import Located

_APART = "经核对，您反映的情况改为单独办理，进展仍在这里查看。"


def split(conn: Connection, incident_id: int, reports: Sequence[int], rules: Rules, office: Office, by: Actor,
          now: datetime, reason: str) -> int:  # fmt: skip
    """Take reports out of an incident into a new one; orders stay with the old one.

    Danger and urgency that only these reports brought go with them, and so does the clock for danger.

    Returns:
        The new incident's id.

    Raises:
        Invalid: No reason, or no report.
        NotFound: A report is not of this incident.
        Conflict: No report would be left.
        Forbidden: The reports lie where this person's scope does not reach.
    """
    needs_reason(reason)
    chosen = set(reports)
    if not chosen:
        raise Invalid("reports", "请选择要拆出的线索", "choose the reports to split off")
    hold(conn)
    incident = incident_store.locked(conn, incident_id)
    if incident is None:
        raise NotFound("事件", incident_id)
    stays_whole(conn, incident_id)
    members = incident_store.members(conn, incident_id)
    missing = chosen - {m.report for m in members}
    if missing:
        raise NotFound("线索", min(missing))
    if len(members) < 2:
        raise Conflict("事件只有这一条线索，无法拆出", "it is the incident's only report")
    if len(chosen) == len(members):
        raise Conflict("不能拆出全部线索，至少留下一条", "one report at least must stay")
    moved = intake_store.reports(conn, sorted(chosen))
    if len(moved) < len(chosen):
        raise NotFound("线索", min(chosen - {r.id for r in moved}))
    act = store.open_act(conn, "split", incident_id, incident_id, now)
    fresh = open_for(conn, moved[0].id, rules, now, new_id())
    new = fresh.incident.id
    if new not in incident_store.incidents(conn, [new]):
        raise Forbidden(
            "这条线索的地点在辖区之外，请由上级中心拆出",
            "the report lies outside your area: ask the centre above to split it off",
        )
    leaving = [m for m in members if m.report in chosen]
    move_members(conn, leaving, new, "拆出", "split off", by, now, reason)
    order_store.notify_reporters(conn, new, _APART, now)
    rebuild(conn, incident_id, rules, now)
    rebuild(conn, new, rules, now)
    stayed = intake_store.reports(conn, [m.report for m in members if m.report not in chosen])
    _calm_down(conn, incident, stayed, moved, rules, office, now)
    _start(conn, fresh, moved, rules, office, now)
    store.end_act(conn, act, incident_id, new, sorted(chosen))
    lessons.split_off(conn, incident_id, new, chosen, rules, by, now)
    for order in store.locked_orders(conn, [incident_id]):
        if order.stage in LIVE:
            text = f"工单 {order.number} 的事件拆出了 {len(chosen)} 条反映，不再由本单办理"
            order_store.notify_units(conn, [(order.unit, incident_id, text)], now)
    detail: tuple[tuple[str, object], ...] = (
        ("act", act),
        ("report", str(moved[0].id)),
        ("reports", [str(r.id) for r in moved]),
        ("other", str(new)),
    )
    add_steps(conn, incident_id, new, "split", by, now, reason, detail)
    return new


def _start(conn: Connection, fresh: Attached, moved: Sequence[Report], rules: Rules, office: Office,
           now: datetime) -> None:  # fmt: skip
    """What the new incident's reports say together; units are proposed and its clock begins."""
    urgency, danger = loudest(moved, rules)
    grown = incident_store.incidents(conn, [fresh.incident.id])[fresh.incident.id]
    grown = replace(grown, urgency=urgency, danger=danger)
    located = Located(grown.area, fresh.located.confidence)
    understanding = replace(fresh.understanding, urgency=urgency, danger=danger)
    repropose(conn, grown, Question(understanding, located), office, now)
    store.put_incident(conn, replace(grown, due_at=office.due_at(grown)), now)


def loudest(reports: Sequence[Report], rules: Rules) -> tuple[int, bool]:
    """The highest urgency, and whether any speaks of danger."""
    read = [rules.reader.read(r.title, r.text) for r in reports]
    return max((u.urgency for u in read), default=1), any(u.danger for u in read)


def _calm_down(conn: Connection, was: Incident, stayed: Sequence[Report], moved: Sequence[Report], rules: Rules,
               office: Office, now: datetime) -> None:  # fmt: skip
    """Take from an incident the danger and urgency that left with the moved reports.

    What a person said of it stays, whatever the texts say.
    """
    said = corrections(conn, was.id)
    urgency, danger = was.urgency, was.danger
    ours, theirs = loudest(stayed, rules), loudest(moved, rules)
    if "urgency" not in said and theirs[0] == urgency:
        urgency = min(urgency, max(ours[0], 1))
    if "danger" not in said and theirs[1] and not ours[1]:
        danger = False
    current = incident_store.incidents(conn, [was.id])[was.id]
    calm = replace(current, urgency=urgency, danger=danger)
    if was.danger and not danger and was.stage not in ENDED:
        due = office.due_at(calm)
        calm = replace(calm, due_at=max(due, calm.due_at or due))
        for order in store.locked_orders(conn, [was.id]):
            if order.stage in LIVE and order.due_at == was.due_at and not order.overdue:
                later = replace(order, due_at=calm.due_at)
                store.put_order(conn, replace(later, escalate_at=timer(later)), now)
    store.put_incident(conn, calm, now)


def corrections(conn: Connection, incident_id: int, since_act: int | None = None) -> set[str]:
    """What a person corrected of an incident: names of its fields.

    Args:
        since_act: Only after this merge or split.
    """
    steps = order_store.steps(conn, incident_id)
    begins = next(
        (n for n, s in enumerate(steps) if since_act is not None and s[9].get("act") == since_act),
        -1,
    )
    return {name for s in steps[begins + 1 :] if s[5] == "correct" for name in s[9]}
