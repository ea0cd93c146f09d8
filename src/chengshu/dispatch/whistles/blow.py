"""A township whistles; departments answer; a worker tells the next tier of silence."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from chengshu.dispatch import store as order_store
from chengshu.dispatch.assign import SYSTEM
from chengshu.dispatch.joint.acting import Acting, needed
from chengshu.dispatch.model import Step
from chengshu.dispatch.whistles import rules, store
from chengshu.dispatch.whistles.model import Whistle, WhistleCall
from chengshu.incidents import store as incident_store
from chengshu.incidents.model import ENDED
from chengshu.kit.db import Connection
from chengshu.kit.errors import Conflict, Forbidden, Invalid, NotFound
from chengshu.kit.ids import new_id
from chengshu.kit.times import local

_MOST_CALLED = 20


def blow(a: Acting, incident_id: int, units: Sequence[str], words: str, minutes: int) -> Whistle:
    """Call departments to an incident; each has its own clock.

    Args:
        minutes: Within which an ordinary call is answered.

    Raises:
        NotFound: No such incident within the scope.
        Forbidden: It is not for this person.
        Conflict: The incident has ended, or a department has not answered an earlier call to it.
        Invalid: No words, nobody called, or somebody who cannot be.
    """
    why = rules.why_not_blow(a.role, a.unit)
    if why is not None:
        raise Forbidden(why.chinese, why.english)
    said, called = needed("words", words), tuple(dict.fromkeys(units))
    if not called or len(called) > _MOST_CALLED:
        raise Invalid(
            "units", f"请选 1 至 {_MOST_CALLED} 个部门", f"call 1 to {_MOST_CALLED} departments"
        )
    for unit in called:
        barred = rules.why_not_call(a.office.directory.units.get(unit), a.unit)
        if barred is not None:
            raise Invalid("units", barred.chinese, barred.english)
    incident = incident_store.locked(a.conn, incident_id)
    if incident is None:
        raise NotFound("事件", incident_id)
    if incident.stage in ENDED:
        raise Conflict("事件已结束，不能吹哨", "the incident has ended: nobody is called")
    before = store.whistles(a.conn, incident=incident_id)
    silent = {c.unit for c in store.calls(a.conn, [w.id for w in before]) if c.answered_at is None}
    if again := [u for u in called if u in silent]:
        raise Conflict(
            f"{a.short(again[0])}还未报到，已在催促",
            f"{again[0]} has not answered the earlier call yet",
        )
    within = rules.answer_within(minutes, incident.urgency, incident.danger)
    due = a.now + within
    whistle = Whistle(new_id(), incident.id, incident.number, incident.title, incident.place, incident.area, a.unit.unit,
                      said, called, a.now, a.by.account, a.by.name)  # fmt: skip
    store.add(a.conn, whistle, [WhistleCall(whistle.id, u, a.now, due, due, u) for u in called])
    order_store.add_steps(a.conn, [Step(incident.id, None, a.now, a.by.account, a.by.name, a.by.unit, "whistle",
                                        reason=said, detail=(("units", list(called)),), address=a.by.address)])  # fmt: skip
    text = f"吹哨 {incident.number}：{a.short(a.unit.unit)}请你单位 {local(due):%H:%M} 前报到。{said[:60]}"
    order_store.notify_units(a.conn, [(u, incident.id, text) for u in called], a.now)
    return whistle


def answer(a: Acting, whistle_id: int, words: str) -> Whistle:
    """A department answers: who comes, and when; how long it took is kept.

    Raises:
        NotFound: No such whistle within the scope.
        Forbidden: The unit is not called, or it is not for this person.
        Conflict: It was answered already.
        Invalid: No words.
    """
    whistle = store.whistle(a.conn, whistle_id)
    if whistle is None:
        raise NotFound("吹哨", whistle_id)
    call = next((c for c in store.calls(a.conn, [whistle_id]) if c.unit == a.unit.unit), None)
    why = rules.why_not_answer(call, a.role, a.unit.unit)
    if call is None or why is not None:
        refused = why or rules.why_not_answer(None, a.role, a.unit.unit)
        assert refused is not None
        raise (Conflict if call and call.answered_at else Forbidden)(
            refused.chinese, refused.english
        )
    said = needed("words", words)
    if not store.answer(
        a.conn, call, said, a.by.name, rules.response_of(call.called_at, a.now), a.now
    ):
        raise Conflict("已经报到", "it was answered already")
    text = f"报到 {whistle.number}：{a.short(a.unit.unit)}：{said[:80]}"
    order_store.notify_units(a.conn, [(whistle.unit, whistle.incident, text)], a.now)
    return whistle


def climb_silent(conn: Connection, now: datetime, limit: int) -> list[Whistle]:
    """Tell the next tier of every call that nobody has answered in time, one tier for each such time again.

    Returns:
        The whistles acted on.
    """
    acted: dict[int, Whistle] = {}
    for call in store.due(conn, now, limit):
        above = rules.next_above(call.told)
        whistle = store.whistle(conn, call.whistle)
        if above is None or whistle is None:
            store.stop(conn, call)
            continue
        again = now + (call.due_at - call.called_at)
        store.climb(conn, call, above, again if rules.next_above(above) else None)
        text = f"吹哨 {whistle.number}：{call.unit} 未按时报到，请督促"
        order_store.notify_units(
            conn,
            [(u, whistle.incident, text) for u in dict.fromkeys((call.unit, above, whistle.unit))],
            now,
        )
        order_store.add_steps(conn, [Step(whistle.incident, None, now, None, SYSTEM, above, "whistle_silent", reason=text,
                                          detail=(("unit", call.unit), ("climbed", call.climbed + 1)))])  # fmt: skip
        acted[whistle.id] = whistle
    return list(acted.values())
