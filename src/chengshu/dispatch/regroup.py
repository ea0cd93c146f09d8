"""Merging and splitting by a person: reports, orders and notices together, and the way back.

A merge moves the other incident's reports under the leading one. The other incident's row,
number and history stay, marked as merged; its live orders are withdrawn with notice and
nobody's score is hurt. Undoing a merge gives reports and orders back.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from chengshu.dispatch import store
from chengshu.dispatch.assign import Actor, Office, repropose
from chengshu.dispatch.model import Step
from chengshu.dispatch.propose import Question
from chengshu.dispatch.workflow import LIVE, OrderStage, incident_stage
from chengshu.incidents import store as incident_store
from chengshu.incidents.attach import DECIDING, Rules
from chengshu.incidents.model import ENDED, Incident, Stage
from chengshu.incidents.rebuild import open_for, rebuild
from chengshu.incidents.store import Member
from chengshu.kit.db import Connection
from chengshu.kit.errors import Conflict, Forbidden, Invalid, NotFound
from chengshu.kit.ids import new_id
from chengshu.places import Located


def merge(
    conn: Connection,
    lead_id: int,
    other_id: int,
    rules: Rules,
    by: Actor,
    now: datetime,
    reason: str,
) -> None:
    """Make `other` part of `lead`.

    Raises:
        NotFound: One of them is not within the scope.
        Conflict: One has ended or is merged already, or they are the same.
    """
    incident_store.lock_keys(conn, [DECIDING])  # a batch of reports must not decide meanwhile
    if lead_id == other_id:
        raise Invalid("other", "不能与自己合并", "an incident cannot be merged with itself")
    lead, other = _pair(conn, lead_id, other_id)
    if lead.stage in ENDED or other.stage in ENDED:
        raise Conflict(
            "已结束的事件不能合并，可以作为复发关联", "an ended incident cannot be merged"
        )
    moved = incident_store.members(conn, other_id)
    clues = [
        {
            "about": "person",
            "bits": 0.0,
            "because": f"{by.name}合并：{reason}",
            "because_en": f"merged by {by.name}: {reason}",
        }
    ]
    incident_store.save_members(
        conn, [Member(m.report, lead_id, "moved", m.probability, clues, now) for m in moved]
    )
    incident_store.move(
        conn, other_id, [other.stage], Stage.MERGED, now, closed=True, merged_into=lead_id
    )
    orders = store.orders_of(conn, [other_id])
    # as they were, so that undoing gives back stage and timer
    withdrawn = [
        {"order": str(o.id), "stage": o.stage, "escalate_at": o.escalate_at}
        for o in orders
        if o.stage in LIVE
    ]
    for order in orders:
        if order.stage in LIVE:
            store.move(conn, order, OrderStage.WITHDRAWN, now)
            store.add_steps(conn, [Step(other_id, order.id, now, by.account, by.name, by.unit, "withdraw", order.stage,
                                        OrderStage.WITHDRAWN, f"并入事件 {lead.number}", (), by.address)])  # fmt: skip
            store.notify_units(
                conn,
                [
                    (
                        order.unit,
                        lead_id,
                        f"工单 {order.number} 已撤回：并入事件 {lead.number}，不计考核",
                    )
                ],
                now,
            )
    detail = (("other", str(other_id)), ("reports", [str(m.report) for m in moved]), ("withdrawn", withdrawn),
              ("was", str(other.stage)), ("overdue", other.overdue), ("lead_danger", lead.danger))  # fmt: skip
    _steps(conn, lead_id, other_id, "merge", by, now, reason, detail)
    rebuild(conn, lead_id, rules, now)
    rebuild(conn, other_id, rules, now)


def unmerge(
    conn: Connection,
    lead_id: int,
    other_id: int,
    rules: Rules,
    by: Actor,
    now: datetime,
    reason: str,
) -> None:
    """Take a merge back: the reports that came from `other` return, its withdrawn orders that nobody
    had reported back on are live again.

    Raises:
        Conflict: `other` is not merged into `lead`.
    """
    incident_store.lock_keys(conn, [DECIDING])
    lead, other = _pair(conn, lead_id, other_id)
    if other.merged_into != lead_id:
        raise Conflict(
            f"事件 {other.number} 并未并入 {lead.number}",
            f"{other.number} is not merged into {lead.number}",
        )
    merged = next(
        (
            s
            for s in reversed(store.steps(conn, lead_id))
            if s[5] == "merge" and s[9].get("other") == str(other_id)
        ),
        None,
    )
    if merged is None:
        raise Conflict("找不到合并记录", "the record of the merge is missing")
    back = {int(r) for r in merged[9]["reports"]}
    moved = [m for m in incident_store.members(conn, lead_id) if m.report in back]
    incident_store.save_members(
        conn, [Member(m.report, other_id, "moved", m.probability, m.clues, now) for m in moved]
    )
    withdrawn = {int(o["order"]): o for o in merged[9]["withdrawn"]}
    for order in store.orders_of(conn, [other_id]):
        was = withdrawn.get(order.id)
        if was is not None and store.restore(
            conn, order.id, OrderStage(was["stage"]), was["escalate_at"], now
        ):
            store.notify_units(
                conn, [(order.unit, other_id, f"工单 {order.number} 恢复办理：合并已撤销")], now
            )
    stage = incident_stage(store.stages_of(conn, other_id))
    incident_store.move(conn, other_id, [Stage.MERGED], stage, now)
    if merged[9]["overdue"]:
        store.set_overdue(conn, other_id)
    if (
        lead.danger
        and not merged[9]["lead_danger"]
        and not _corrected_since(conn, lead_id, merged[0])
    ):
        incident_store.grow(conn, [replace(lead, danger=False)])  # its own reports decide below
    _steps(conn, lead_id, other_id, "unmerge", by, now, reason, (("other", str(other_id)),))
    rebuild(conn, lead_id, rules, now)
    rebuild(conn, other_id, rules, now)


def _corrected_since(conn: Connection, incident_id: int, step: int) -> bool:
    return any(s[5] == "correct" and s[0] > step for s in store.steps(conn, incident_id))


def split(conn: Connection, incident_id: int, report_id: int, rules: Rules, office: Office, by: Actor, now: datetime,
          reason: str) -> int:  # fmt: skip
    """Take one report out of an incident into one of its own; orders stay with the old one.

    Returns:
        The new incident's id.

    Raises:
        Conflict: It is the incident's only report.
        Forbidden: The report lies where this person's scope does not reach.
    """
    incident_store.lock_keys(conn, [DECIDING])
    incident = incident_store.locked(conn, incident_id)
    if incident is None:
        raise NotFound("事件", incident_id)
    members = incident_store.members(conn, incident_id)
    if report_id not in {m.report for m in members}:
        raise NotFound("线索", report_id)
    if len(members) < 2:
        raise Conflict("事件只有这一条线索，无法拆出", "it is the incident's only report")
    fresh = open_for(conn, report_id, rules, now, new_id())
    if fresh.incident.id not in incident_store.incidents(conn, [fresh.incident.id]):
        raise Forbidden(
            "这条线索的地点在辖区之外，请由上级中心拆出",
            "the report lies outside your area: ask the centre above to split it off",
        )
    clues = [
        {
            "about": "person",
            "bits": 0.0,
            "because": f"{by.name}拆出：{reason}",
            "because_en": f"split off by {by.name}: {reason}",
        }
    ]
    incident_store.save_members(
        conn, [Member(report_id, fresh.incident.id, "moved", None, clues, now)]
    )
    detail = (("report", str(report_id)), ("other", str(fresh.incident.id)))
    _steps(conn, incident_id, fresh.incident.id, "split", by, now, reason, detail)
    repropose(conn, fresh.incident, Question(fresh.understanding, Located(fresh.incident.area, fresh.located.confidence)),
              office, now)  # fmt: skip
    store.set_due(conn, fresh.incident.id, office.due_at(fresh.incident))
    rebuild(conn, incident_id, rules, now)
    rebuild(conn, fresh.incident.id, rules, now)
    return fresh.incident.id


def _pair(conn: Connection, lead_id: int, other_id: int) -> tuple[Incident, Incident]:
    """Both incidents, locked in the order of their ids so that two people cannot block each other."""
    found = {i: incident_store.locked(conn, i) for i in sorted((lead_id, other_id))}
    lead, other = found[lead_id], found[other_id]
    if lead is None or other is None:
        raise NotFound("事件", lead_id if lead is None else other_id)
    return lead, other


def _steps(conn: Connection, one: int, other: int, verb: str, by: Actor, now: datetime, reason: str,
           detail: tuple[tuple[str, object], ...]) -> None:  # fmt: skip
    mirrored = tuple((k, str(one) if k == "other" else v) for k, v in detail)
    store.add_steps(conn, [
        Step(one, None, now, by.account, by.name, by.unit, verb, reason=reason, detail=detail, address=by.address),
        Step(other, None, now, by.account, by.name, by.unit, verb, reason=reason, detail=mirrored, address=by.address),
    ])  # fmt: skip
