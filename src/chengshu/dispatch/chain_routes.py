"""HTTP of the further verbs of an order, of filing, and of the problem bank."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from chengshu.agencies.gate import AtGate
from chengshu.dispatch import filing_act, read, store
from chengshu.dispatch.bank import store as bank_store
from chengshu.dispatch.bank.model import Plea
from chengshu.dispatch.bodies import (
    ACT,
    READ,
    Body,
    ConfirmBody,
    Id,
    OrderDetail,
    ReasonBody,
    ReassignBody,
    ShelveBody,
)
from chengshu.dispatch.handle import Said
from chengshu.dispatch.order_act import act_on
from chengshu.dispatch.request import actor, detail_of, names_of, tell_pages
from chengshu.dispatch.views import DetailView, OrderView
from chengshu.dispatch.workflow import Verb

router = APIRouter(prefix="/api/v1")


class AllowBody(Body):
    """What the centre says when it allows something."""

    reason: Annotated[str, Field(max_length=1000)] = ""


class ShelvingView(BaseModel):
    """An order in the problem bank (挂账)."""

    id: str
    order: OrderView
    state: Literal["proposed", "approved", "refused", "resumed", "closed", "lapsed"]
    condition: str
    review_on: date
    public_reason: str
    proposed_at: datetime
    proposed_by: str
    decided_at: datetime | None
    decided_by: str
    decided_words: str
    ended_at: datetime | None
    ended_words: str


class BankList(BaseModel):
    """The problem bank, what is to be reviewed first."""

    items: list[ShelvingView]
    total: int
    as_of: datetime


@router.post("/orders/{order_id}/redo", response_model=OrderDetail, responses=ACT)
def redo_order(gate: AtGate, request: Request, order_id: Id, body: ReasonBody) -> OrderDetail:
    """Send an empty or insufficient reply back to be written anew (退回重办)."""
    return act_on(gate, request, order_id, Verb.REDO, Said(body.reason))


@router.post("/orders/{order_id}/reassign", response_model=OrderDetail, responses=ACT)
def reassign_order(gate: AtGate, request: Request, order_id: Id, body: ReassignBody) -> OrderDetail:
    """Withdraw an order and give the matter to another unit in one act (改派)."""
    said = Said(body.reason, to=body.unit, instruction=body.instruction)
    return act_on(gate, request, order_id, Verb.REASSIGN, said)


@router.post("/orders/{order_id}/lead", response_model=OrderDetail, responses=ACT)
def lead_order(gate: AtGate, request: Request, order_id: Id) -> OrderDetail:
    """Make this order the leading one (主办); the others assist."""
    return act_on(gate, request, order_id, Verb.LEAD)


@router.post("/orders/{order_id}/shelve", response_model=OrderDetail, responses=ACT)
def shelve_order(gate: AtGate, request: Request, order_id: Id, body: ShelveBody) -> OrderDetail:
    """Ask the centre above to shelve what cannot be done now (申请挂账)."""
    plea = Plea(body.condition.strip(), body.review_on, body.public_reason.strip())
    return act_on(gate, request, order_id, Verb.SHELVE, Said(plea.condition, plea=plea))


@router.post("/orders/{order_id}/allow_shelving", response_model=OrderDetail, responses=ACT)
def allow_shelving(gate: AtGate, request: Request, order_id: Id, body: AllowBody) -> OrderDetail:
    """Allow it (批准挂账): reporters are told the public reason and the review date."""
    return act_on(gate, request, order_id, Verb.ALLOW_SHELVING, Said(body.reason))


@router.post("/orders/{order_id}/refuse_shelving", response_model=OrderDetail, responses=ACT)
def refuse_shelving(gate: AtGate, request: Request, order_id: Id, body: ReasonBody) -> OrderDetail:
    """Do not allow it, with the reason."""
    return act_on(gate, request, order_id, Verb.REFUSE_SHELVING, Said(body.reason))


@router.post("/orders/{order_id}/strike_off", response_model=OrderDetail, responses=ACT)
def strike_off(gate: AtGate, request: Request, order_id: Id, body: ReasonBody) -> OrderDetail:
    """Strike it off (销账): it is handled again with the time that it had left."""
    return act_on(gate, request, order_id, Verb.STRIKE_OFF, Said(body.reason))


@router.post("/orders/{order_id}/strike_close", response_model=OrderDetail, responses=ACT)
def strike_close(gate: AtGate, request: Request, order_id: Id, body: ReasonBody) -> OrderDetail:
    """Strike it off and close it: the matter has settled itself or will never be possible."""
    return act_on(gate, request, order_id, Verb.STRIKE_CLOSE, Said(body.reason))


@router.post("/orders/{order_id}/archive", response_model=OrderDetail, responses=ACT)
def archive_order(gate: AtGate, request: Request, order_id: Id) -> OrderDetail:
    """Archive a closed order of which nothing is open (归档)."""
    return act_on(gate, request, order_id, Verb.ARCHIVE)


@router.post("/orders/{order_id}/reopen", response_model=OrderDetail, responses=ACT)
def reopen_order(gate: AtGate, request: Request, order_id: Id, body: ReasonBody) -> OrderDetail:
    """Open it again (重开): the same unit handles it a second time; after that the centre above has it."""
    return act_on(gate, request, order_id, Verb.REOPEN, Said(body.reason))


@router.post("/orders/{order_id}/void", response_model=OrderDetail, responses=ACT)
def void_order(gate: AtGate, request: Request, order_id: Id, body: ReasonBody) -> OrderDetail:
    """Void an order that was a mistake (作废); it counts against nobody."""
    return act_on(gate, request, order_id, Verb.VOID, Said(body.reason))


# ------------------------------------------------------------------ filing
@router.post("/incidents/{incident_id}/register", response_model=DetailView, responses=ACT)
def register_incident(
    gate: AtGate, request: Request, incident_id: Id, body: ReasonBody
) -> DetailView:
    """File an incident (立案), where its line of business does not by itself."""
    with gate.person(*read.desk_roles("register")) as caller:
        filing_act.register(caller.conn, incident_id, actor(caller), caller.now, body.reason)
        tell_pages(caller, incident_id)
        return detail_of(caller, incident_id, request)


@router.post("/incidents/{incident_id}/ask_confirm", response_model=DetailView, responses=ACT)
def ask_confirm(gate: AtGate, request: Request, incident_id: Id, body: ReasonBody) -> DetailView:
    """Send somebody to look before it is filed (核实)."""
    with gate.person(*read.desk_roles("ask_confirm")) as caller:
        filing_act.ask(caller.conn, incident_id, actor(caller), caller.now, body.reason)
        tell_pages(caller, incident_id)
        return detail_of(caller, incident_id, request)


@router.post("/incidents/{incident_id}/confirm", response_model=DetailView, responses=ACT)
def confirm_incident(
    gate: AtGate, request: Request, incident_id: Id, body: ConfirmBody
) -> DetailView:
    """Say what was found on the spot before filing (核实结果)."""
    with gate.person(*read.desk_roles("confirm")) as caller:
        filing_act.confirm(caller.conn, incident_id, body.ok, actor(caller), caller.now, body.reason)  # fmt: skip
        tell_pages(caller, incident_id)
        return detail_of(caller, incident_id, request)


# ------------------------------------------------------------------ the problem bank
_OPEN, _ALL = ("proposed", "approved"), ("refused", "resumed", "closed", "lapsed")


@router.get("/bank", response_model=BankList, responses=READ)
def list_bank(
    gate: AtGate, request: Request, state: Literal["open", "proposed", "approved", "ended"] = "open"
) -> BankList:
    """The problem bank within the caller's scope."""
    with gate.person() as caller:
        assert caller.unit is not None
        states = {"open": _OPEN, "ended": _ALL}.get(state, (state,))
        found = bank_store.listed(caller.conn, states)
        orders = store.orders(caller.conn, [s.order for s in found])
        views = {
            v.id: v
            for v in read.order_views(
                caller.conn, orders, names_of(request), caller.person.role, caller.unit, caller.now
            )
        }
        items = [
            ShelvingView(
                id=str(s.id), order=views[str(s.order)], state=s.state.value, condition=s.condition,
                review_on=s.review_on, public_reason=s.public_reason, proposed_at=s.proposed_at, proposed_by=s.actor,
                decided_at=s.decided_at, decided_by=s.decided_actor, decided_words=s.decided_words,
                ended_at=s.ended_at, ended_words=s.ended_words,
            )
            for s in found if str(s.order) in views
        ]  # fmt: skip
        return BankList(items=items, total=len(items), as_of=caller.now)
