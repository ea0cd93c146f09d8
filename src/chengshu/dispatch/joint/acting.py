"""What every act within a joint command begins with: the command, its incident locked, the right to act."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from chengshu.agencies.model import Role, Unit
from chengshu.dispatch.assign import Actor, Office
from chengshu.dispatch.joint import store
from chengshu.dispatch.joint.model import Command, JointEntry
from chengshu.dispatch.joint.office import JointOffice
from chengshu.dispatch.joint.rules import why_not_run
from chengshu.dispatch.workflow import Why
from chengshu.incidents import store as incident_store
from chengshu.incidents.model import Incident
from chengshu.kit.db import Connection
from chengshu.kit.errors import Conflict, Forbidden, Invalid, NotFound

LEAST_WORDS = 4


@dataclass(frozen=True, slots=True)
class Acting:
    """Who acts, with what, when; one for a request."""

    conn: Connection
    office: Office
    joint: JointOffice
    by: Actor
    role: Role
    unit: Unit
    now: datetime

    def entry(self, command: int, verb: str, words: str = "") -> None:
        """Append a line to the shared time line."""
        line = JointEntry(self.now, self.by.account, self.by.name, self.unit.unit, verb, words)
        store.add_entry(self.conn, command, line)

    def short(self, unit: str) -> str:
        """What a unit is called in a sentence."""
        found = self.office.directory.units.get(unit)
        return found.short or found.name if found else unit


def needed(field: str, text: str) -> str:
    """A text that must say something.

    Raises:
        Invalid: It is too short.
    """
    if len(text.strip()) < LEAST_WORDS:
        raise Invalid(
            field,
            f"请写清楚（至少 {LEAST_WORDS} 个字）",
            f"say it in at least {LEAST_WORDS} characters",
        )
    return text.strip()


def command_of(conn: Connection, joint: int) -> Command:
    """One command.

    Raises:
        NotFound: There is none, or not within the scope.
    """
    found = store.command(conn, joint)
    if found is None:
        raise NotFound("联动指挥", joint)
    return found


def check(
    a: Acting, joint: int, may: Callable[[Command, Role, str], Why | None] = why_not_run
) -> Command:
    """The command, if this person may act in it.

    Raises:
        NotFound: There is none.
        Forbidden: It is not for this person.
        Conflict: It has ended.
    """
    command = command_of(a.conn, joint)
    why = may(command, a.role, a.unit.unit)
    if why is not None:
        raise (Conflict if command.ended_at else Forbidden)(why.chinese, why.english)
    return command


def locked(
    a: Acting, joint: int, may: Callable[[Command, Role, str], Why | None] = why_not_run
) -> tuple[Command, Incident]:
    """The same with its incident's row locked: two people never act on half of a command each."""
    incident = incident_store.locked(a.conn, check(a, joint, may).incident)
    if incident is None:
        raise NotFound("联动指挥", joint)
    return check(a, joint, may), incident
