"""What pages are told of kinds."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, Field

from chengshu.agencies.model import Role
from chengshu.dispatch.kinds import store
from chengshu.dispatch.kinds.model import (
    KIND_NAMES,
    MARK_NAMES,
    Colleague,
    Marked,
    OrderKind,
    Special,
    Veil,
    marks,
    why_not,
)
from chengshu.dispatch.kinds.rules import KindRules
from chengshu.dispatch.views import Names
from chengshu.incidents import store as incident_store
from chengshu.incidents.model import ENDED
from chengshu.kit.db import Connection
from chengshu.kit.errors import NotFound


class PersonView(BaseModel):
    """A person that can be named or given an order."""

    account: str
    name: str
    role: str = ""
    unit: str
    unit_name: str
    unit_name_en: str


class MarkOfView(BaseModel):
    """A mark that follows from what is known, and the number it stands on."""

    mark: str
    label: str
    label_en: str
    count: int


class ChoiceView(BaseModel):
    """A kind that it could become, with the sentence why not."""

    kind: str
    label: str
    label_en: str
    why_not: str | None
    why_not_en: str | None


class SpecialView(BaseModel):
    """What an incident that is not ordinary carries."""

    number: str
    leader: str
    post: str
    words: str
    instructed_at: datetime | None
    due_at: datetime | None
    upper_number: str | None
    answer: str | None
    answered_at: datetime | None
    actor: str
    at: datetime


class KindView(BaseModel):
    """What an incident is treated as."""

    kind: str
    label: str
    label_en: str
    veil: int = Field(
        description="0 open, 1 named people and the acting unit, 2 named people alone"
    )
    special: SpecialView | None
    marks: list[MarkOfView]
    named: list[PersonView]
    choices: list[ChoiceView]


def kind_view(
    conn: Connection, incident_id: int, rules: KindRules, names: Names, role: Role
) -> KindView:
    """What one incident is treated as.

    Raises:
        NotFound: There is none, or not within the scope.
    """
    incident = incident_store.incidents(conn, [incident_id]).get(incident_id)
    at = store.kind_of(conn, incident_id)
    if incident is None or at is None:
        raise NotFound("事件", incident_id)
    kind, veil = at
    special = store.specials(conn, [incident_id]).get(incident_id)
    label, label_en = KIND_NAMES[kind]
    ended = incident.stage in ENDED
    return KindView(
        kind=kind, label=label, label_en=label_en, veil=int(veil),
        special=_special(special) if special else None,
        marks=mark_views(marks(store.facts(conn, [incident_id])[incident_id], rules.group_people)),
        named=[person_view(p, names) for p in store.named(conn, incident_id)] if veil is not Veil.OPEN else [],
        choices=[_choice(one, kind, role, ended=ended) for one in OrderKind if one is not OrderKind.ORDINARY],
    )  # fmt: skip


def person_view(person: Colleague, names: Names) -> PersonView:
    """A person as pages name her."""
    return PersonView(
        account=str(person.account), name=person.name, role=person.role, unit=person.unit,
        unit_name=names.unit(person.unit) or "", unit_name_en=names.unit_en(person.unit) or "",
    )  # fmt: skip


def mark_views(found: tuple[Marked, ...]) -> list[MarkOfView]:
    """Marks as pages show them."""
    return [
        MarkOfView(
            mark=m.mark, label=MARK_NAMES[m.mark][0], label_en=MARK_NAMES[m.mark][1], count=m.count
        )
        for m in found
    ]


def _special(one: Special) -> SpecialView:
    return SpecialView(
        number=one.number, leader=one.leader, post=one.post, words=one.words, instructed_at=one.instructed_at,
        due_at=one.due_at, upper_number=one.upper_number, answer=one.answer, answered_at=one.answered_at,
        actor=one.actor, at=one.at,
    )  # fmt: skip


def _choice(kind: OrderKind, at: OrderKind, role: Role, *, ended: bool) -> ChoiceView:
    why = why_not(kind, at, role, ended=ended)
    label, label_en = KIND_NAMES[kind]
    return ChoiceView(kind=kind, label=label, label_en=label_en, why_not=why[0] if why else None,
                      why_not_en=why[1] if why else None)  # fmt: skip
