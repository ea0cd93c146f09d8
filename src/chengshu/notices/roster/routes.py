"""HTTP of duty rosters."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from chengshu.agencies.gate import AtGate, Caller
from chengshu.kit.problem import problems
from chengshu.notices.roster import keep, store
from chengshu.notices.roster.model import Contact, DutyNote, DutyPerson, Part, Shift, on_duty

router = APIRouter(prefix="/api/v1")

_READ = problems(401, 403, 404, 422)
_ACT = problems(400, 401, 403, 404, 409, 422)
_Id = Annotated[int, Path(ge=0, lt=2**63)]
_UnitPath = Annotated[str, Field(min_length=1, max_length=120)]
_Person = Annotated[str, Field(pattern=r"^\d{1,18}$")]
_SHOWN_DAYS = 14


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class DutyPersonBody(_Body):
    """Somebody who can be on duty."""

    unit: _UnitPath
    name: Annotated[str, Field(min_length=1, max_length=40)]
    title: Annotated[str, Field(max_length=80)] = ""
    phone: Annotated[str, Field(min_length=6, max_length=20)]


class DutyPurposeBody(_Body):
    """Why a telephone is looked at."""

    purpose: Annotated[str, Field(max_length=500)]


class DutyShiftBody(_Body):
    """Who is on duty from when until when, and who stands in."""

    unit: _UnitPath
    part: Part
    person: _Person
    deputy: _Person | None = None
    from_at: AwareDatetime
    to_at: AwareDatetime


class DutyShiftChangeBody(_Body):
    """She is absent, is there again, or the shift does not take place."""

    absent: bool | None = None
    remove: bool = False


class DutyContactBody(_Body):
    """A unit's duty telephone and mailbox."""

    unit: _UnitPath
    phone: Annotated[str, Field(max_length=20)] = ""
    email: Annotated[str, Field(max_length=120)] = ""


class DutyNoteBody(_Body):
    """What is handed over to the next shift."""

    unit: _UnitPath
    text: Annotated[str, Field(max_length=5000)]


class DutyPersonView(BaseModel):
    """Somebody who can be on duty; her telephone is masked."""

    id: str
    unit: str
    name: str
    title: str
    phone: str


class DutyShiftView(BaseModel):
    """One shift."""

    id: str
    part: Part
    person: DutyPersonView
    deputy: DutyPersonView | None
    from_at: datetime
    to_at: datetime
    absent: bool
    running: bool


class DutyNoteView(BaseModel):
    """A written hand-over."""

    id: str
    text: str
    open_items: dict[str, int]
    given_at: datetime
    given_by: str
    taken_at: datetime | None
    taken_by: str
    mine: bool


class OnDutyView(BaseModel):
    """Who is on duty in one unit now."""

    unit: str
    unit_name: str
    leader: DutyPersonView | None
    officer: DutyPersonView | None
    phone: str


class RosterView(BaseModel):
    """A unit's roster: now, the next two weeks, its people and its notes."""

    unit: str
    unit_name: str
    now: OnDutyView
    above: OnDutyView | None
    shifts: list[DutyShiftView]
    people: list[DutyPersonView]
    email: str
    notes: list[DutyNoteView]
    open_items: dict[str, int]
    may_keep: bool
    as_of: datetime


class DutyPhoneView(BaseModel):
    """Somebody's telephone in plain text."""

    name: str
    phone: str


def _person(one: DutyPerson) -> DutyPersonView:
    return DutyPersonView(
        id=str(one.id), unit=one.unit, name=one.name, title=one.title, phone=one.masked
    )


def _note(one: DutyNote, account: int) -> DutyNoteView:
    return DutyNoteView(
        id=str(one.id), text=one.text, open_items=dict(one.open_items), given_at=one.given_at, given_by=one.given_by,
        taken_at=one.taken_at, taken_by=one.taken_by, mine=one.account == account,
    )  # fmt: skip


def _now(
    caller: Caller,
    request: Request,
    unit: str,
    shifts: list[Shift],
    known: Mapping[int, DutyPerson],
) -> OnDutyView:
    there = [s for s in shifts if s.unit == unit]
    contact = store.contacts(caller.conn, [unit]).get(unit, Contact(unit))
    leader, officer = (
        known.get(on_duty(there, part, caller.now) or 0) for part in (Part.LEADER, Part.OFFICER)
    )
    return OnDutyView(
        unit=unit, unit_name=_name(request, unit), phone=contact.phone,
        leader=_person(leader) if leader else None, officer=_person(officer) if officer else None,
    )  # fmt: skip


def _name(request: Request, unit: str) -> str:
    found = request.app.state.world.office.directory.units.get(unit)
    return found.name if found else unit


def _roster(caller: Caller, request: Request, unit: str) -> RosterView:
    keep.check_reader(caller)
    own = caller.person.unit
    if not (unit == own or unit.startswith(own + ".")):
        keep.check_keeper(caller, unit)  # says that there is no such unit, whether there is or not
    above = unit.rpartition(".")[0]
    since, until = keep.window(caller.now, _SHOWN_DAYS)
    shifts = store.shifts(caller.conn, [u for u in (unit, above) if u], since, until)
    ids = sorted({p for s in shifts for p in (s.person, s.deputy) if p is not None})
    known = store.persons(caller.conn, ids)
    contact = store.contacts(caller.conn, [unit]).get(unit, Contact(unit))
    return RosterView(
        unit=unit, unit_name=_name(request, unit), now=_now(caller, request, unit, shifts, known),
        above=_now(caller, request, above, shifts, known) if above else None,
        shifts=[
            DutyShiftView(id=str(s.id), part=s.part, person=_person(known[s.person]),
                      deputy=_person(known[s.deputy]) if s.deputy is not None else None, from_at=s.from_at, to_at=s.to_at,
                      absent=s.absent, running=s.from_at <= caller.now < s.to_at)
            for s in shifts if s.unit == unit
        ],
        people=[_person(p) for p in store.people(caller.conn, [unit])],
        email=contact.email,
        notes=[_note(n, caller.person.id) for n in store.notes(caller.conn, unit)],
        open_items=store.open_items(caller.conn, unit),
        may_keep=caller.person.role in keep.KEEPERS,
        as_of=caller.now,
    )  # fmt: skip


@router.get("/roster", response_model=RosterView, responses=_READ)
def get_roster(
    gate: AtGate, request: Request, unit: Annotated[str, Query(max_length=120)] = ""
) -> RosterView:
    """A unit's duty roster (值班表): the caller's own, or one under it."""
    with gate.person() as caller:
        return _roster(caller, request, unit or caller.person.unit)


@router.post("/roster/people", response_model=RosterView, responses=_ACT)
def add_duty_person(gate: AtGate, request: Request, body: DutyPersonBody) -> RosterView:
    """Somebody who can be on duty."""
    with gate.person() as caller:
        keep.add_person(caller, body.unit, body.name, body.title, body.phone)
        return _roster(caller, request, body.unit)


@router.post("/roster/people/{person_id}/retire", status_code=204, responses=_ACT)
def retire_duty_person(gate: AtGate, person_id: _Id) -> None:
    """She is no longer put on duty."""
    with gate.person() as caller:
        keep.retire(caller, person_id)


@router.post("/roster/people/{person_id}/phone", response_model=DutyPhoneView, responses=_ACT)
def reveal_duty_phone(gate: AtGate, person_id: _Id, body: DutyPurposeBody) -> DutyPhoneView:
    """Somebody's telephone, for a purpose that is written down."""
    with gate.person() as caller:
        found, phone = keep.phone_of(caller, person_id, body.purpose)
        return DutyPhoneView(name=found.name, phone=phone)


@router.post("/roster/shifts", response_model=RosterView, responses=_ACT)
def add_duty_shift(gate: AtGate, request: Request, body: DutyShiftBody) -> RosterView:
    """Put somebody on duty."""
    with gate.person() as caller:
        deputy = int(body.deputy) if body.deputy else None
        keep.add_shift(
            caller,
            Shift(
                0, body.unit, body.part, int(body.person), deputy, body.from_at, body.to_at, False
            ),
        )
        return _roster(caller, request, body.unit)


@router.post("/roster/shifts/{shift_id}", response_model=RosterView, responses=_ACT)
def change_duty_shift(
    gate: AtGate, request: Request, shift_id: _Id, body: DutyShiftChangeBody
) -> RosterView:
    """Somebody is absent and the deputy stands in, or the shift does not take place."""
    with gate.person() as caller:
        found = keep.change_shift(caller, shift_id, absent=body.absent, remove=body.remove)
        return _roster(caller, request, found.unit)


@router.post("/roster/contact", response_model=RosterView, responses=_ACT)
def save_duty_contact(gate: AtGate, request: Request, body: DutyContactBody) -> RosterView:
    """A unit's duty telephone and mailbox."""
    with gate.person() as caller:
        keep.save_contact(caller, Contact(body.unit, body.phone, body.email))
        return _roster(caller, request, body.unit)


@router.post("/roster/notes", response_model=RosterView, responses=_ACT)
def give_duty_note(gate: AtGate, request: Request, body: DutyNoteBody) -> RosterView:
    """Hand over to the next shift in writing (交班)."""
    with gate.person() as caller:
        keep.give_note(caller, body.unit, body.text)
        return _roster(caller, request, body.unit)


@router.post("/roster/notes/{note_id}/take", response_model=RosterView, responses=_ACT)
def take_duty_note(gate: AtGate, request: Request, note_id: _Id) -> RosterView:
    """Take over from the shift before (接班)."""
    with gate.person() as caller:
        found = keep.take_note(caller, note_id)
        return _roster(caller, request, found.unit)
