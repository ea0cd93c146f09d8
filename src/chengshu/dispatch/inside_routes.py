"""HTTP of work inside a unit: who has an order, replies to sign, the first word with the citizen, posts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, Field

from chengshu.agencies import store as agency_store
from chengshu.agencies.gate import AtGate, Caller
from chengshu.agencies.model import Role
from chengshu.dispatch import inside_act
from chengshu.dispatch import store as order_store
from chengshu.dispatch.bodies import ACT, READ, Body, Id
from chengshu.dispatch.inside import store
from chengshu.dispatch.inside.model import (
    DraftReply,
    FirstContact,
    Handling,
    House,
    Post,
    Sentence,
    latest,
    light,
    why_not_pass,
    why_not_reply,
    why_not_sign,
)
from chengshu.dispatch.inside_act import Member
from chengshu.dispatch.kinds import store as kind_store
from chengshu.dispatch.kinds.model import KIND_NAMES, OrderKind, marks
from chengshu.dispatch.kinds_read import MarkOfView, mark_views
from chengshu.dispatch.model import WorkOrder
from chengshu.dispatch.request import actor, office_of, tell_pages
from chengshu.dispatch.workflow import OrderStage
from chengshu.kit.errors import NotFound

router = APIRouter(prefix="/api/v1")

_Account = Annotated[str, Field(pattern=r"^\d{1,18}$")]
_MOST = 400


class PassBody(Body):
    """To which section and person an order is passed."""

    section: Annotated[str, Field(min_length=1, max_length=80)]
    account: _Account


class SubmitBody(Body):
    """A reply to be signed."""

    reply: Annotated[str, Field(max_length=5000)]
    attachments: Annotated[list[_Account], Field(max_length=20, default_factory=list)]


class CountersignBody(Body):
    """Sign the reply, or send it back with a reason."""

    agree: bool
    remark: Annotated[str, Field(max_length=1000)] = ""


class ContactBody(Body):
    """The first word with the citizen."""

    way: Literal["phone", "visit", "message"]
    reached: bool
    words: Annotated[str, Field(max_length=2000)]


class PostBody(Body):
    """Who gets or loses a post in a unit."""

    account: _Account
    post: Post
    on: bool = True


class PostView(BaseModel):
    """Who has a post in a unit."""

    account: str
    name: str
    post: str


class HandlingView(BaseModel):
    """Who has an order inside the unit."""

    section: str
    account: str
    name: str
    mine: bool
    at: datetime


class DraftView(BaseModel):
    """The reply that was submitted last."""

    words: str
    actor: str
    at: datetime
    state: str
    head_name: str | None
    remark: str


class ContactView(BaseModel):
    """The first word with the citizen."""

    due_at: datetime
    light: str
    late: bool
    made_at: datetime | None
    way: str | None
    reached: bool | None
    words: str | None
    actor: str | None


class AllowView(BaseModel):
    """Something to do with an order inside the unit, with the sentence why not."""

    act: str
    why_not: str | None
    why_not_en: str | None


class InsideView(BaseModel):
    """An order as its unit sees it from inside."""

    order: str
    kind: str
    kind_label: str
    kind_label_en: str
    marks: list[MarkOfView]
    number: str | None = Field(description="the kind's own number, where it has one")
    signs: bool = Field(description="whether the unit's replies need a head's signature")
    handling: HandlingView | None
    draft: DraftView | None
    contact: ContactView | None
    may: list[AllowView]


def member(caller: Caller) -> Member:
    """The caller as one of her unit."""
    assert caller.unit is not None
    return Member(actor(caller), caller.person.role, caller.unit)


def _views(caller: Caller, request: Request, orders: Sequence[WorkOrder]) -> list[InsideView]:
    ids, incidents = [o.id for o in orders], list({o.incident for o in orders})
    conn = caller.conn
    handlings, contacts = store.handlings(conn, ids), store.contacts(conn, ids)
    drafts = latest(store.drafts(conn, ids))
    kinds, facts = kind_store.kinds_of(conn, incidents), kind_store.facts(conn, incidents)
    specials = kind_store.specials(conn, incidents)
    house = store.house(conn, caller.person.unit)
    rules = office_of(request).kinds
    found = []
    for one in orders:
        kind = kinds.get(one.incident, OrderKind.ORDINARY)
        special = specials.get(one.incident)
        label, label_en = KIND_NAMES[kind]
        known = facts.get(one.incident)
        found.append(InsideView(
            order=str(one.id), kind=kind, kind_label=label, kind_label_en=label_en,
            marks=mark_views(marks(known, rules.group_people)) if known else [],
            number=special.number if special else None, signs=house.signs,
            handling=_handling(handlings.get(one.id), caller.person.id), draft=_draft(drafts.get(one.id)),
            contact=_contact(contacts.get(one.id), one, caller.now),
            may=_may(caller, one, house, handlings.get(one.id), drafts.get(one.id)),
        ))  # fmt: skip
    return found


def _handling(one: Handling | None, me: int) -> HandlingView | None:
    if one is None:
        return None
    return HandlingView(section=one.section, account=str(one.account), name=one.name, mine=one.account == me,
                        at=one.at)  # fmt: skip


def _draft(one: DraftReply | None) -> DraftView | None:
    if one is None:
        return None
    return DraftView(words=one.words, actor=one.actor, at=one.at, state=one.state, head_name=one.head_name,
                     remark=one.remark)  # fmt: skip


def _contact(one: FirstContact | None, order: WorkOrder, now: datetime) -> ContactView | None:
    if one is None:
        return None
    return ContactView(
        due_at=one.due_at, light=light(order.assigned_at, one.due_at, one.made_at, now), late=one.late,
        made_at=one.made_at, way=one.way, reached=one.reached, words=one.words, actor=one.actor,
    )  # fmt: skip


def _may(caller: Caller, order: WorkOrder, house: House, handling: Handling | None, draft: DraftReply | None
         ) -> list[AllowView]:  # fmt: skip
    me = caller.person.id
    if order.unit != caller.person.unit:
        return []
    waiting = draft is not None and draft.state == "waiting"
    submit: Sentence | None = why_not_reply(house, handling, me)
    if order.stage is not OrderStage.SIGNED:
        submit = ("签收后才能送审", "sign for the order first")
    elif not house.signs:
        submit = ("本单位没有审签人，请直接反馈", "this unit signs nothing: report back at once")
    elif waiting:
        submit = ("已有一份答复待审签", "a reply waits to be signed already")
    whys = {
        "pass_on": why_not_pass(house, me, order.stage), "submit": submit,
        "countersign": why_not_sign(house, draft, me),
    }  # fmt: skip
    return [
        AllowView(act=act, why_not=why[0] if why else None, why_not_en=why[1] if why else None)
        for act, why in whys.items()
    ]


def _one(caller: Caller, request: Request, order_id: int) -> InsideView:
    order = order_store.order(caller.conn, order_id)
    if order is None:
        raise NotFound("工单", order_id)
    return _views(caller, request, [order])[0]


@router.get("/inside/orders", response_model=list[InsideView], responses=READ)
def list_inside(gate: AtGate, request: Request) -> list[InsideView]:
    """The caller's unit's orders that are being handled, as seen from inside, soonest due first."""
    with gate.person() as caller:
        ids = store.live_orders(caller.conn, caller.person.unit, _MOST)
        known = {o.id: o for o in order_store.orders(caller.conn, ids)}
        return _views(caller, request, [known[i] for i in ids])


@router.get("/orders/{order_id}/inside", response_model=InsideView, responses=READ)
def get_inside(gate: AtGate, request: Request, order_id: Id) -> InsideView:
    """One order as seen from inside its unit."""
    with gate.person() as caller:
        return _one(caller, request, order_id)


@router.post("/orders/{order_id}/pass-on", response_model=InsideView, responses=ACT)
def pass_on(gate: AtGate, request: Request, order_id: Id, body: PassBody) -> InsideView:
    """Pass an order to a section and the person who handles it (交办)."""
    with gate.person(Role.HANDLER, Role.LEADER, Role.DISPATCHER) as caller:
        inside_act.pass_on(
            caller.conn, order_id, body.section, int(body.account), member(caller), caller.now
        )
        return _done(caller, request, order_id)


@router.post("/orders/{order_id}/submit", response_model=InsideView, responses=ACT)
def submit(gate: AtGate, request: Request, order_id: Id, body: SubmitBody) -> InsideView:
    """Submit a reply for signature (送审)."""
    with gate.person(Role.HANDLER) as caller:
        inside_act.submit(caller.conn, order_id, body.reply, [int(a) for a in body.attachments], member(caller),
                          office_of(request), caller.now)  # fmt: skip
        return _done(caller, request, order_id)


@router.post("/orders/{order_id}/countersign", response_model=InsideView, responses=ACT)
def countersign(gate: AtGate, request: Request, order_id: Id, body: CountersignBody) -> InsideView:
    """Sign the reply that waits, which sends it out, or send it back to be done again (审签)."""
    with gate.person(Role.HANDLER, Role.LEADER) as caller:
        inside_act.countersign(caller.conn, order_id, body.agree, body.remark, member(caller), office_of(request),
                               caller.now)  # fmt: skip
        return _done(caller, request, order_id)


@router.post("/orders/{order_id}/first-contact", response_model=InsideView, responses=ACT)
def first_contact(gate: AtGate, request: Request, order_id: Id, body: ContactBody) -> InsideView:
    """Write down the first word with the citizen (先行联系)."""
    with gate.person(Role.HANDLER, Role.LEADER) as caller:
        inside_act.first_contact(
            caller.conn, order_id, body.way, body.reached, body.words, member(caller), caller.now
        )
        return _done(caller, request, order_id)


def _done(caller: Caller, request: Request, order_id: int) -> InsideView:
    view = _one(caller, request, order_id)
    order = order_store.order(caller.conn, order_id)
    assert order is not None
    tell_pages(caller, order.incident, order_id)
    return view


_Unit = Annotated[str, Path(max_length=120)]


@router.get("/units/{unit}/posts", response_model=list[PostView], responses=READ)
def list_posts(gate: AtGate, unit: _Unit) -> list[PostView]:
    """Who passes orders on and who signs replies: in one's own unit, for the system administrator in any."""
    with gate.person() as caller:
        return _posts(caller, unit)


@router.post("/units/{unit}/posts", response_model=list[PostView], responses=ACT)
def set_post(gate: AtGate, unit: _Unit, body: PostBody) -> list[PostView]:
    """Give somebody of a unit a post, or take it back; with a head, replies need a signature."""
    with gate.person(Role.SYSTEM_ADMIN) as caller:
        inside_act.give_post(caller.conn, unit, int(body.account), body.post, body.on, caller.now)
        agency_store.record(
            caller.conn, caller.now, "unit_post", account=caller.person.id, role=caller.person.role,
            subject=f"{unit}/{body.account}", detail={"post": str(body.post), "on": body.on},
            address=caller.address,
        )  # fmt: skip
        return _posts(caller, unit)


def _posts(caller: Caller, unit: str) -> list[PostView]:
    found = store.posts(caller.conn, unit)
    return [PostView(account=str(a), name=name, post=post) for a, name, post in found]
