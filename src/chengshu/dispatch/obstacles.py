"""What stands in the way of a verb besides the table: who looked, what is still open, what was asked."""

from __future__ import annotations

from dataclasses import dataclass

from chengshu.agencies.model import Role, Unit
from chengshu.dispatch.model import WorkOrder
from chengshu.dispatch.workflow import Labels, Verb, Why, label_of
from chengshu.incidents.model import ENDED, Stage


@dataclass(frozen=True, slots=True)
class Facts:
    """What is so around an order.

    Attributes:
        incident: Where its incident stands.
        proposed: Its unit asked to shelve it, and nobody has decided yet.
        checks: Inspections, call-backs and reviews of it that are still open.
        busy: Its unit has another live order of the same incident.
    """

    incident: Stage = Stage.HANDLING
    proposed: bool = False
    checks: int = 0
    busy: bool = False


_CHECKS = frozenset({Verb.ACCEPT, Verb.REJECT})
_SHELVING = frozenset({Verb.ALLOW_SHELVING, Verb.REFUSE_SHELVING})


def obstacle(verb: Verb, order: WorkOrder, facts: Facts, unit: Unit, labels: Labels,
             role: Role | None = None) -> Why | None:  # fmt: skip
    """Say what stands in the way of something that the table allows; None: nothing.

    A check is independent: nobody does it whose unit handled the order. Grid workers do not handle,
    they say what they see in their grid, so they check their own centre's orders too. The city's own
    centre has nobody above it: there the desk checks its handlers.
    """
    label, label_en = label_of(verb, labels)
    label_en = label_en.lower()
    own = unit.unit == order.unit and unit.parent is not None
    if verb in _CHECKS and own and role is not Role.GRID_WORKER:
        return Why(
            f"{label}要由承办单位以外的人来做", f"{label_en} is for people outside the unit that handled it"
        )  # fmt: skip
    if verb in _SHELVING and own:
        return Why(f"{label}要由上级中心来做", f"{label_en} is for the centre above")
    if verb in _SHELVING and not facts.proposed:
        return Why("承办单位没有申请挂账", "the unit has not asked to shelve it")
    if verb is Verb.SHELVE and facts.proposed:
        return Why("已经申请挂账，等上级中心批准", "it was asked already: the centre above decides")
    if verb is Verb.HANDLE and facts.proposed:
        return Why(
            "挂账申请还没有批复，批复后再反馈", "the request to shelve it is not decided yet"
        )  # fmt: skip
    if verb is Verb.LEAD and order.lead:
        return Why("已经是主办单位", "it leads already")
    if verb is Verb.ARCHIVE and facts.checks:
        return Why(
            "核查、回访或复核还没有完成，不能归档",
            "a check, call-back or review is still open: it cannot be archived",
        )
    if verb is Verb.REOPEN:
        return _reopening(facts)
    return None


def _reopening(facts: Facts) -> Why | None:
    if facts.incident in ENDED and facts.incident is not Stage.CLOSED:
        return Why(
            "事件已用其他方式了结，不能重开工单", "the incident ended another way: no order is reopened"
        )  # fmt: skip
    if facts.busy:
        return Why(
            "该单位已有这个事件的在办工单", "this unit already has a live order of the incident"
        )  # fmt: skip
    return None


__all__ = ["Facts", "obstacle"]
