"""One answer for each matter of a case; and the end, when every part has ended."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from chengshu.dispatch import store as order_store
from chengshu.dispatch.joint import store
from chengshu.dispatch.joint.acting import Acting, locked, needed
from chengshu.dispatch.joint.model import Command, Strand
from chengshu.dispatch.joint.rules import standing, strand_of, what_is_open, why_not_conclude
from chengshu.dispatch.model import Step
from chengshu.dispatch.replies import store as reply_store
from chengshu.dispatch.workflow import OrderStage, incident_stage
from chengshu.incidents import store as incident_store
from chengshu.incidents.model import ENDED, Stage
from chengshu.intake import store as intake_store
from chengshu.intake.model import Report
from chengshu.kit.db import Connection
from chengshu.kit.errors import Conflict, Invalid, NotFound

_LAST = {OrderStage.VERIFIED: "accept", OrderStage.CLOSED: "close"}


def sorted_reports(
    conn: Connection, command: Command, strands: Sequence[Strand]
) -> dict[int, tuple[Report, str]]:
    """Every report of the case with its matter: as a person said, else by its words."""
    moved = store.hearers(conn, command.id)
    members = [m.report for m in incident_store.members(conn, command.incident)]
    return {
        r.id: (r, moved[r.id][0] if r.id in moved else strand_of(f"{r.title}\n{r.text}", strands))
        for r in intake_store.reports(conn, members)
    }


def reported(strands: Sequence[Strand], of: Iterable[str]) -> list[Strand]:
    """The matters that owe somebody an answer: those that were reported; of none, all."""
    codes = set(of)
    return [s for s in strands if s.code in codes] or list(strands)


def set_strand(a: Acting, joint: int, report: int, strand: str) -> None:
    """Say of which matter a report is, where its words say otherwise.

    Raises:
        NotFound: No such command, or the report is not of its incident.
        Invalid: No such matter.
        Conflict: Its reporter has been told already.
        Forbidden: It is not for this person.
    """
    command, _ = locked(a, joint)
    strands = store.strands(a.conn, joint)
    if report not in sorted_reports(a.conn, command, strands):
        raise NotFound("线索", report)
    if strand not in {s.code for s in strands}:
        raise Invalid("strand", "联动指挥没有这件事", "the command has no such matter")
    if not store.set_hearer(a.conn, joint, report, strand):
        raise Conflict("已答复反映人，不能再改", "its reporter has been told already")


def answer(a: Acting, joint: int, strand: str, words: str, *, reply_all: bool = False) -> int:
    """Answer one matter: everybody who reported it is told the same, once.

    Args:
        reply_all: It is also the statutory reply to every complaint and denunciation of this matter.

    Returns:
        How many were told.

    Raises:
        NotFound: No such command or matter.
        Conflict: It is answered already, or the command has ended.
        Forbidden: It is not for this person.
        Invalid: No words.
    """
    command, _ = locked(a, joint)
    said = needed("answer", words)
    strands = store.strands(a.conn, joint)
    found = next((s for s in strands if s.code == strand), None)
    if found is None:
        raise NotFound("联动事项", strand)
    if not store.answer(a.conn, joint, strand, said, a.by.name, a.now):
        raise Conflict("这件事已有统一答复", "this matter has its answer already")
    reports = [r for r, of in sorted_reports(a.conn, command, strands).values() if of == strand]
    told = _tell(a, command, strand, said, reports)
    if reply_all:
        _reply(a, command, said, [r.id for r in reports])
    a.entry(joint, "answer", f"{found.name}：{said}（告知 {told} 人次）")
    order_store.add_steps(a.conn, [Step(command.incident, None, a.now, a.by.account, a.by.name, a.by.unit, "joint_answer",
                                        reason=said, detail=(("strand", strand), ("told", told)),
                                        address=a.by.address)])  # fmt: skip
    return told


def _tell(a: Acting, command: Command, strand: str, words: str, reports: Sequence[Report]) -> int:
    told = 0
    for report in reports:
        if report.imported or not store.told(a.conn, command.id, report.id, strand, a.now):
            continue
        order_store.notify_reporter(
            a.conn, report.id, command.incident, f"您反映的事项答复如下：{words}", a.now
        )
        told += 1
    return told


def _reply(a: Acting, command: Command, words: str, reports: Sequence[int]) -> None:
    owed = {
        r.report: r for r in reply_store.open_of(a.conn, command.incident) if r.report in reports
    }
    named = [report for report, reply in owed.items() if not reply.nameless]
    done = reply_store.answer(a.conn, named, words, a.by.account, a.now)
    order_store.add_steps(a.conn, [
        Step(command.incident, None, a.now, a.by.account, a.by.name, a.by.unit, "replied", reason=words,
             detail=(("report", str(report)), ("nature", str(owed[report].nature))), address=a.by.address)
        for report in done
    ])  # fmt: skip


def conclude(a: Acting, joint: int) -> Command:
    """End a command: the parent closes, now that every part has; whoever reported late is told too.

    Raises:
        NotFound, Forbidden: As with every act.
        Conflict: Something is open; the sentence is `rules.what_is_open`'s.
    """
    command, incident = locked(a, joint, why_not_conclude)
    strands, names = store.strands(a.conn, joint), {u: a.short(u) for u in a.office.directory.units}
    orders = store.orders(a.conn, joint)
    owed = reported(strands, (of for _, of in sorted_reports(a.conn, command, strands).values()))
    why = what_is_open(command, orders, owed, store.meetings(a.conn, joint), names)
    if why is not None:
        raise Conflict(why.chinese, why.english)
    for strand in strands:
        late = [
            r for r, of in sorted_reports(a.conn, command, strands).values() if of == strand.code
        ]
        _tell(a, command, strand.code, strand.answer or "", late)
    a.entry(joint, "end", "全部子任务已办结")
    if not store.end(a.conn, joint, a.by.name, a.now):
        raise Conflict("联动指挥刚被别人结束", "somebody else ended it first")
    _close_parent(a, command)
    stage = incident_stage(standing(store.orders(a.conn, joint), command))
    if incident.stage not in ENDED and stage is not incident.stage:
        answer = strands[0].answer if len(strands) == 1 else None
        incident_store.move(a.conn, incident.id, [incident.stage], stage, a.now, closed=stage is Stage.CLOSED,
                            answer=answer)  # fmt: skip
    return store.command(a.conn, joint) or command


def _close_parent(a: Acting, command: Command) -> None:
    order = order_store.order(a.conn, command.lead_order)
    if order is None:
        raise NotFound("工单", command.lead_order)
    for to, verb in _LAST.items():
        if order.stage is to:
            continue
        if not order_store.move(a.conn, order, to, a.now):
            raise Conflict(
                "工单刚被别人处理过，请刷新", "somebody else was first: reload the order"
            )
        order_store.add_steps(a.conn, [Step(order.incident, order.id, a.now, a.by.account, a.by.name, a.by.unit, verb,
                                            order.stage, to, "联动指挥结束", (), a.by.address)])  # fmt: skip
        order = order_store.order(a.conn, command.lead_order) or order
