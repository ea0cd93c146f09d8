"""What a bureau's own system does with its unit's orders; repeated under one number, it is done once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from chengshu.agencies.model import Role, Unit
from chengshu.dispatch import handle
from chengshu.dispatch import store as order_store
from chengshu.dispatch.assign import Actor, Office
from chengshu.dispatch.disputes import store as dispute_store
from chengshu.dispatch.handle import Said
from chengshu.dispatch.inside.model import says_nothing
from chengshu.dispatch.upward import store
from chengshu.dispatch.upward.model import DayEntry, Reconciliation, compare
from chengshu.dispatch.upward_act import day_begins
from chengshu.dispatch.workflow import Verb
from chengshu.kit import outbox
from chengshu.kit.db import Connection, dumps
from chengshu.kit.errors import Conflict, Invalid, NotFound

VERBS = {"sign": Verb.SIGN, "return": Verb.RETURN, "reply": Verb.HANDLE}


@dataclass(frozen=True, slots=True)
class Call:
    """One request of a bureau's system.

    Attributes:
        number: Its own number of the request.
        words: The reply, or the reason of a return.
        duty: Whose row of the responsibility list a return leans on.
    """

    number: str
    verb: str
    words: str = ""
    code: str = ""
    duty: str = ""
    document: str = ""

    def digest(self) -> bytes:
        """By which a repetition is told from another request under the same number."""
        return sha256(
            dumps([self.verb, self.words, self.code, self.duty, self.document]).encode()
        ).digest()


def act(conn: Connection, order_id: int, call: Call, office: Office, by: Actor, unit: Unit, now: datetime
        ) -> Mapping[str, Any]:  # fmt: skip
    """Sign for, hand back or answer one of the unit's own orders.

    Returns:
        What the system is told: number, stage, time; the same for a repetition.

    Raises:
        NotFound: No such order of this unit.
        Conflict: The number was used for another request, or the order's stage does not allow it.
        Invalid: The reply says nothing, or a return lacks its reason.
    """
    store.lock_number(conn, unit.unit, call.number)
    earlier = store.call(conn, unit.unit, call.number)
    if earlier is not None:
        if earlier[:3] != (order_id, call.verb, call.digest()):
            raise Conflict(
                f"编号 {call.number} 已用于另一个请求，请换一个编号",
                f"the number {call.number} already belongs to another request; use a new one",
            )
        answer: Mapping[str, Any] = earlier[3]
        return answer
    order = order_store.order(conn, order_id)
    if order is None or order.unit != unit.unit:
        raise NotFound("工单", order_id)
    if call.verb == "return" and dispute_store.handbacks(conn, [order.incident]):
        raise Conflict(
            "事件已退回过一次，再次退回须由人在页面上办理",
            "it was handed back once already: the second time a person does it on the page",
        )
    if call.verb == "reply" and says_nothing(call.words, office.kinds.empty_replies):
        raise Invalid("words", "答复没有实质内容", "the reply says nothing")
    done = handle.act(conn, order_id, VERBS[call.verb], office, by, Role.HANDLER, unit, now,
                      Said(call.words, call.code, call.duty, document=call.document))  # fmt: skip
    outbox.changed(conn, "incident", order.incident, done.incident_area)
    for changed in (order_id, *done.opened):
        outbox.changed(conn, "order", changed, done.incident_area)
    told = {
        "order": str(order_id),
        "number": order.number,
        "stage": str(done.to),
        "at": now.isoformat(),
    }
    store.add_call(conn, unit.unit, call.number, order_id, call.verb, call.digest(), told, now)
    return told


def reconcile(
    conn: Connection, unit: Unit, day: date, theirs: Sequence[DayEntry], now: datetime
) -> Reconciliation:
    """Compare a day's orders with what the bureau's system has of them, and keep where the two disagree.

    Raises:
        Invalid: An order stands twice.
    """
    if len({e.number for e in theirs}) != len(theirs):
        raise Invalid("orders", "同一工单出现两次", "an order stands twice")
    ours = store.orders_of_day(conn, unit.unit, day_begins(day))
    found = Reconciliation(unit.unit, day, len(ours), len(theirs), compare(ours, theirs), now)
    store.save_reconciliation(conn, found)
    return found
