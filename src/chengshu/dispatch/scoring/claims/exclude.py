"""剔除: one person proposes with a reason code, another decides, and the month is reckoned anew."""

from __future__ import annotations

from datetime import datetime

from chengshu.dispatch import store as order_store
from chengshu.dispatch.assign import Actor, Office
from chengshu.dispatch.deadlines import due_at
from chengshu.dispatch.scoring import store
from chengshu.dispatch.scoring.above import centre_above
from chengshu.dispatch.scoring.claims import store as claim_store
from chengshu.dispatch.scoring.claims.model import Exclusion
from chengshu.dispatch.scoring.claims.terms import (
    SPEAKERS,
    Person,
    holds,
    why_not_decide_exclusion,
)
from chengshu.dispatch.scoring.model import ExclusionReason
from chengshu.dispatch.scoring.rules import ScoreRules
from chengshu.kit.db import Connection
from chengshu.kit.errors import Conflict, Forbidden, Invalid, NotFound
from chengshu.kit.ids import new_id
from chengshu.kit.times import local

LEAST_WORDS = 4


def said(words: str) -> str:
    """Words that say something.

    Raises:
        Invalid: They do not.
    """
    if len(words.strip()) < LEAST_WORDS:
        raise Invalid("words", f"请写明理由（至少 {LEAST_WORDS} 个字）",
                      f"say why in at least {LEAST_WORDS} characters")  # fmt: skip
    return words.strip()


def propose(conn: Connection, order_id: int, reason: str, words: str, office: Office, rules: ScoreRules, by: Actor,
            who: Person, now: datetime) -> int:  # fmt: skip
    """Propose that an order is left out; the proposal's id.

    Raises:
        NotFound: No such order within the scope.
        Forbidden: Neither her own unit's order nor one of a unit under hers.
        Conflict: It was proposed already, or its month is frozen.
        Invalid: The reason is none of the six, or the words are missing.
    """
    if reason not in list(ExclusionReason):
        raise Invalid("reason", "剔除原因不在目录中", "the reason is not on the list")
    order = order_store.order(conn, order_id)
    if order is None:
        raise NotFound("工单", order_id)
    if who.role not in SPEAKERS or not holds(order.unit, who.unit):
        raise Forbidden(
            "只能就本单位或下级单位的工单提出剔除",
            "only orders of your own unit or of one under it may be proposed",
        )
    month = store.month_of_order(conn, order_id)
    known = store.month(conn, month) if month else None
    if known is not None and known.state == "frozen":
        raise Conflict("该工单所在月份已定版，不能再剔除", "the order's month is final already")
    to_unit = centre_above(order.unit, office.directory) or order.unit
    due = due_at(local(now), rules.answer, office.calendar)
    one = Exclusion(new_id(), order.id, order.number, order.unit, to_unit, reason, said(words), who.account, by.name, now,
                    due, False, "open", None, "", None, "")  # fmt: skip
    if not claim_store.add_exclusion(conn, one):
        raise Conflict("该工单已提出剔除", "this order was proposed already")
    store.tell(conn, [(to_unit, f"工单 {order.number} 提请考核剔除，请审定，时限 {local(due):%m月%d日 %H:%M}")], now)  # fmt: skip
    return one.id


def decide(conn: Connection, one_id: int, approve: bool, words: str, by: Actor, who: Person, now: datetime) -> None:  # fmt: skip
    """Decide on a proposal; whoever made it may not.

    Raises:
        NotFound: No such proposal within the scope.
        Forbidden: She may not decide it; the sentence is `why_not_decide_exclusion`'s.
        Conflict: It was decided already, or its month is frozen.
    """
    one = claim_store.exclusion(conn, one_id)
    if one is None:
        raise NotFound("剔除申请", one_id)
    why = why_not_decide_exclusion(one, who)
    if why is not None:
        raise (Conflict if one.state != "open" else Forbidden)(why.chinese, why.english)
    month = store.month_of_order(conn, one.order)
    if approve and month is not None and not store.disturb(conn, month, now):
        raise Conflict("该工单所在月份已定版，不能再剔除", "the order's month is final already")
    state = "approved" if approve else "refused"
    if not claim_store.decide_exclusion(conn, one.id, state, who.account, by.name, said(words), now):  # fmt: skip
        raise Conflict("刚被别人审定，请刷新", "somebody else was first: reload")
    text = f"工单 {one.number} 考核剔除{'已批准' if approve else '未批准'}：{words.strip()[:60]}"
    store.tell(conn, [(one.unit, text)], now)
