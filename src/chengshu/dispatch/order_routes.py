"""HTTP of orders and of what units were told."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request

from chengshu.agencies.gate import AtGate
from chengshu.agencies.model import Role
from chengshu.dispatch import lists, read, store
from chengshu.dispatch.bodies import (
    ACT,
    READ,
    CloseBody,
    HandleBody,
    Id,
    NoticeView,
    OrderDetail,
    OrderList,
    ReasonBody,
    ReturnBody,
    VerifyBody,
)
from chengshu.dispatch.handle import Said
from chengshu.dispatch.order_act import act_on, files_of
from chengshu.dispatch.request import detail_of, names_of
from chengshu.dispatch.workflow import Verb
from chengshu.kit.errors import NotFound
from chengshu.kit.problem import problems

router = APIRouter(prefix="/api/v1")


@router.get("/orders", response_model=OrderList, responses=READ)
def list_orders(
    gate: AtGate,
    request: Request,
    box: Literal["inbox", "verify", "verified", "shelved", "overdue", "done", "all"] = "inbox",
    mine: bool = True,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    after: Annotated[str, Query(max_length=200)] = "",
) -> OrderList:
    """Orders of a box; `mine` shows only those of the caller's own unit."""
    with gate.person() as caller:
        assert caller.unit is not None
        own = caller.unit.unit if mine and caller.person.role is Role.HANDLER else ""
        orders, total, mark = lists.orders(caller.conn, box, own, limit, after)
        items = read.order_views(
            caller.conn, orders, names_of(request), caller.person.role, caller.unit, caller.now
        )
        return OrderList(items=items, next=mark, total=total, as_of=caller.now)


@router.get("/orders/{order_id}", response_model=OrderDetail, responses=READ)
def get_order(gate: AtGate, request: Request, order_id: Id) -> OrderDetail:
    """One order with its incident."""
    with gate.person() as caller:
        assert caller.unit is not None
        order = store.order(caller.conn, order_id)
        if order is None:
            raise NotFound("工单", order_id)
        (view,) = read.order_views(
            caller.conn, [order], names_of(request), caller.person.role, caller.unit, caller.now
        )
        return OrderDetail(
            **view.model_dump(), incident_detail=detail_of(caller, order.incident, request)
        )


@router.get("/notices", response_model=list[NoticeView], responses=READ)
def list_notices(gate: AtGate, limit: Annotated[int, Query(ge=1, le=200)] = 50) -> list[NoticeView]:
    """What the caller's unit was told, newest first."""
    with gate.person() as caller:
        rows = store.notices(caller.conn, caller.person.unit, limit)
        return [
            NoticeView(
                id=str(r[0]), text=r[1], at=r[2], incident=str(r[3]) if r[3] else None, read=r[4]
            )
            for r in rows
        ]


@router.post("/notices/read", status_code=204, responses=problems(401, 403))
def read_notices(gate: AtGate) -> None:
    """Mark the unit's notices as read."""
    with gate.person() as caller:
        store.read_notices(caller.conn, caller.person.unit, caller.now)


# ------------------------------------------------------------------ orders
@router.post("/orders/{order_id}/sign", response_model=OrderDetail, responses=ACT)
def sign_order(gate: AtGate, request: Request, order_id: Id) -> OrderDetail:
    """Sign for an order (签收)."""
    return act_on(gate, request, order_id, Verb.SIGN)


@router.post("/orders/{order_id}/return", response_model=OrderDetail, responses=ACT)
def return_order(gate: AtGate, request: Request, order_id: Id, body: ReturnBody) -> OrderDetail:
    """Hand an order back (退回) within its time, with one of three reasons, the row of the responsibility
    list that it leans on, and evidence. The second return of a matter opens a dispute."""
    said = Said(body.reason, body.reason_code or "", body.duty, files_of(body.attachments))
    return act_on(gate, request, order_id, Verb.RETURN, said)


@router.post("/orders/{order_id}/handle", response_model=OrderDetail, responses=ACT)
def handle_order(gate: AtGate, request: Request, order_id: Id, body: HandleBody) -> OrderDetail:
    """Report back what was done (反馈); what is handled on the spot needs photos or a document's number."""
    said = Said(body.reply, attachments=files_of(body.attachments), document=body.document.strip())
    return act_on(gate, request, order_id, Verb.HANDLE, said)


@router.post("/orders/{order_id}/verify", response_model=OrderDetail, responses=ACT)
def verify_order(gate: AtGate, request: Request, order_id: Id, body: VerifyBody) -> OrderDetail:
    """Confirm that it was done, or send it back to be done (核查); never by the unit that handled it."""
    said = Said(body.reason, untrue=body.untrue and not body.ok)
    return act_on(gate, request, order_id, Verb.ACCEPT if body.ok else Verb.REJECT, said)


@router.post("/orders/{order_id}/close", response_model=OrderDetail, responses=ACT)
def close_order(
    gate: AtGate, request: Request, order_id: Id, body: CloseBody | None = None
) -> OrderDetail:
    """Close a verified order (结案); statutory replies stay open unless `reply_all` is chosen."""
    said = Said(reply_all=bool(body and body.reply_all))
    return act_on(gate, request, order_id, Verb.CLOSE, said)


@router.post("/orders/{order_id}/urge", response_model=OrderDetail, responses=ACT)
def urge_order(gate: AtGate, request: Request, order_id: Id, body: ReasonBody) -> OrderDetail:
    """Urge the unit (催办)."""
    return act_on(gate, request, order_id, Verb.URGE, Said(body.reason))


@router.post("/orders/{order_id}/withdraw", response_model=OrderDetail, responses=ACT)
def withdraw_order(gate: AtGate, request: Request, order_id: Id, body: ReasonBody) -> OrderDetail:
    """Withdraw an order (撤回), with the reason."""
    return act_on(gate, request, order_id, Verb.WITHDRAW, Said(body.reason))
