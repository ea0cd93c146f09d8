"""HTTP of orders and of what units were told."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request

from chengshu.agencies.gate import AtGate
from chengshu.agencies.model import Role
from chengshu.dispatch import handle, lists, read, store
from chengshu.dispatch.bodies import (
    ACT,
    READ,
    ActBody,
    CloseBody,
    Id,
    NoticeView,
    OrderDetail,
    OrderList,
    ReasonBody,
    ReturnBody,
)
from chengshu.dispatch.request import actor, detail_of, names_of, office_of
from chengshu.dispatch.workflow import Verb
from chengshu.kit import outbox
from chengshu.kit.errors import NotFound
from chengshu.kit.problem import problems

router = APIRouter(prefix="/api/v1")


@router.get("/orders", response_model=OrderList, responses=READ)
def list_orders(
    gate: AtGate,
    request: Request,
    box: Literal["inbox", "verify", "verified", "overdue", "done", "all"] = "inbox",
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
def _act(gate: AtGate, request: Request, order_id: int, verb: Verb, words: str, code: str = "",
         attachments: list[str] | None = None, *, duty: str = "", reply_all: bool = False) -> OrderDetail:  # fmt: skip
    with gate.person() as caller:
        assert caller.unit is not None
        done = handle.act(caller.conn, order_id, verb, office_of(request), actor(caller), caller.person.role, caller.unit,
                          caller.now, words=words, code=code, matter=duty, attachments=[int(a) for a in attachments or ()],
                          reply_all=reply_all)  # fmt: skip
        outbox.changed(caller.conn, "incident", done.order.incident, done.incident_area)
        for changed in (order_id, *done.opened):
            outbox.changed(caller.conn, "order", changed, done.incident_area)
        order = store.order(caller.conn, order_id)
        assert order is not None
        (view,) = read.order_views(
            caller.conn, [order], names_of(request), caller.person.role, caller.unit, caller.now
        )
        return OrderDetail(
            **view.model_dump(), incident_detail=detail_of(caller, order.incident, request)
        )


@router.post("/orders/{order_id}/sign", response_model=OrderDetail, responses=ACT)
def sign_order(gate: AtGate, request: Request, order_id: Id) -> OrderDetail:
    """Sign for an order (签收)."""
    return _act(gate, request, order_id, Verb.SIGN, "")


@router.post("/orders/{order_id}/return", response_model=OrderDetail, responses=ACT)
def return_order(gate: AtGate, request: Request, order_id: Id, body: ReturnBody) -> OrderDetail:
    """Hand an order back (退回) within its time, with one of three reasons, the row of the responsibility
    list that it leans on, and evidence. The second return of a matter opens a dispute."""
    return _act(gate, request, order_id, Verb.RETURN, body.reason, body.reason_code or "", body.attachments,
                duty=body.duty)  # fmt: skip


@router.post("/orders/{order_id}/handle", response_model=OrderDetail, responses=ACT)
def handle_order(gate: AtGate, request: Request, order_id: Id, body: ActBody) -> OrderDetail:
    """Report back what was done (反馈), with photos."""
    return _act(gate, request, order_id, Verb.HANDLE, body.reply, attachments=body.attachments)


@router.post("/orders/{order_id}/verify", response_model=OrderDetail, responses=ACT)
def verify_order(gate: AtGate, request: Request, order_id: Id, body: ActBody) -> OrderDetail:
    """Confirm that it was done, or send it back to be done (核查)."""
    return _act(gate, request, order_id, Verb.ACCEPT if body.ok else Verb.REJECT, body.reason)


@router.post("/orders/{order_id}/close", response_model=OrderDetail, responses=ACT)
def close_order(
    gate: AtGate, request: Request, order_id: Id, body: CloseBody | None = None
) -> OrderDetail:
    """Close a verified order (结案); statutory replies stay open unless `reply_all` is chosen."""
    return _act(gate, request, order_id, Verb.CLOSE, "", reply_all=bool(body and body.reply_all))


@router.post("/orders/{order_id}/urge", response_model=OrderDetail, responses=ACT)
def urge_order(gate: AtGate, request: Request, order_id: Id, body: ReasonBody) -> OrderDetail:
    """Urge the unit (催办)."""
    return _act(gate, request, order_id, Verb.URGE, body.reason)


@router.post("/orders/{order_id}/withdraw", response_model=OrderDetail, responses=ACT)
def withdraw_order(gate: AtGate, request: Request, order_id: Id, body: ReasonBody) -> OrderDetail:
    """Withdraw an order (撤回), with the reason."""
    return _act(gate, request, order_id, Verb.WITHDRAW, body.reason)
