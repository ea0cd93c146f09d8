"""One request that does something with an order: act, tell the pages, answer the order as it is now."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import Request

from chengshu.agencies.gate import Caller, Gate
from chengshu.dispatch import handle, read, store
from chengshu.dispatch.bodies import OrderDetail
from chengshu.dispatch.handle import Said
from chengshu.dispatch.inside_act import Member, guard
from chengshu.dispatch.request import actor, detail_of, names_of, office_of
from chengshu.dispatch.workflow import Verb
from chengshu.kit import outbox


def files_of(ids: Sequence[str]) -> list[int]:
    """Numbers of attachments from the texts in which they are sent."""
    return [int(i) for i in ids]


def act_on(gate: Gate, request: Request, order_id: int, verb: Verb, said: Said | None = None) -> OrderDetail:  # fmt: skip
    """Do one thing with an order in the caller's name."""
    with gate.person() as caller:
        assert caller.unit is not None
        said = said or Said()
        guard(caller.conn, order_id, verb, Member(actor(caller), caller.person.role, caller.unit), said.words,
              said.attachments, office_of(request))  # fmt: skip
        done = handle.act(caller.conn, order_id, verb, office_of(request), actor(caller), caller.person.role, caller.unit,
                          caller.now, said)  # fmt: skip
        outbox.changed(caller.conn, "incident", done.order.incident, done.incident_area)
        for changed in (order_id, *done.opened):
            outbox.changed(caller.conn, "order", changed, done.incident_area)
        return order_detail(caller, request, order_id)


def order_detail(caller: Caller, request: Request, order_id: int) -> OrderDetail:
    """An order with its incident, as the caller sees them now."""
    assert caller.unit is not None
    order = store.order(caller.conn, order_id)
    assert order is not None
    (view,) = read.order_views(
        caller.conn, [order], names_of(request), caller.person.role, caller.unit, caller.now
    )
    return OrderDetail(
        **view.model_dump(), incident_detail=detail_of(caller, order.incident, request)
    )
