"""考核申诉: within the publicity period, with evidence, answered by another pair of eyes against a clock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from chengshu.dispatch.assign import Actor, Office
from chengshu.dispatch.deadlines import due_at
from chengshu.dispatch.scoring import store
from chengshu.dispatch.scoring.above import centre_above
from chengshu.dispatch.scoring.claims import store as claim_store
from chengshu.dispatch.scoring.claims.exclude import said
from chengshu.dispatch.scoring.claims.model import Appeal
from chengshu.dispatch.scoring.claims.terms import Person, why_not_answer, why_not_appeal
from chengshu.dispatch.scoring.model import Indicator, Relief
from chengshu.dispatch.scoring.rules import ScoreRules
from chengshu.intake import store as intake_store
from chengshu.kit.db import Connection
from chengshu.kit.errors import Conflict, Forbidden, Invalid, NotFound
from chengshu.kit.ids import new_id
from chengshu.kit.times import local


@dataclass(frozen=True, slots=True)
class Plea:
    """What a unit wants of one order's figures, and with what it shows that it is right."""

    order: int
    wants: str
    indicator: str
    words: str
    evidence: Sequence[int]


def appeal(conn: Connection, month: date, plea: Plea, office: Office, rules: ScoreRules, by: Actor, who: Person,
           now: datetime) -> int:  # fmt: skip
    """Object to how an order was counted; the appeal's id.

    Raises:
        NotFound: The month has no such order within the scope.
        Conflict: The month is not open to appeals, or the same appeal is open.
        Forbidden: Another unit's order, or a role that may not.
        Invalid: It is not said what is wanted, or nothing is shown for it.
    """
    known = store.month(conn, month)
    row = store.order_in(conn, month, known.version, plea.order) if known else None
    if known is None or row is None:
        raise NotFound("考核工单", plea.order)
    why = why_not_appeal(known.state, known.appeals_until, row.unit, who, now)
    if why is not None:
        closed = (
            known.state != "published" or known.appeals_until is None or known.appeals_until < now
        )
        raise (Conflict if closed else Forbidden)(why.chinese, why.english)
    _check(plea)
    to_unit = centre_above(row.unit, office.directory) or row.unit
    due = due_at(local(now), rules.answer, office.calendar)
    indicator = plea.indicator if plea.wants == Relief.COUNT else ""
    one = Appeal(new_id(), month, plea.order, row.number, row.unit, to_unit, plea.wants, indicator, said(plea.words),
                 tuple(plea.evidence), who.account, by.name, now, due, False, "open", None, "", None, "")  # fmt: skip
    intake_store.link_to_order(conn, plea.evidence, plea.order, by.account)
    if not claim_store.add_appeal(conn, one):
        raise Conflict("同样的申诉正在审核", "the same appeal is open already")
    store.tell(conn, [(to_unit, f"工单 {row.number} 考核申诉，请答复，时限 {local(due):%m月%d日 %H:%M}")], now)  # fmt: skip
    return one.id


def _check(plea: Plea) -> None:
    if plea.wants not in list(Relief):
        raise Invalid("wants", "请说明要求：撤销疑点、剔除或改计为达标",
                      "say what is wanted: clear, exclude or count")  # fmt: skip
    if plea.wants == Relief.COUNT and plea.indicator not in list(Indicator):
        raise Invalid("indicator", "请说明哪一项指标", "say which indicator")
    if not plea.evidence:
        raise Invalid("evidence", "申诉须附佐证材料", "an appeal needs evidence")


def answer(conn: Connection, one_id: int, uphold: bool, words: str, by: Actor, who: Person, now: datetime) -> None:  # fmt: skip
    """Answer an appeal; upheld, its month is reckoned anew.

    Raises:
        NotFound: No such appeal within the scope.
        Forbidden: She may not answer it; the sentence is `why_not_answer`'s.
        Conflict: It was answered already.
    """
    one = claim_store.appeal(conn, one_id)
    if one is None:
        raise NotFound("申诉", one_id)
    why = why_not_answer(one, who)
    if why is not None:
        raise (Conflict if one.state != "open" else Forbidden)(why.chinese, why.english)
    state = "upheld" if uphold else "refused"
    if not store.disturb(conn, one.month, now) or not claim_store.answer(
        conn, one.id, state, who.account, by.name, said(words), now
    ):
        raise Conflict("刚被别人答复，请刷新", "somebody else was first: reload")
    text = f"工单 {one.number} 考核申诉{'成立，数据将重新核算' if uphold else '不成立'}：{words.strip()[:60]}"
    store.tell(conn, [(one.unit, text)], now)
