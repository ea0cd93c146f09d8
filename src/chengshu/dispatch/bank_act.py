"""Into the problem bank and out of it: a unit asks, the centre above decides, a review date brings it back."""

from __future__ import annotations

from datetime import datetime, timedelta

from chengshu.dispatch import store
from chengshu.dispatch.assign import SYSTEM, Actor
from chengshu.dispatch.bank import store as bank_store
from chengshu.dispatch.bank.model import (
    BankState,
    Plea,
    Shelving,
    resumed_due,
    review_at,
    why_not_plea,
)
from chengshu.dispatch.model import Step, WorkOrder
from chengshu.dispatch.workflow import OrderStage, Verb
from chengshu.kit.db import Connection
from chengshu.kit.errors import Conflict, Forbidden, Invalid

_AGAIN = timedelta(days=7)
_GONE = Conflict("挂账申请刚被别人处理过，请刷新", "somebody else was first: reload the order")


def propose(conn: Connection, order: WorkOrder, plea: Plea, by: Actor, now: datetime) -> None:
    """Ask to shelve an order; its clock goes on until the centre above allows it.

    Raises:
        Invalid: Condition, review date or public reason are missing.
    """
    wrong = why_not_plea(plea, now)
    if wrong is not None:
        raise Invalid(wrong[0], wrong[1].chinese, wrong[1].english)
    bank_store.propose(conn, order, plea, by.account, by.name, now)


def decide(conn: Connection, order: WorkOrder, verb: Verb, by: Actor, words: str, now: datetime) -> Shelving:  # fmt: skip
    """Allow or refuse it; allowed, the review date is the clock that counts.

    Raises:
        Forbidden: The same person asked.
        Conflict: Somebody was first.
    """
    one = bank_store.open_of(conn, order.id)
    if one is None or one.state is not BankState.PROPOSED:
        raise _GONE
    if one.account is not None and one.account == by.account:
        raise Forbidden("不能批准自己提出的申请", "nobody decides on her own request")
    allowed = verb is Verb.ALLOW_SHELVING
    at = review_at(one.review_on, now) if allowed else None
    to = BankState.APPROVED if allowed else BankState.REFUSED
    if not bank_store.decide(conn, one, to, (by.account, by.name, by.unit), words, at, now):
        raise _GONE
    if allowed and order.lead:
        store.restart(conn, order.incident, at, now)
    return one


def strike(conn: Connection, order: WorkOrder, to: OrderStage, by: Actor, words: str, now: datetime) -> None:  # fmt: skip
    """Take an order out of the bank (销账): it goes on with the time it had left, or is closed."""
    one = bank_store.open_of(conn, order.id)
    if one is None or one.decided_at is None:
        raise _GONE
    closes = to is OrderStage.CLOSED
    bank_store.end(conn, order.id, BankState.CLOSED if closes else BankState.RESUMED, by.name, words, now)  # fmt: skip
    if closes:
        return
    due = resumed_due(order.due_at, one.decided_at, now)
    # one that was late already is looked at once more, as when it is sent back to be redone
    timer = due if due is None or due > now else now + timedelta(days=1)
    store.set_clock(conn, order.id, due, timer)
    if order.lead:
        store.restart(conn, order.incident, due, now)


def drop(conn: Connection, order: WorkOrder, by: Actor, now: datetime) -> None:
    """The order went another way: nothing is asked or shelved any more."""
    bank_store.end(conn, order.id, BankState.LAPSED, by.name, "", now)


def review_due(conn: Connection, now: datetime, limit: int) -> list[Shelving]:
    """Remind the centres of what is to be reviewed, weekly until it is struck off; what went another
    way, by a merge for example, leaves the bank. Returns what it acted on."""
    acted = []
    for one, stage in bank_store.due(conn, now, limit):
        if stage != OrderStage.SHELVED:
            bank_store.end(conn, one.order, BankState.LAPSED, SYSTEM, "", now)
            continue
        bank_store.remind(conn, one, now + _AGAIN)
        text = f"挂账到期复核：{one.condition[:40]}；请销账或重新研究"
        store.add_steps(conn, [Step(one.incident, one.order, now, None, SYSTEM, one.unit, "review_due", stage, stage,
                                    text)])  # fmt: skip
        told = {one.unit, one.decided_unit or one.unit}
        store.notify_units(conn, [(u, one.incident, text) for u in sorted(told)], now)
        acted.append(one)
    return acted
