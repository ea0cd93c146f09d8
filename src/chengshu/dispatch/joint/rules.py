"""Who may run a joint command, what is still open, of which matter a report is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from chengshu.agencies.model import Kind, Role, Unit
from chengshu.dispatch.joint.model import Command, JointOrder, Meeting, Strand, SubTask
from chengshu.dispatch.workflow import LIVE, CountedOrder, OrderStage, Why, stage_name
from chengshu.incidents.people import people

COMMANDERS: Final = frozenset({Role.DISPATCHER, Role.SUPERVISOR, Role.LEADER})
CROWD: Final = (
    10  # people; from here on they may gather (群体性事件 is counted from ten in practice)
)
_NAMED: Final = 3  # parts that a sentence names


def is_above(unit: str, other: str) -> bool:
    """Whether a unit is another or stands above it."""
    return other == unit or other.startswith(unit + ".")


def why_not_start(role: Role, unit: Unit) -> Why | None:
    """Why this person may not begin a joint command; None: she may."""
    if role not in COMMANDERS:
        return Why(
            "联动指挥由派遣员、督办员或领导启动",
            "a joint command is started by dispatchers, supervisors and leaders",
        )
    if unit.kind is not Kind.CENTRE:
        return Why("联动指挥由指挥中心启动", "a joint command is started by a command centre")
    return None


def why_not_run(command: Command, role: Role, unit: str) -> Why | None:
    """Why this person may not give parts, call meetings and resources or answer; None: she may."""
    if command.ended_at is not None:
        return Why("联动指挥已结束", "the joint command has ended")
    if role is Role.HANDLER and unit == command.lead:
        return None
    if role in COMMANDERS and is_above(unit, command.centre):
        return None
    return Why(
        "由牵头单位或启动联动的中心来做", "this is for the lead and the centre that commands"
    )


def why_not_conclude(command: Command, role: Role, unit: str) -> Why | None:
    """Why this person may not end it, whatever is open; None: she may."""
    if command.ended_at is not None:
        return Why("联动指挥已结束", "the joint command has ended")
    if role not in COMMANDERS or not is_above(unit, command.centre):
        return Why("由启动联动的中心结束", "it is ended by the centre that commands")
    return None


def why_not_take_part(command: Command, role: Role, unit: str) -> Why | None:
    """Why this person may not write on the time line or answer a call; None: she may."""
    if command.ended_at is not None:
        return Why("联动指挥已结束", "the joint command has ended")
    if role not in COMMANDERS | {Role.HANDLER} or unit not in command.members:
        return Why("只有成员单位可以填写", "this is for the members")
    return None


def what_is_open(command: Command, orders: Sequence[JointOrder], strands: Sequence[Strand],
                 meetings: Sequence[Meeting], names: Mapping[str, str]) -> Why | None:  # fmt: skip
    """What keeps the parent from closing, in one sentence; None: nothing does.

    Args:
        orders: All of the incident.
        names: Units' short names.
    """
    open_orders = [o for o in orders if o.id != command.lead_order and o.stage in LIVE]
    if open_orders:
        shown = open_orders[:_NAMED]
        more, more_en = ("等", " and others") if len(open_orders) > _NAMED else ("", "")
        said = "、".join(
            f"{names.get(o.unit, o.unit)}（{o.number}，{stage_name(o.stage)[0]}）" for o in shown
        )
        said_en = ", ".join(f"{o.number} ({stage_name(o.stage)[1]})" for o in shown)
        return Why(
            f"还有 {len(open_orders)} 项子任务未办结：{said}{more}",
            f"{len(open_orders)} parts are still open: {said_en}{more_en}",
        )
    held = [m for m in meetings if m.ended_at is None]
    if held:
        return Why(f"第 {held[0].nth} 次会商还没有结束", f"meeting {held[0].nth} has not ended")
    silent = [s for s in strands if s.answer is None]
    if silent:
        return Why(
            f"「{'」「'.join(s.name for s in silent)}」还没有统一答复",
            f"no answer to the citizens yet: {', '.join(s.name_en for s in silent)}",
        )
    lead = next((o for o in orders if o.id == command.lead_order), None)
    if lead is not None and lead.stage not in (OrderStage.HANDLED, OrderStage.VERIFIED):
        name, name_en = stage_name(lead.stage)
        return Why(
            f"牵头单位的工单 {lead.number} {name}，还没有反馈",
            f"the lead has not reported back: its order {lead.number} is {name_en}",
        )
    return None


def strand_of(text: str, strands: Sequence[Strand]) -> str:
    """Of which strand a report is: the one most of whose words it says; the first where none is said.

    Examples:
        >>> two = [Strand("wages", "工资", "wages", ("工资", "讨薪")), Strand("contract", "工程款", "", ("工程款", "分包款"))]
        >>> strand_of("总包欠我们分包款，工程款一直没结", two)
        'contract'
        >>> strand_of("三个月没发工资", two)
        'wages'
    """
    if not strands:
        return ""
    said = {s.code: sum(len(w) for w in s.words if w in text) for s in strands}
    return max(strands, key=lambda s: said[s.code]).code


def counted(texts: Iterable[str]) -> int | None:
    """The most people that one of these messages speaks of, at least; None when none names a number."""
    found = [p.low for text in texts for p in people(text)]
    return max(found, default=None)


def is_crowd(people: int | None, reporters: int) -> bool:
    """群体性风险: so many people are concerned that they may gather."""
    return max(people or 0, reporters) >= CROWD


def line_of(tasks: Sequence[SubTask], order: int) -> SubTask | None:
    """The part that an order is."""
    return next((t for t in tasks if t.order == order), None)


def standing(orders: Iterable[JointOrder], command: Command) -> list[CountedOrder]:
    """The command's orders as they bear on where its incident stands: the parent leads, the parts assist."""
    return [CountedOrder(o.stage, o.id == command.lead_order) for o in orders]
