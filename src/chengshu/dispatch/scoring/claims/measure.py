"""通报、约谈、整改: proposed, approved by a second person, reported on by the unit, struck off (销号)."""

from __future__ import annotations

from datetime import date, datetime

from chengshu.agencies.matters import Limit
from chengshu.dispatch.assign import Actor, Office
from chengshu.dispatch.deadlines import due_at
from chengshu.dispatch.scoring import store
from chengshu.dispatch.scoring.claims import store as claim_store
from chengshu.dispatch.scoring.claims.exclude import said
from chengshu.dispatch.scoring.claims.model import Measure, MeasureAct, MeasureKind, MeasureState
from chengshu.dispatch.scoring.claims.store import MeasureStep
from chengshu.dispatch.scoring.claims.terms import PROPOSERS, STEPS, Person, holds, why_not_act
from chengshu.dispatch.scoring.rules import ScoreRules
from chengshu.kit.db import Connection
from chengshu.kit.errors import Conflict, Forbidden, Invalid, NotFound
from chengshu.kit.ids import new_id
from chengshu.kit.times import local

_KINDS = {MeasureKind.NOTICE: "通报", MeasureKind.TALK: "约谈", MeasureKind.RECTIFY: "整改"}


def propose(conn: Connection, kind: str, unit: str, month: date, words: str, office: Office, rules: ScoreRules,
            by: Actor, who: Person, now: datetime) -> int:  # fmt: skip
    """Propose a measure; its id.

    Raises:
        NotFound: No such unit, or the month has no published figures.
        Forbidden: The unit is not under hers.
        Invalid: The kind is none of the three, or the words are missing.
    """
    if kind not in list(MeasureKind):
        raise Invalid("kind", "只有通报、约谈、整改三种", "a measure is notice, talk or rectify")
    if unit not in office.directory.units:
        raise NotFound("单位", unit)
    if who.role not in PROPOSERS or not holds(unit, who.unit) or unit == who.unit:
        raise Forbidden(
            "只能由上级中心的督办员、研判员或领导对下级单位提出",
            "it is for supervisors, analysts and leaders of a centre above the unit",
        )
    known = store.month(conn, month)
    if known is None or known.state == "open":
        raise NotFound("已公示的月份", f"{month:%Y-%m}")
    due = due_at(local(now), rules.approve, office.calendar)
    one = Measure(new_id(), MeasureKind(kind), unit, month, said(words), who.unit, who.account, by.name, now, due, False,
                  MeasureState.PROPOSED, None, None, None)  # fmt: skip
    claim_store.add_measure(conn, one)
    _note(conn, one.id, "propose", words, by, who, now)
    text = f"对{office.directory.units[unit].short}的{_KINDS[one.kind]}待审批，时限 {local(due):%m月%d日 %H:%M}"
    store.tell(conn, [(who.unit, text)], now)
    return one.id


def act(conn: Connection, one_id: int, what: MeasureAct, words: str, office: Office, rules: ScoreRules, by: Actor,
        who: Person, now: datetime) -> None:  # fmt: skip
    """Do the next thing about a measure.

    Raises:
        NotFound: No such measure within the scope.
        Forbidden: She may not; the sentence is `why_not_act`'s.
        Conflict: It is not the time for that, or somebody was first.
    """
    one = claim_store.measure(conn, one_id)
    if one is None:
        raise NotFound("措施", one_id)
    why = why_not_act(what, one, who)
    if why is not None:
        raise (Conflict if one.state not in STEPS[what].at else Forbidden)(why.chinese, why.english)
    reason = said(words)
    limit = _next_limit(what, rules)
    due = due_at(local(now), limit, office.calendar) if limit else None
    if not claim_store.move_measure(conn, one, STEPS[what].to, who.account, due, now):
        raise Conflict("刚被别人处理过，请刷新", "somebody else was first: reload")
    _note(conn, one.id, str(what), reason, by, who, now)
    name = _KINDS[one.kind]
    until = f"，请于 {local(due):%m月%d日} 前报送整改情况" if due else ""
    told = {
        MeasureAct.APPROVE: (one.unit, f"{name}：{one.words[:60]}{until}"),
        MeasureAct.REFUSE: (one.by_unit, f"{name}未批准：{reason[:60]}"),
        MeasureAct.REPORT: (one.by_unit, f"{name}整改情况已报送，请核实销号：{reason[:60]}"),
        MeasureAct.AGAIN: (one.unit, f"{name}整改情况被退回：{reason[:60]}"),
        MeasureAct.STRIKE: (one.unit, f"{name}已销号：{reason[:60]}"),
    }  # fmt: skip
    store.tell(conn, [told[what]], now)


def _next_limit(what: MeasureAct, rules: ScoreRules) -> Limit | None:
    if what in (MeasureAct.APPROVE, MeasureAct.AGAIN):
        return rules.report
    return rules.approve if what is MeasureAct.REPORT else None


def _note(conn: Connection, one: int, act: str, words: str, by: Actor, who: Person, now: datetime) -> None:  # fmt: skip
    claim_store.add_step(conn, MeasureStep(one, now, who.account, by.name, who.unit, act, words.strip()))  # fmt: skip
