"""A person hands a matter over, writes down an answer that came by telephone, or takes it back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from chengshu.agencies.model import Role
from chengshu.dispatch import store as order_store
from chengshu.dispatch.assign import Actor
from chengshu.dispatch.handover import rules, store
from chengshu.dispatch.handover.model import Handover, HandoverAnswer, HandoverState, OtherSide
from chengshu.dispatch.model import Step
from chengshu.incidents import store as incident_store
from chengshu.incidents.model import Incident
from chengshu.intake import store as intake_store
from chengshu.intake.corrections import store as corrections
from chengshu.kit.db import Connection
from chengshu.kit.errors import Conflict, Forbidden, Invalid, NotFound
from chengshu.kit.ids import new_id
from chengshu.kit.times import local

_LEAST_WORDS = 2
_LONGEST = 2000


@dataclass(frozen=True, slots=True)
class Offer:
    """What a person hands over.

    Attributes:
        said: In her words; empty for the words of the first report.
        third: Who else was in the three-party call.
    """

    party: OtherSide
    said: str = ""
    third: str = ""


def offer(
    conn: Connection, incident_id: int, wanted: Offer, by: Actor, role: Role, now: datetime
) -> Handover:
    """Offer a matter to another side; a worker carries it there at once. Until they answer it stays ours.

    Raises:
        NotFound: No such incident within the scope.
        Forbidden: Not for this role.
        Conflict: It has ended, or that party was offered it already.
    """
    incident = incident_store.locked(conn, incident_id)
    if incident is None:
        raise NotFound("事件", incident_id)
    why = rules.why_not_offer(role, incident, wanted.party, store.of_incident(conn, incident_id))
    if why is not None:
        raise (Conflict if role in rules.OFFERERS else Forbidden)(why.chinese, why.english)
    report, words = _source(conn, incident_id, wanted.party)
    made = Handover(
        new_id(), "", incident_id, report, wanted.party, HandoverState.OFFERED, (wanted.said.strip() or words)[:_LONGEST],
        incident.place, incident.lon, incident.lat, wanted.third.strip(), now, by.account, by.name, by.unit, 0, now, 0,
        "", "", None, "", "", False,
    )  # fmt: skip
    made = _numbered(made, now)
    if not store.add(conn, made):
        raise Conflict("刚被别人转接，请刷新", "somebody else handed it over first: reload")
    _step(
        conn,
        made,
        "handover_offer",
        by,
        now,
        made.said[:200],
        (("party", str(made.party)), ("number", made.number)),
    )
    return made


def _numbered(made: Handover, now: datetime) -> Handover:
    return replace(made, number=f"ZJ{local(now):%Y%m%d}-{made.id}")


def _source(conn: Connection, incident: int, party: OtherSide) -> tuple[int | None, str]:
    """The report whose caller may be rung back, and its words: the one that a transfer was proposed for,
    else the first."""
    members = [m.report for m in incident_store.members(conn, incident)]
    proposed = [t.report for t in corrections.transfers(conn, members) if t.service == party]
    reports = {r.id: r for r in intake_store.reports(conn, members)}
    for report_id in (*proposed, *members):
        if (found := reports.get(report_id)) is not None:
            return found.id, found.text
    return None, ""


def answer_by_phone(conn: Connection, handover_id: int, answer: HandoverAnswer, by: Actor, role: Role,
                    now: datetime) -> Handover:  # fmt: skip
    """Write down what the other side said on the telephone.

    Raises:
        NotFound: No such hand-over within the scope.
        Forbidden: Not for this role.
        Invalid: Neither a number nor a reason.
        Conflict: It was answered already.
    """
    found = _for_desk(conn, handover_id, role)
    if not answer.taken and len(answer.words.strip()) < _LEAST_WORDS:
        raise Invalid("number", "请填写对方受理编号，或写明对方不接收的理由",
                      "give the other side's number, or why they refuse")  # fmt: skip
    if not settle(conn, found, answer, by, now):
        raise Conflict("对方已经答复过，请刷新", "it was answered already: reload")
    return _again(conn, handover_id)


def settle(
    conn: Connection, found: Handover, answer: HandoverAnswer, by: Actor, now: datetime
) -> bool:
    """Write the first answer, its step, and tell the unit of a refusal; False when one came before."""
    incident_store.locked(
        conn, found.incident
    )  # two parties may answer at once: one becomes the holder
    if not store.answered(conn, found, answer, by=by.name, now=now):
        return False
    detail = (
        ("party", str(found.party)),
        ("number", found.number),
        ("theirs", answer.number),
        ("by", answer.by),
    )
    verb = "handover_acknowledged" if answer.taken else "handover_refused"
    _step(conn, found, verb, by, now, answer.words or answer.number, detail)
    if not answer.taken:
        text = f"{found.party} 不接收转接 {found.number}：{answer.words}，仍由我方负责"
        order_store.notify_units(
            conn, [(found.unit, found.incident, text)], now, event="handover_refused", level=2
        )
    return True


def hand_back(
    conn: Connection, handover_id: int, words: str, by: Actor, role: Role, now: datetime
) -> Handover:
    """They gave it back: it is ours again.

    Raises:
        NotFound: No such hand-over within the scope.
        Forbidden: Not for this role.
        Invalid: No reason.
        Conflict: They do not have it.
    """
    found = _for_desk(conn, handover_id, role)
    if len(words.strip()) < _LEAST_WORDS:
        raise Invalid("words", "请写明退回的理由", "say why it came back")
    incident_store.locked(conn, found.incident)
    if not store.hand_back(conn, found, words.strip()):
        raise Conflict("对方没有接收过，不能记为退回", "they do not have it: it cannot come back")
    _step(
        conn,
        found,
        "handover_back",
        by,
        now,
        words.strip(),
        (("party", str(found.party)), ("number", found.number)),
    )
    text = f"{found.party} 退回转接 {found.number}：{words.strip()}，由我方继续负责"
    order_store.notify_units(
        conn, [(found.unit, found.incident, text)], now, event="handover_refused", level=1
    )
    return _again(conn, handover_id)


def _for_desk(conn: Connection, handover_id: int, role: Role) -> Handover:
    found = store.one(conn, handover_id)
    if found is None:
        raise NotFound("转接", handover_id)
    if role not in rules.OFFERERS:
        raise Forbidden("只有受理、派遣、督办人员和领导可以登记转接结果",
                        "only the desk, supervisors and leaders write down an answer")  # fmt: skip
    return found


def _again(conn: Connection, handover_id: int) -> Handover:
    found = store.one(conn, handover_id)
    assert found is not None
    return found


def proposed(conn: Connection, incident: Incident) -> list[corrections.Emergency]:
    """Transfers that a call-taker proposed while she listened, and that nobody has made yet."""
    members = [m.report for m in incident_store.members(conn, incident.id)]
    made = {str(h.party) for h in store.of_incident(conn, incident.id)}
    return [t for t in corrections.transfers(conn, members) if t.service not in made]


def _step(conn: Connection, h: Handover, verb: str, by: Actor, now: datetime, reason: str,
          detail: tuple[tuple[str, object], ...]) -> None:  # fmt: skip
    order_store.add_steps(conn, [Step(h.incident, None, now, by.account, by.name, by.unit or h.unit, verb, reason=reason,
                                      detail=(("handover", str(h.id)), *detail), address=by.address)])  # fmt: skip
