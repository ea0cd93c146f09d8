"""HTTP of the exchange: bureaus' own systems by their key; what came from above, for the desk."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field

from chengshu.agencies import store as agency_store
from chengshu.agencies.gate import AtGate, Caller
from chengshu.agencies.model import Role
from chengshu.dispatch import exchange_act, upward_act
from chengshu.dispatch import store as order_store
from chengshu.dispatch.assign import Actor
from chengshu.dispatch.bodies import ACT, READ, Body, Id
from chengshu.dispatch.model import WorkOrder
from chengshu.dispatch.request import actor, names_of, office_of, tell_pages
from chengshu.dispatch.upward import store
from chengshu.dispatch.upward.model import DayEntry, Reconciliation, UpKind
from chengshu.dispatch.views import Names
from chengshu.dispatch.workflow import OrderStage
from chengshu.incidents import store as incident_store
from chengshu.incidents.model import Incident
from chengshu.kit.errors import Invalid, NotFound

router = APIRouter(prefix="/api/v1")

_Number = Annotated[str, Field(min_length=1, max_length=120)]


class ExchangeOrderView(BaseModel):
    """An order as a bureau's system gets it; without whoever reported it."""

    id: str
    number: str
    incident_number: str
    title: str
    matter: str
    matter_name: str
    area: str
    place: str
    lon: float | None
    lat: float | None
    stage: str
    instruction: str
    assigned_at: datetime
    sign_due_at: datetime | None
    due_at: datetime | None
    reply: str | None
    changed_at: datetime


class ExchangeBody(Body):
    """A request under the system's own number; sent again, it is done once."""

    number: _Number


class ExchangeReturnBody(ExchangeBody):
    """Hand an order back: reason code, words, the row of the responsibility list."""

    words: Annotated[str, Field(max_length=5000)]
    reason_code: Annotated[str, Field(max_length=40)]
    duty: Annotated[str, Field(max_length=80)] = ""


class ExchangeReplyBody(ExchangeBody):
    """What was done, and the number of the document that proves it."""

    words: Annotated[str, Field(max_length=5000)]
    document: Annotated[str, Field(max_length=100)] = ""


class ExchangeReceipt(BaseModel):
    """That a request was carried out."""

    order: str
    number: str
    stage: str
    at: datetime


class EntryBody(Body):
    """An order as the bureau's system has it."""

    number: _Number
    stage: OrderStage


class ReconcileBody(Body):
    """All orders of one day as the bureau's system has them."""

    day: date
    orders: Annotated[list[EntryBody], Field(max_length=5000)]


class DifferenceView(BaseModel):
    """Where the two sides disagree; null: that side does not know the order."""

    number: str
    ours: str | None
    theirs: str | None


class ReconciliationView(BaseModel):
    """One day as both sides have it."""

    party: str
    day: date
    ours: int
    theirs: int
    differences: list[DifferenceView]
    at: datetime


def _order(order: WorkOrder, incident: Incident, names: Names) -> ExchangeOrderView:
    return ExchangeOrderView(
        id=str(order.id), number=order.number, incident_number=incident.number, title=incident.title,
        matter=incident.matter, matter_name=names.matter(incident.matter)[0], area=str(order.area), place=incident.place,
        lon=incident.lon, lat=incident.lat, stage=order.stage, instruction=order.instruction,
        assigned_at=order.assigned_at, sign_due_at=order.sign_due_at, due_at=order.due_at, reply=order.reply,
        changed_at=order.changed_at,
    )  # fmt: skip


def _orders(caller: Caller, request: Request, orders: list[WorkOrder]) -> list[ExchangeOrderView]:
    known = incident_store.incidents(caller.conn, list({o.incident for o in orders}))
    return [_order(o, known[o.incident], names_of(request)) for o in orders if o.incident in known]


@router.get("/exchange/orders", response_model=list[ExchangeOrderView], responses=READ)
def list_exchange(
    gate: AtGate,
    request: Request,
    stage: Annotated[list[OrderStage] | None, Query(max_length=8)] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 200,
) -> list[ExchangeOrderView]:
    """The orders of the key's own unit, those that changed last first."""
    with gate.bureau() as (caller, _):
        assert caller.unit is not None
        ids = store.own_orders(
            caller.conn, caller.unit.unit, [str(s) for s in stage or OrderStage], limit
        )
        known = {o.id: o for o in order_store.orders(caller.conn, ids)}
        return _orders(caller, request, [known[i] for i in ids])


@router.get("/exchange/orders/{order_id}", response_model=ExchangeOrderView, responses=READ)
def get_exchange(gate: AtGate, request: Request, order_id: Id) -> ExchangeOrderView:
    """One order of the key's own unit."""
    with gate.bureau() as (caller, _):
        assert caller.unit is not None
        order = order_store.order(caller.conn, order_id)
        found = (
            _orders(caller, request, [order]) if order and order.unit == caller.unit.unit else []
        )
        if not found:
            raise NotFound("工单", order_id)
        return found[0]


def _act(gate: AtGate, request: Request, order_id: int, call: exchange_act.Call) -> ExchangeReceipt:
    with gate.bureau() as (caller, name):
        assert caller.unit is not None
        by = Actor(None, name, caller.unit.unit, caller.address)
        told = exchange_act.act(
            caller.conn, order_id, call, office_of(request), by, caller.unit, caller.now
        )
        return ExchangeReceipt.model_validate(told)


@router.post("/exchange/orders/{order_id}/sign", response_model=ExchangeReceipt, responses=ACT)
def sign_exchange(
    gate: AtGate, request: Request, order_id: Id, body: ExchangeBody
) -> ExchangeReceipt:
    """Sign for an order."""
    return _act(gate, request, order_id, exchange_act.Call(body.number, "sign"))


@router.post("/exchange/orders/{order_id}/return", response_model=ExchangeReceipt, responses=ACT)
def return_exchange(
    gate: AtGate, request: Request, order_id: Id, body: ExchangeReturnBody
) -> ExchangeReceipt:
    """Hand an order back, for the first time of its incident; the second time a person does it."""
    call = exchange_act.Call(body.number, "return", body.words, body.reason_code, body.duty)
    return _act(gate, request, order_id, call)


@router.post("/exchange/orders/{order_id}/reply", response_model=ExchangeReceipt, responses=ACT)
def reply_exchange(
    gate: AtGate, request: Request, order_id: Id, body: ExchangeReplyBody
) -> ExchangeReceipt:
    """Report back what was done."""
    call = exchange_act.Call(body.number, "reply", body.words, document=body.document)
    return _act(gate, request, order_id, call)


@router.post("/exchange/reconcile", response_model=ReconciliationView, responses=ACT)
def reconcile_exchange(gate: AtGate, body: ReconcileBody) -> ReconciliationView:
    """Compare a day (日对账): all orders that the bureau's system has of it; answers where the two disagree."""
    with gate.bureau() as (caller, _):
        assert caller.unit is not None
        theirs = [DayEntry(o.number, str(o.stage)) for o in body.orders]
        return _reconciliation(
            exchange_act.reconcile(caller.conn, caller.unit, body.day, theirs, caller.now)
        )


def _reconciliation(one: Reconciliation) -> ReconciliationView:
    return ReconciliationView(
        party=one.party, day=one.day, ours=one.ours, theirs=one.theirs, at=one.at,
        differences=[DifferenceView(number=d.number, ours=d.ours, theirs=d.theirs) for d in one.differences],
    )  # fmt: skip


# ------------------------------------------------------------------ for the desk
class UpperMessageView(BaseModel):
    """What went up, and whether it arrived."""

    id: str
    kind: str
    at: datetime
    receipt: str | None
    receipt_at: datetime | None
    attempts: int
    failed: str | None
    verdict: str | None
    waits: bool


class UpperView(BaseModel):
    """The order from above that an incident is."""

    number: str
    state: str
    due_at: datetime
    messages: list[UpperMessageView]


class UpperReturnBody(Body):
    """Why it is handed back up."""

    words: Annotated[str, Field(max_length=3000)]


class UpperExtendBody(UpperReturnBody):
    """Until when more time is asked."""

    until: datetime


def _upper(caller: Caller, incident_id: int) -> UpperView:
    found = store.order_of(caller.conn, incident_id)
    if found is None:
        raise NotFound("上级转办件", incident_id)
    number, state, due = found
    return UpperView(number=number, state=state, due_at=due, messages=[
        UpperMessageView(id=str(m[0]), kind=m[1], at=m[2], receipt=m[3], receipt_at=m[4], attempts=m[5], failed=m[6],
                         verdict=m[7], waits=m[8])
        for m in store.messages(caller.conn, number)
    ])  # fmt: skip


@router.get("/incidents/{incident_id}/upper", response_model=UpperView, responses=READ)
def get_upper(gate: AtGate, incident_id: Id) -> UpperView:
    """The order from above that an incident is, and what went up for it."""
    with gate.person() as caller:
        return _upper(caller, incident_id)


@router.post("/incidents/{incident_id}/upper/return", response_model=UpperView, responses=ACT)
def return_upper(gate: AtGate, incident_id: Id, body: UpperReturnBody) -> UpperView:
    """Hand an order back up, with the reason."""
    with gate.person() as caller:
        upward_act.ask(caller.conn, incident_id, UpKind.RETURN, body.words, None, actor(caller), caller.person.role,
                       caller.now)  # fmt: skip
        tell_pages(caller, incident_id)
        return _upper(caller, incident_id)


@router.post("/incidents/{incident_id}/upper/extend", response_model=UpperView, responses=ACT)
def extend_upper(gate: AtGate, incident_id: Id, body: UpperExtendBody) -> UpperView:
    """Ask the platform above for more time."""
    if body.until.tzinfo is None:
        raise Invalid("until", "时间要带时区", "the time needs a zone")
    with gate.person() as caller:
        upward_act.ask(caller.conn, incident_id, UpKind.EXTENSION, body.words, body.until, actor(caller),
                       caller.person.role, caller.now)  # fmt: skip
        tell_pages(caller, incident_id)
        return _upper(caller, incident_id)


@router.get("/reconciliations", response_model=list[ReconciliationView], responses=READ)
def list_reconciliations(
    gate: AtGate, limit: Annotated[int, Query(ge=1, le=400)] = 60
) -> list[ReconciliationView]:
    """Days that were compared with the platform above and with bureaus' systems, newest first."""
    with gate.person(Role.DISPATCHER, Role.SUPERVISOR, Role.LEADER, Role.ANALYST) as caller:
        return [_reconciliation(r) for r in store.reconciliations(caller.conn, limit)]


class BindBody(Body):
    """Whose orders a key reads and answers."""

    unit: _Number


@router.post("/admin/credentials/{credential_id}/unit", status_code=204, responses=ACT)
def bind_credential(gate: AtGate, credential_id: Id, body: BindBody) -> None:
    """Let an outside system's key read and answer one unit's orders."""
    with gate.person(Role.SECURITY_ADMIN) as caller:
        if credential_id not in {c[0] for c in agency_store.credentials(caller.conn)}:
            raise NotFound("密钥", credential_id)
        if agency_store.unit(caller.conn, body.unit) is None:
            raise Invalid("unit", f"没有这个单位：{body.unit}", f"there is no unit {body.unit}")
        store.bind(caller.conn, credential_id, body.unit)
        agency_store.record(caller.conn, caller.now, "exchange_bound", account=caller.person.id,
                            role=caller.person.role, subject=str(credential_id), detail={"unit": body.unit},
                            address=caller.address)  # fmt: skip
