"""What people do inside a unit: pass an order on, submit a reply, sign it or send it back, speak with the citizen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from chengshu.agencies.model import Role, Unit
from chengshu.dispatch import handle
from chengshu.dispatch import store as order_store
from chengshu.dispatch.assign import SYSTEM, Actor, Office
from chengshu.dispatch.deadlines import due_at
from chengshu.dispatch.inside import store
from chengshu.dispatch.inside.model import (
    DraftState,
    FirstContact,
    Handling,
    House,
    Post,
    Sentence,
    latest,
    says_nothing,
    why_not_pass,
    why_not_reply,
    why_not_sign,
)
from chengshu.dispatch.kinds import store as kind_store
from chengshu.dispatch.kinds.model import Veil
from chengshu.dispatch.model import Step, WorkOrder
from chengshu.dispatch.workflow import OrderStage, Verb
from chengshu.intake import store as intake_store
from chengshu.kit.db import Connection
from chengshu.kit.errors import Conflict, Forbidden, Invalid, NotFound
from chengshu.kit.times import local

_LEAST_WORDS = 4
_EMPTY: Sentence = (
    "答复没有实质内容，请写明查到了什么、做了什么",
    "the reply says nothing: write what was found and what was done",
)
WAYS = ("phone", "visit", "message")


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody of a unit who acts."""

    by: Actor
    role: Role
    unit: Unit

    @property
    def account(self) -> int:
        """Her account."""
        assert self.by.account is not None
        return self.by.account


def own_order(conn: Connection, order_id: int, me: Member) -> WorkOrder:
    """An order of her own unit, locked against others of the unit.

    Raises:
        NotFound: No such order within the scope.
        Forbidden: It is another unit's.
    """
    order = order_store.order(conn, order_id)
    if order is None:
        raise NotFound("工单", order_id)
    if order.unit != me.unit.unit:
        raise Forbidden("工单不是本单位的", "the order is another unit's")
    return order


def guard(conn: Connection, order_id: int, verb: Verb, me: Member, words: str, files: Sequence[int],
          office: Office) -> None:  # fmt: skip
    """What stands inside a unit before a reply goes out; an order that is not the unit's own is judged elsewhere.

    Raises:
        Conflict: The unit's replies need a signature.
        Forbidden: Somebody else of the unit has the order.
        Invalid: The reply says nothing.
    """
    if verb is not Verb.HANDLE:
        return
    order = order_store.order(conn, order_id)
    if order is None or order.unit != me.unit.unit or order.stage is not OrderStage.SIGNED:
        return
    house = store.house(conn, order.unit)
    _check_reply(conn, order, house, me, words, files, office)
    if house.signs:
        raise Conflict(
            "本单位的答复须经审签，请送审", "this unit's replies need a signature: submit it"
        )


def pass_on(
    conn: Connection, order_id: int, section: str, account: int, me: Member, now: datetime
) -> Handling:
    """Pass an order to a section and the person who handles it.

    Raises:
        NotFound: No such order, or no such person of the unit.
        Forbidden: It is another unit's, or the liaison's to pass on.
        Conflict: It is not being handled, or the person may not know of it.
        Invalid: No section.
    """
    order = own_order(conn, order_id, me)
    if order.stage not in (OrderStage.ASSIGNED, OrderStage.SIGNED):
        raise Conflict(*_said(why_not_pass(House(), me.account, order.stage)))
    if (why := why_not_pass(store.house(conn, order.unit), me.account, order.stage)) is not None:
        raise Forbidden(*why)
    if not section.strip():
        raise Invalid("section", "请写明科室", "name the section")
    person = next(
        (p for p in kind_store.people(conn, None, [account]) if p.unit == order.unit), None
    )
    if person is None:
        raise NotFound("人员", account)
    at = kind_store.kind_of(conn, order.incident)
    knows = {p.account for p in kind_store.named(conn, order.incident)}
    if at is not None and at[1] is Veil.NAMED_ONLY and account not in knows:
        raise Conflict(
            "保密件只能交给知悉人，请先由中心增加知悉人",
            "a confidential order goes to named people only: ask the centre to name the person",
        )
    one = Handling(order.id, section.strip(), account, person.name, now)
    store.pass_on(conn, one, me.account, now)
    _step(conn, order, "pass_on", f"交{one.section} {one.name}经办", me.by, now)
    return one


def _said(why: Sentence | None) -> Sentence:
    assert why is not None
    return why


def submit(conn: Connection, order_id: int, words: str, files: Sequence[int], me: Member, office: Office,
           now: datetime) -> None:  # fmt: skip
    """Submit a reply for signature (送审).

    Raises:
        NotFound: No such order.
        Forbidden: It is another unit's, or somebody else's to handle.
        Conflict: It is not being handled, the unit needs no signature, or a reply waits already.
        Invalid: The reply says nothing.
    """
    order = own_order(conn, order_id, me)
    if order.stage is not OrderStage.SIGNED:
        raise Conflict("签收后才能送审", "sign for the order first")
    house = store.house(conn, order.unit)
    if not house.signs:
        raise Conflict(
            "本单位没有审签人，请直接反馈", "this unit signs nothing: report back at once"
        )
    _check_reply(conn, order, house, me, words, files, office)
    if files:
        intake_store.link_to_order(conn, files, order.id, me.account)
    if not store.add_draft(conn, order.id, words.strip(), files, me.account, me.by.name, now):
        raise Conflict("已有一份答复待审签", "a reply waits to be signed already")
    _step(conn, order, "submit", "答复送审", me.by, now)
    order_store.notify_units(
        conn, [(order.unit, order.incident, f"工单 {order.number} 的答复待审签")], now
    )


def _check_reply(conn: Connection, order: WorkOrder, house: House, me: Member, words: str, files: Sequence[int],
                 office: Office) -> None:  # fmt: skip
    why = why_not_reply(house, store.handlings(conn, [order.id]).get(order.id), me.account)
    if why is not None:
        raise Forbidden(*why)
    if len(words.strip()) < _LEAST_WORDS:
        raise Invalid(
            "reply", "请写明答复（至少 4 个字）", "write the reply in at least 4 characters"
        )
    if not files and says_nothing(words, office.kinds.empty_replies):
        raise Invalid("reply", *_EMPTY)


def countersign(conn: Connection, order_id: int, agree: bool, remark: str, me: Member, office: Office,
                now: datetime) -> handle.Done | None:  # fmt: skip
    """Sign the reply that waits (审签): it goes out at once; or send it back to be done again.

    Raises:
        NotFound: No such order.
        Forbidden: It is another unit's, or not hers to sign.
        Conflict: No reply waits, or somebody was first.
        Invalid: It is sent back without a word.
    """
    order = own_order(conn, order_id, me)
    drafts = store.drafts(conn, [order.id])
    draft = latest(drafts).get(order.id)
    why = why_not_sign(store.house(conn, order.unit), draft, me.account)
    if why is not None:
        raise (Conflict if "没有" in why[0] else Forbidden)(*why)
    assert draft is not None
    if not agree and len(remark.strip()) < _LEAST_WORDS:
        raise Invalid("remark", "请写明退回重办的理由（至少 4 个字）", "say why it is sent back")
    state = DraftState.SIGNED if agree else DraftState.SENT_BACK
    if not store.decide(conn, draft.id, state, me.account, me.by.name, remark.strip(), now):
        raise Conflict("这份答复刚被别人审签，请刷新", "somebody else was first: reload the order")
    if not agree:
        _step(conn, order, "send_back", remark.strip(), me.by, now)
        told = f"工单 {order.number} 的答复被退回重办：{remark.strip()[:60]}"
        order_store.notify_units(conn, [(order.unit, order.incident, told)], now)
        return None
    _step(conn, order, "countersign", f"审签{draft.actor}的答复", me.by, now)
    return handle.act(
        conn,
        order.id,
        Verb.HANDLE,
        office,
        me.by,
        Role.HANDLER,
        me.unit,
        now,
        handle.Said(draft.words, linked=sum(len(d.attachments) for d in drafts)),
    )


def first_contact(conn: Connection, order_id: int, way: str, reached: bool, words: str, me: Member,
                  now: datetime) -> None:  # fmt: skip
    """Write down the first word with the citizen (先行联系), once an order.

    Raises:
        NotFound: No such order.
        Forbidden: It is another unit's.
        Conflict: It was spoken already, or there is nobody to speak with.
        Invalid: No way, or no word of what was said.
    """
    order = own_order(conn, order_id, me)
    if way not in WAYS:
        raise Invalid("way", "联系方式只能是电话、上门或信息", "the way is phone, visit or message")
    if len(words.strip()) < _LEAST_WORDS:
        raise Invalid("words", "请写明联系情况（至少 4 个字）", "say what came of it")
    one = FirstContact(order.id, now, False, now, way, reached, words.strip(), me.by.name)
    if not store.make_contact(conn, one, me.account):
        raise Conflict(
            "已先行联系过，或这件工单没有可联系的人",
            "it was done already, or there is nobody to speak with",
        )
    said = "已联系上" if reached else "未联系上"
    _step(conn, order, "first_contact", f"先行联系，{said}：{words.strip()}", me.by, now)


def open_contacts(conn: Connection, office: Office, now: datetime, limit: int) -> int:
    """Set the clock of the first word for orders that have none yet; returns how many were looked at."""
    found = store.without_contact(conn, limit)
    due = [
        (order, due_at(local(at), office.kinds.first_contact[urgency - 1], office.calendar))
        for order, urgency, at, somebody in found if somebody
    ]  # fmt: skip
    if found:
        store.open_contacts(conn, [o for o, *_ in found], due)
    return len(found)


def late_contacts(conn: Connection, now: datetime, limit: int) -> list[tuple[int, int]]:
    """OrderMark first words that were not spoken in time and tell the units; order and area of each."""
    late = store.late_contacts(conn, now, limit)
    told = "工单 {} 超过先行联系时限，请立即联系来电人"
    order_store.notify_units(
        conn, [(unit, incident, told.format(number)) for _, incident, unit, number, _ in late], now
    )
    order_store.add_steps(conn, [
        Step(incident, order, now, None, SYSTEM, unit, "contact_late", reason="超过先行联系时限")
        for order, incident, unit, _, _ in late
    ])  # fmt: skip
    return [(order, area) for order, _, _, _, area in late]


def give_post(
    conn: Connection, unit: str, account: int, post: Post, on: bool, now: datetime
) -> None:
    """Give somebody of a unit a post, or take it back.

    Raises:
        NotFound: No such person of the unit, or she does not have the post.
    """
    if not on:
        if not store.drop_post(conn, unit, account, post):
            raise NotFound("岗位", account)
        return
    person = next((p for p in kind_store.people(conn, unit) if p.account == account), None)
    if person is None:
        raise NotFound("人员", account)
    store.set_post(conn, unit, account, post, person.name, now)


def _step(
    conn: Connection, order: WorkOrder, verb: str, words: str, by: Actor, now: datetime
) -> None:
    order_store.add_steps(conn, [Step(order.incident, order.id, now, by.account, by.name, by.unit, verb, order.stage,
                                      order.stage, words, (), by.address)])  # fmt: skip
