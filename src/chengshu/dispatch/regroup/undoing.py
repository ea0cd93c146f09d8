"""Taking a merge or a split back.

Both incidents stand again as they stood before: rows, orders, clocks, memberships with their reasons,
and what merging had derived of them. What was done since cannot be undone by somebody at another
desk (see `planning`). The last act of an incident is undone first, so that each finds things as it
left them.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from chengshu.dispatch import store as order_store
from chengshu.dispatch.assign import Actor, Office
from chengshu.dispatch.kinds.guard import stays_whole
from chengshu.dispatch.regroup import lessons, store
from chengshu.dispatch.regroup.merging import (
    add_steps,
    hastened,
    hold,
    make_way,
    move_members,
    needs_reason,
    pair,
    sides,
    still_within,
)
from chengshu.dispatch.regroup.planning import DERIVED, ENDING, Facts, Kept, Plan, plan
from chengshu.dispatch.regroup.splitting import corrections
from chengshu.dispatch.regroup.store import Act
from chengshu.dispatch.workflow import LIVE, OrderStage, incident_stage
from chengshu.incidents import store as incident_store
from chengshu.incidents.attach import Rules
from chengshu.incidents.model import ENDED, Incident, Stage
from chengshu.incidents.rebuild import rebuild
from chengshu.intake import store as intake_store
from chengshu.kit.db import Connection
from chengshu.kit.errors import Conflict, NotFound


def act_between(conn: Connection, one: int, other: int | None, verb: str | None) -> Act:
    """The act to be undone: the last that concerns both incidents, or the last of one.

    Args:
        verb: merge or split. What was split off may have been merged back by hand, so that two acts
            stand between the same two incidents: one of each kind, and never two of one kind.

    Raises:
        Conflict: There is none, or a later one must be undone first.
    """
    known = [a for a in store.acts(conn, [one]) if verb in (None, a.verb)]
    act = next((a for a in known if other is None or {a.lead, a.other} == {one, other}), None)
    if act is None:
        raise Conflict(
            "这两个事件之间没有可以撤销的合并或拆分",
            "between these incidents there is no merge or split to undo",
        )
    later = [a for a in store.acts(conn, [act.lead, act.other]) if a.id > act.id]
    if later:
        third = next(
            (i for i in (later[0].lead, later[0].other) if i not in (act.lead, act.other)), None
        )
        seen = incident_store.incidents(conn, [] if third is None else [third])
        number = f"（事件 {seen[third].number}）" if third in seen else ""
        number_en = f" (incident {seen[third].number})" if third in seen else ""
        verb, verb_en = ("合并", "merge") if later[0].verb == "merge" else ("拆分", "split")
        raise Conflict(
            f"此后又做过一次{verb}{number}，请先撤销那一次",
            f"a later {verb_en}{number_en} must be undone first",
        )
    return act


def gather(conn: Connection, act: Act, now: datetime, *, lock: bool = True) -> Facts:
    """Read what a plan needs.

    Args:
        lock: Both incidents and their orders, because the plan will be carried out.
    """
    ids = [act.lead, act.other]
    if lock:
        lead, other = pair(conn, act.lead, act.other)
        orders = store.locked_orders(conn, ids)
    else:
        found = incident_store.incidents(conn, ids)
        if len(found) < len(ids):
            raise NotFound("事件", next(i for i in ids if i not in found))
        lead, other = found[act.lead], found[act.other]
        orders = order_store.orders_of(conn, ids)
    before, after = store.pictures(conn, act.id)
    members = {
        i: {m.report for m in incident_store.members(conn, i)} for i in (act.lead, act.other)
    }
    joined = {
        i: intake_store.reports(conn, sorted(members[i] - set(before.members))) for i in members
    }
    corrected = {i: corrections(conn, i, act.id) for i in members}
    return Facts(act, before, after, lead, other, orders, members, corrected, joined, now)


def look(conn: Connection, one: int, other: int | None, verb: str | None, rules: Rules, office: Office,
         now: datetime) -> tuple[Act, Plan]:  # fmt: skip
    """What undoing would do, for a page to show before it is done.

    Args:
        other, verb: Which act; the last of `one` where neither is given.

    Raises:
        NotFound: One of them is not within the scope.
        Conflict: There is nothing to undo, a later act comes first, or it cannot be done.
    """
    for incident in (one, *(() if other is None else (other,))):
        if incident not in incident_store.incidents(conn, [incident]):
            raise NotFound("事件", incident)
    act = act_between(conn, one, other, verb)
    return act, plan(gather(conn, act, now, lock=False), rules, office)


def undo(conn: Connection, verb: str, lead_id: int, other_id: int, rules: Rules, office: Office, by: Actor,
         now: datetime, reason: str) -> list[Kept]:  # fmt: skip
    """Take back a merge of `other` into `lead`, or the splitting of `other` off `lead`.

    A merge that answered a suggestion leaves its question open again.

    Args:
        verb: merge or split, whichever is undone.

    Returns:
        What could not be moved back, and why.

    Raises:
        Invalid: No reason.
        NotFound: One of them is not within the scope.
        Conflict: There is nothing to undo, a later act comes first, or it cannot be done.
    """
    needs_reason(reason)
    hold(conn)
    pair(conn, lead_id, other_id)
    stays_whole(conn, lead_id, other_id)
    act = act_between(conn, lead_id, other_id, verb)
    if (act.lead, act.other) != (lead_id, other_id):
        raise Conflict(
            "这一步已被别人撤销，或方向不对，请刷新",
            "somebody undid it already, or it was the other way round: reload",
        )
    facts = gather(conn, act, now)
    made = plan(facts, rules, office)
    if not store.mark_undone(conn, act.id, now):
        raise Conflict("这一步已被别人撤销，请刷新", "somebody undid it already: reload")
    if verb == "merge":
        _do_apart(conn, facts, made, rules, by, now)
        store.ask_again(conn, lead_id, other_id)
    else:
        _do_together(conn, facts, made, rules, by, now, reason)
    store.forget(conn, act.id)
    lessons.undone(conn, verb, lead_id, other_id, rules, by, now)
    detail = (
        ("undone", act.id),
        ("other", str(other_id)),
        ("kept", [k.record() for k in made.kept]),
    )
    add_steps(conn, lead_id, other_id, f"un{verb}", by, now, reason, detail)
    return made.kept


def _do_apart(
    conn: Connection, f: Facts, made: Plan, rules: Rules, by: Actor, now: datetime
) -> None:
    _put_orders(conn, f, made, now)
    still_within(conn, f.act.lead, f.act.other)
    store.put_members(conn, f.act.id, sorted(made.back))
    _derive(conn, f, made, f.act.other, made.other, rules, now)
    _derive(conn, f, made, f.act.lead, made.lead, rules, now)
    text = "此前的合并已撤销，您反映的情况恢复单独办理，进展仍在这里查看。"
    store.tell(conn, sorted(made.back), f.act.other, text, now)


def _do_together(conn: Connection, f: Facts, made: Plan, rules: Rules, by: Actor, now: datetime,
                 reason: str) -> None:  # fmt: skip
    act = f.act
    joined = [m for m in incident_store.members(conn, act.other) if m.report not in act.moved]
    move_members(conn, joined, act.lead, "归并", "merged", by, now, reason)
    store.put_members(conn, act.id, sorted(act.moved & made.back))
    _put_orders(conn, f, made, now)
    current = store.locked_orders(conn, [act.lead, act.other])
    how = sides(
        [o for o in current if o.incident == act.lead],
        [o for o in current if o.incident == act.other],
    )
    if how.moved:
        make_way(conn, how, f.lead, f.other, by, now)
        for order in how.moved:
            moved = replace(order, incident=act.lead, area=f.lead.area)
            store.put_order(conn, hastened(moved, made.lead.due_at), now)
    elif how.withdrawn:
        make_way(conn, how, f.lead, f.other, by, now)
    rebuild(conn, act.other, rules, now)
    left = incident_store.incidents(conn, [act.other])[act.other]
    ending = {name: getattr(made.other, name) for name in ENDING}
    store.put_incident(conn, replace(left, **ending), now)
    _derive(conn, f, made, act.lead, made.lead, rules, now)
    text = "此前的拆分已撤销，您反映的情况并回原来的事件办理，进展仍在这里查看。"
    store.tell(conn, sorted(made.back), act.lead, text, now)


def _put_orders(conn: Connection, f: Facts, made: Plan, now: datetime) -> None:
    current = {o.id: o for o in f.orders}
    told = []
    for order in made.released:
        was = current[order.id]
        if order == was:
            continue
        store.put_order(conn, order, now)
        if was.stage is OrderStage.WITHDRAWN and order.stage in LIVE:
            told.append((order.unit, order.incident, f"工单 {order.number} 恢复办理：合并已撤销"))
        elif order.incident != was.incident:
            told.append((order.unit, order.incident,
                         f"工单 {order.number} 回到原来的事件：合并已撤销，办理情况不变"))  # fmt: skip
        elif order.stage in LIVE:
            told.append(
                (
                    order.unit,
                    order.incident,
                    f"工单 {order.number} 的办理期限已恢复：合并或拆分已撤销",
                )
            )
    written = {o.id for o in made.released}
    told += [
        (o.unit, o.incident, f"工单 {o.number} 的事件：合并或拆分已撤销，请按现有线索办理")
        for o in f.orders
        if o.stage in LIVE and (o.id not in written or o in made.released)
    ]
    order_store.notify_units(conn, told, now)


def _derive(conn: Connection, f: Facts, made: Plan, incident_id: int, planned: Incident, rules: Rules,
            now: datetime) -> None:  # fmt: skip
    """Write an incident's row with what follows from its reports and orders."""
    exact = incident_id in made.whole and store.put_derived(conn, f.act.id, incident_id)
    if exact:
        store.put_members(conn, f.act.id, sorted(f.before.members_of(incident_id)))
        final = planned
    else:
        rebuild(conn, incident_id, rules, now)
        grown = incident_store.incidents(conn, [incident_id])[incident_id]
        said = f.corrected[incident_id]
        names = [n for n in DERIVED & set(store.INCIDENT_FIELDS) if n not in said]
        final = replace(planned, **{name: getattr(grown, name) for name in names})
    if final.stage not in ENDED:
        final = _following(conn, f, final)
    store.put_incident(conn, final, now)


def _following(conn: Connection, f: Facts, incident: Incident) -> Incident:
    """An open incident where its orders are, as they are now."""
    stage = incident_stage(order_store.parts_of(conn, incident.id))
    ended_at = None
    if stage is Stage.CLOSED:
        ends = (o.closed_at for o in order_store.orders_of(conn, [incident.id]) if o.closed_at)
        ended_at = max(ends, default=f.now)
    late = any(o.overdue for o in order_store.orders_of(conn, [incident.id]) if o.stage in LIVE)
    return replace(
        incident,
        stage=stage,
        closed_at=ended_at,
        overdue=(incident.overdue or late) and stage is not Stage.CLOSED,
    )
