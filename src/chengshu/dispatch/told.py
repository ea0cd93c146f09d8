"""Who is told of what was done with an order: everybody who reported it, its unit, the unit above."""

from __future__ import annotations

from datetime import datetime

from chengshu.dispatch import store
from chengshu.dispatch.assign import Office
from chengshu.dispatch.facts.store import commanded
from chengshu.dispatch.model import WorkOrder
from chengshu.dispatch.workflow import DONE, Labels, Verb, label_of
from chengshu.kit.db import Connection
from chengshu.kit.times import local

_REPORTERS = {
    Verb.SIGN: "{unit}已签收，{due}",
    Verb.HANDLE: "{unit}已办理并反馈，正在核查",
    Verb.STRIKE_OFF: "您反映的事项已恢复办理，承办单位{unit}",
}
_ABOVE = frozenset({Verb.RETURN, Verb.HANDLE, Verb.SHELVE})
_UNIT = frozenset({
    Verb.URGE, Verb.REJECT, Verb.WITHDRAW, Verb.REDO, Verb.REASSIGN, Verb.VOID, Verb.LEAD, Verb.ALLOW_SHELVING,
    Verb.REFUSE_SHELVING, Verb.STRIKE_OFF, Verb.STRIKE_CLOSE,
})  # fmt: skip


def tell(conn: Connection, order: WorkOrder, verb: Verb, office: Office, words: str, labels: Labels,
         now: datetime) -> None:  # fmt: skip
    """Tell of one verb."""
    unit, label = office.directory.units[order.unit], label_of(verb, labels)[0]
    above = order.unit.rpartition(".")[0] or order.unit
    # under joint command citizens hear from the command only: one answer, not one for each part
    if verb in _REPORTERS and not commanded(conn, order.incident):
        due = f"承诺 {local(order.due_at):%m月%d日 %H:%M} 前办理" if order.due_at else "正在办理"
        text = _REPORTERS[verb].format(unit=unit.name, due=due)
        store.notify_reporters(conn, order.incident, text, now)
    if verb in _ABOVE:
        text = f"工单 {order.number} {unit.short}{label}:{words[:60]}"
        store.notify_units(conn, [(above, order.incident, text)], now)
    if verb in _UNIT:
        text = f"工单 {order.number} 被{label}:{words[:60]}"
        store.notify_units(conn, [(order.unit, order.incident, text)], now)


def tell_closed(conn: Connection, incident: int, now: datetime) -> None:
    """An incident was closed: everybody who reported it hears what its leading order replied."""
    done = [o for o in store.orders_of(conn, [incident]) if o.stage in DONE]
    last = max(done, key=lambda o: (o.lead, o.id), default=None)
    reply = (last.reply if last else None) or "已处理"
    store.notify_reporters(conn, incident, f"您反映的事项已办结：{reply}", now)
