"""HTTP of deliveries and alarms."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel

from chengshu.agencies.gate import AtGate, Caller
from chengshu.kit.problem import problems
from chengshu.notices import store
from chengshu.notices.acknowledge import HEARERS, READERS, RESENDERS, acknowledge, send_again
from chengshu.notices.model import Alarm, Delivery, DeliveryState, Way

router = APIRouter(prefix="/api/v1")

_READ = problems(401, 403, 404, 422)
_ACT = problems(400, 401, 403, 404, 409, 422)
_Id = Annotated[int, Path(ge=0, lt=2**63)]
_OPEN = (DeliveryState.WAITING, DeliveryState.SENDING)


class DeliveryView(BaseModel):
    """One message to one recipient, who is masked."""

    id: str
    incident: str
    incident_number: str
    event: str
    level: int
    channel: Way
    unit_name: str | None
    recipient: str
    text: str
    state: DeliveryState
    attempts: int
    next_at: datetime | None
    last_error: str
    created_at: datetime
    sent_at: datetime | None


class TallyView(BaseModel):
    """How many deliveries of one way are in one state."""

    channel: Way
    state: DeliveryState
    count: int


class DeliveryList(BaseModel):
    """Deliveries within the scope, newest first; `open` are the ways that the settings open."""

    items: list[DeliveryView]
    tally: list[TallyView]
    open: list[Way]
    may_resend: bool
    as_of: datetime


class UrgentNoticeView(BaseModel):
    """An urgent notice that nobody has acknowledged; `rung` is how often it was sent."""

    notice: str
    incident: str
    incident_number: str
    title: str
    unit: str
    unit_name: str | None
    level: int
    text: str
    begun_at: datetime
    rung: int
    next_at: datetime | None


class UrgentNoticeList(BaseModel):
    """Alarms of the caller's unit and those under it, the worst first."""

    items: list[UrgentNoticeView]
    may_acknowledge: bool
    as_of: datetime


def _unit_name(request: Request, unit: str | None) -> str | None:
    found = request.app.state.world.office.directory.units.get(unit or "")
    return found.name if found else unit


def _delivery(request: Request, d: Delivery, number: str) -> DeliveryView:
    return DeliveryView(
        id=str(d.id), incident=str(d.incident), incident_number=number, event=d.event, level=d.level, channel=d.channel,
        unit_name=_unit_name(request, d.unit), recipient=d.recipient, text=d.text, state=d.state, attempts=d.attempts,
        next_at=d.next_at, last_error=d.last_error, created_at=d.created_at, sent_at=d.sent_at,
    )  # fmt: skip


def _log(
    caller: Caller,
    request: Request,
    states: tuple[DeliveryState, ...],
    incident: int | None,
    limit: int,
) -> DeliveryList:
    found = store.log(caller.conn, [str(s) for s in states], incident, limit)
    return DeliveryList(
        items=[_delivery(request, d, number) for d, number in found],
        tally=[TallyView(channel=Way(c), state=DeliveryState(s), count=n)
               for (c, s), n in sorted(store.tally(caller.conn).items())],
        open=sorted(request.app.state.channels),
        may_resend=caller.person.role in RESENDERS,
        as_of=caller.now,
    )  # fmt: skip


@router.get("/deliveries", response_model=DeliveryList, responses=_READ)
def list_deliveries(
    gate: AtGate,
    request: Request,
    state: Literal["all", "open", "sent", "dead", "stopped"] = "all",
    incident: Annotated[int, Query(ge=0, lt=2**63)] | None = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 200,
) -> DeliveryList:
    """What left the house, what waits, and the dead letters, within the caller's scope."""
    with gate.person(*READERS) as caller:
        chosen = {"all": tuple(DeliveryState), "open": _OPEN}.get(state) or (DeliveryState(state),)
        return _log(caller, request, chosen, incident, limit)


@router.post("/deliveries/{delivery_id}/again", response_model=DeliveryList, responses=_ACT)
def resend(gate: AtGate, request: Request, delivery_id: _Id) -> DeliveryList:
    """Send a dead letter once more."""
    with gate.person() as caller:
        send_again(caller, delivery_id)
        return _log(caller, request, tuple(DeliveryState), None, 200)


def _alarm(request: Request, a: Alarm, number: str, title: str) -> UrgentNoticeView:
    return UrgentNoticeView(
        notice=str(a.notice), incident=str(a.incident), incident_number=number, title=title, unit=a.unit,
        unit_name=_unit_name(request, a.unit), level=a.level, text=a.text, begun_at=a.begun_at, rung=a.rung, next_at=a.next_at,
    )  # fmt: skip


def _alarms(caller: Caller, request: Request) -> UrgentNoticeList:
    unit = "" if caller.unit is None else caller.unit.unit
    return UrgentNoticeList(
        items=[_alarm(request, *found) for found in store.open_alarms(caller.conn, unit)],
        may_acknowledge=caller.person.role in HEARERS,
        as_of=caller.now,
    )


@router.get("/alarms", response_model=UrgentNoticeList, responses=_READ)
def list_alarms(gate: AtGate, request: Request) -> UrgentNoticeList:
    """Urgent notices of the caller's unit and those under it that nobody has acknowledged."""
    with gate.person() as caller:
        return _alarms(caller, request)


@router.post("/alarms/{notice_id}/acknowledge", response_model=UrgentNoticeList, responses=_ACT)
def acknowledge_alarm(gate: AtGate, request: Request, notice_id: _Id) -> UrgentNoticeList:
    """It is heard: it is not repeated and climbs no further."""
    with gate.person() as caller:
        acknowledge(caller, notice_id)
        return _alarms(caller, request)
