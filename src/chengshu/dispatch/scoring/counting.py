"""How one order counts for each indicator, and the fact behind it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final

from chengshu.dispatch.scoring.model import (
    Amend,
    Flag,
    Indicator,
    Mark,
    OrderFacts,
    Relief,
    Suspicion,
)
from chengshu.dispatch.scoring.rules import Reply

_CONFIRMED = frozenset({"satisfied", "basic"})
_UNPROVED: Final = Mark(
    0.0,
    "按时反馈，但无佐证，到期前也无人核实",
    "answered in time with no evidence, and nobody confirmed it before it was due",
)
_BLOCKING: Final = frozenset(Flag) - {Flag.TRIVIA, Flag.SPLIT}  # those two act on the share
# What a unit says about itself; the citizen and the inspector are not its own witnesses.
_OWN_WORD: Final = (
    Indicator.RESPONSE,
    Indicator.ON_TIME,
    Indicator.FIRST_RIGHT,
    Indicator.EXPLAINED,
)


def settled(f: OrderFacts) -> bool | None:
    """Whether somebody else than the unit found it settled; None: nobody has looked.

    A reopening or the last failed check weigh more than a satisfied citizen; a dissatisfied one whose
    demand was found unreasonable says nothing.
    """
    if f.reopened:
        return False
    if f.checks:
        return max(f.checks, key=lambda c: c.at).passed
    return _content(f)


def _content(f: OrderFacts) -> bool | None:
    said = [c for c in f.calls if c.outcome in _CONFIRMED or c.outcome == "unsatisfied"]
    if not said:
        return None
    last = max(said, key=lambda c: c.at)
    if last.outcome in _CONFIRMED:
        return True
    return None if last.reasonable is False else False


def is_cleared(f: OrderFacts, amends: Sequence[Amend]) -> bool:
    """Whether a flagged order was confirmed, by a look, by the citizen or by an upheld appeal."""
    return settled(f) is True or any(a.relief is Relief.CLEAR for a in amends)


def confirmed_at(f: OrderFacts) -> datetime | None:
    """When somebody else first found it settled; None: an appeal cleared it, or nothing did."""
    seen = [c.at for c in f.checks if c.passed]
    seen += [c.at for c in f.calls if c.outcome in _CONFIRMED]
    return min(seen, default=None)


def marks(f: OrderFacts, flags: Sequence[Suspicion], amends: Sequence[Amend], same_replies: int, reply: Reply,
          now: datetime) -> dict[Indicator, Mark]:  # fmt: skip
    """How an order counts, by indicator.

    Args:
        same_replies: How many other orders of the month were answered with the very same words.
    """
    serial = any(s.flag is Flag.SERIAL_RETURN for s in flags)
    if f.returned_at is not None:
        found = _returned(f, serial)
    else:
        found = {indicator: rule(f, now) for indicator, rule in _RULES.items()}
        found[Indicator.EXPLAINED] = _explained(f, same_replies, reply)
        if reply.evidence and found[Indicator.ON_TIME].value and not _proved(f):
            found[Indicator.ON_TIME] = _UNPROVED
    if any(s.flag in _BLOCKING for s in flags):
        _doubt(f, amends, found)
    for amend in amends:
        if amend.relief is Relief.COUNT and amend.indicator:
            found[Indicator(amend.indicator)] = Mark(
                1.0, f"申诉 {amend.appeal} 成立，计为达标", f"appeal {amend.appeal} upheld: met"
            )
    return found


def _doubt(f: OrderFacts, amends: Sequence[Amend], found: dict[Indicator, Mark]) -> None:
    """Take back what only the unit's own word supports.

    Confirmed later than it was due, the order is settled, but that it was in time nobody has seen.
    """
    doubted = Mark(0.0, "有疑点，尚未核实", "under suspicion, nobody has looked yet")
    names: tuple[Indicator, ...] = _OWN_WORD
    if is_cleared(f, amends):
        seen = confirmed_at(f)
        in_time = seen is None or f.due_at is None or seen <= f.due_at
        names = () if in_time else (Indicator.ON_TIME,)
        doubted = Mark(0.0, "有疑点，核实时已过时限", "under suspicion, confirmed only after it was due")  # fmt: skip
    for indicator in names:
        if found[indicator].value:
            found[indicator] = doubted


def _proved(f: OrderFacts) -> bool:
    """Whether more than the unit's word says that it was done in time."""
    seen = confirmed_at(f)
    return bool(f.evidence) or (seen is not None and f.due_at is not None and seen <= f.due_at)


def _returned(f: OrderFacts, serial: bool) -> dict[Indicator, Mark]:
    """A right return says nothing but that it was right; a wrong one cost the citizen her time."""
    silent = Mark(None, "已退回", "returned")
    found = dict.fromkeys(Indicator, silent)
    if f.return_right is True:
        found[Indicator.RETURNS] = Mark(1.0, "退回经认定正确", "the return was found right")
    elif f.return_right is False or serial:
        wrong = (
            Mark(0.0, "退回经认定不当", "the return was found wrong")
            if f.return_right is False
            else Mark(0.0, "连续退回，尚未认定", "one of a series of returns, none found right yet")
        )
        lost = (Indicator.RETURNS, Indicator.ON_TIME, Indicator.RESPONSE, Indicator.RESOLVED)
        found |= dict.fromkeys((*lost, Indicator.FIRST_RIGHT), wrong)
    return found


def _late(f: OrderFacts, now: datetime) -> bool:
    return f.handled_at is None and f.due_at is not None and f.due_at < now


def _response(f: OrderFacts, now: datetime) -> Mark:
    if f.contact_due_at is None:
        return Mark(None, "无须先行联系", "nobody was to be contacted")
    if f.contact_at is not None:
        ok = f.contact_at <= f.contact_due_at
        return Mark(float(ok), "按时联系" if ok else "联系超时",
                    "contacted in time" if ok else "contacted late")  # fmt: skip
    if f.contact_due_at < now:
        return Mark(0.0, "未联系", "never contacted")
    return Mark(None, "未到时限", "not due yet")


def _on_time(f: OrderFacts, now: datetime) -> Mark:
    if f.due_at is None:
        return Mark(None, "无时限", "no time limit")
    if f.handled_at is None:
        return (
            Mark(0.0, "超时未办", "overdue and open") if _late(f, now)
            else Mark(None, "未到时限", "not due yet")
        )  # fmt: skip
    if f.handled_at > f.due_at:
        return Mark(0.0, "超时办理", "handled late")
    if settled(f) is False:
        return Mark(0.0, "按时反馈，但核实未解决", "answered in time, found unresolved")
    return Mark(1.0, "按时办理", "handled in time")


def _resolved(f: OrderFacts, now: datetime) -> Mark:
    if _late(f, now):
        return Mark(0.0, "超时未办", "overdue and open")
    verdict = settled(f)
    if f.handled_at is None or verdict is None:
        return Mark(None, "尚无核查或回访", "not checked and nobody asked yet")
    if f.reopened:
        return Mark(0.0, "办结后重开", "reopened after closing")
    return Mark(float(verdict), "核实已解决" if verdict else "核实未解决",
                "found resolved" if verdict else "found unresolved")  # fmt: skip


def _satisfied(f: OrderFacts, now: datetime) -> Mark:
    content = _content(f)
    if content is None:
        if any(c.reasonable is False for c in f.calls):
            return Mark(
                None, "不满意，诉求经审核不合理", "dissatisfied; the demand was found unreasonable"
            )
        return Mark(None, "无有效回访", "no answer to a call-back")
    return Mark(float(content), "回访满意" if content else "回访不满意",
                "satisfied" if content else "dissatisfied")  # fmt: skip


def _first_right(f: OrderFacts, now: datetime) -> Mark:
    if f.handled_at is None:
        return (
            Mark(0.0, "超时未办", "overdue and open") if _late(f, now)
            else Mark(None, "尚未反馈", "not answered yet")
        )  # fmt: skip
    again = f.rejects > 0 or f.handlings > 1 or f.reopened or any(not c.passed for c in f.checks)
    return Mark(float(not again), "需再次办理" if again else "一次办好",
                "had to be done again" if again else "right the first time")  # fmt: skip


def _kept(f: OrderFacts, now: datetime) -> Mark:
    return Mark(1.0, "未退回", "not returned")


def _explained(f: OrderFacts, same: int, reply: Reply) -> Mark:
    if f.sheet is not None:
        return Mark(f.sheet, f"质检 {f.sheet * 100:.0f} 分", f"quality check {f.sheet * 100:.0f}")
    if f.handled_at is None:
        return Mark(None, "尚未反馈", "not answered yet")
    if f.checks and settled(f) is False:
        return Mark(0.0, "答复与核查结果不符", "the reply is not what the inspection found")
    length = len("".join(f.reply.split()))
    if length < reply.characters:
        return Mark(0.0, f"答复仅 {length} 字", f"the reply has {length} characters")
    if same > reply.same:
        return Mark(
            0.0, f"与另 {same} 件答复一字不差", f"word for word the reply of {same} other orders"
        )
    return Mark(1.0, "答复完整", "a complete reply")


_RULES: Final[Mapping[Indicator, Callable[[OrderFacts, datetime], Mark]]] = {
    Indicator.RESPONSE: _response,
    Indicator.ON_TIME: _on_time,
    Indicator.RESOLVED: _resolved,
    Indicator.SATISFIED: _satisfied,
    Indicator.FIRST_RIGHT: _first_right,
    Indicator.RETURNS: _kept,
}
