"""New versions of the list: from a folder, from a file, from the workbench; each is checked whole."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from chengshu.agencies import store as agency_store
from chengshu.agencies.duties import store
from chengshu.agencies.duties.files import must_hold, read_rows
from chengshu.agencies.duties.model import Duty, DutyVersion, Fault, Ground, Placed
from chengshu.agencies.model import Account, Kind, Role, Tier, Unit
from chengshu.kit.db import Connection
from chengshu.kit.errors import Conflict, Forbidden, Invalid, NotFound

FOLDER = "folder"
WORKBENCH = "workbench"
FORM = "form"  # the «file» of rows that were sent from the workbench
_LOCAL = timezone(timedelta(hours=8))
DRAFTERS = (Role.DISPATCHER, Role.SUPERVISOR)
ACTIVATORS = (Role.SUPERVISOR, Role.LEADER)


@dataclass(frozen=True, slots=True)
class Change:
    """All rows of one matter anew; no rows take the matter out of the list, which the check refuses."""

    matter: str
    rows: Sequence[Mapping[str, Any]]


def take(conn: Connection, rows: Iterable[Placed], ground: Ground, *, unreadable: Iterable[Fault] = (),
         source: str, note: str, now: datetime) -> DutyVersion:  # fmt: skip
    """Make a list the active version, as the command line does.

    Raises:
        BadList: It breaks a rule; nothing was written.
    """
    duties = must_hold(rows, ground, now.astimezone(_LOCAL).date(), unreadable)
    return _activate_at_once(conn, duties, source, note, now)


def take_folder(conn: Connection, rows: Sequence[Placed], ground: Ground, *, unreadable: Iterable[Fault] = (),
                now: datetime) -> tuple[DutyVersion | None, bool]:  # fmt: skip
    """Bring the folder's list in at founding, and again when its files changed.

    Returns:
        The version in force and whether it is new. A list that was edited or imported since stays.

    Raises:
        BadList: The folder's list breaks a rule; nothing was written.
    """
    running = store.active(conn)
    if not rows and not tuple(unreadable):
        return running, False
    duties = must_hold(rows, ground, now.astimezone(_LOCAL).date(), unreadable)
    if running is not None and (
        running.source != FOLDER or store.rows_of(conn, running.version) == duties
    ):
        return running, False
    return _activate_at_once(conn, duties, FOLDER, "", now), True


def _activate_at_once(conn: Connection, duties: Sequence[Duty], source: str, note: str,
                      now: datetime) -> DutyVersion:  # fmt: skip
    number, running = store.next_number(conn), store.active(conn)
    made = DutyVersion(
        number, now, "", source, "draft", note, running.version if running else None, None, "", ""
    )
    store.add_version(conn, made, None, duties)
    store.activate(conn, number, now, "", note)
    agency_store.record(
        conn, now, "duties_activated", subject=str(number), detail={"source": source}
    )
    found = store.active(conn)
    assert found is not None
    return found


def draft(conn: Connection, changes: Sequence[Change], ground: Ground, *, by: Account, unit: Unit, note: str,
          now: datetime) -> DutyVersion:  # fmt: skip
    """Write a draft: the active list with the rows of some matters replaced.

    Raises:
        Forbidden: Another role, or not of the city's centre.
        Invalid: There is no change.
        Conflict: No list is active.
        BadList: The list would break a rule; rows of the form are numbered as they were sent.
    """
    _needs(by, unit, DRAFTERS)
    if not changes:
        raise Invalid("changes", "没有要修改的内容", "there is nothing to change")
    running = store.active(conn)
    if running is None:
        raise Conflict("还没有启用的职责清单", "no responsibility list is active yet")
    changed = {change.matter for change in changes}
    before = store.rows_of(conn, running.version)
    kept = [Placed(d, f"v{running.version}", n) for n, d in enumerate(before, 1)
            if d.matter not in changed]  # fmt: skip
    sent = [{**row, "matter": change.matter} for change in changes for row in change.rows]
    fresh, faults = read_rows(FORM, enumerate(sent, 1))
    duties = must_hold([*kept, *fresh], ground, now.astimezone(_LOCAL).date(), faults)
    duties = _in_place(before, duties[len(kept) :])
    made = DutyVersion(
        store.next_number(conn),
        now,
        by.login,
        WORKBENCH,
        "draft",
        note,
        running.version,
        None,
        "",
        "",
    )
    store.add_version(conn, made, by.id, duties)
    agency_store.record(conn, now, "duties_drafted", account=by.id, role=by.role, subject=str(made.version),
                        detail={"matters": sorted(changed), "note": note})  # fmt: skip
    return made


def _in_place(before: Sequence[Duty], fresh: Sequence[Duty]) -> tuple[Duty, ...]:
    """The list with the rows of some matters replaced where the first of them stood."""
    new: dict[str, list[Duty]] = {}
    for duty in fresh:
        new.setdefault(duty.matter, []).append(duty)
    changed, made = set(new), list[Duty]()
    for duty in before:
        made += new.pop(duty.matter, []) if duty.matter in changed else [duty]
    return (*made, *(duty for some in new.values() for duty in some))


def activate(conn: Connection, number: int, ground: Ground, *, by: Account, unit: Unit, reason: str,
             now: datetime) -> DutyVersion:  # fmt: skip
    """Put a draft in force: a second person's act, with a reason.

    Raises:
        Forbidden: Another role, not of the city's centre, or the one who wrote the draft.
        NotFound: There is no such version.
        Conflict: It is no draft any more, or was drawn up on a list that is no longer active.
        BadList: What has changed since makes it break a rule.
    """
    _needs(by, unit, ACTIVATORS)
    store.next_number(conn)  # one at a time
    found = store.version(conn, number, lock=True)
    if found is None:
        raise NotFound("职责清单版本", number)
    made, maker = found
    if maker == by.id:
        raise Forbidden(
            "起草人不能自己启用，请另一人复核", "who wrote a draft may not put it in force herself"
        )
    running = store.active(conn)
    if made.state != "draft" or (running is not None and made.based_on != running.version):
        raise Conflict("这个版本已不是草稿，或其依据的版本已被替换",
                       "this is no draft any more, or the list it was drawn up on was replaced")  # fmt: skip
    rows = [Placed(d, f"v{number}", n) for n, d in enumerate(store.rows_of(conn, number), 1)]
    must_hold(rows, ground, now.astimezone(_LOCAL).date())
    store.activate(conn, number, now, by.login, reason)
    agency_store.record(conn, now, "duties_activated", account=by.id, role=by.role, subject=str(number),
                        detail={"reason": reason})  # fmt: skip
    active = store.active(conn)
    assert active is not None
    return active


def _needs(by: Account, unit: Unit, roles: tuple[Role, ...]) -> None:
    if by.role not in roles or unit.kind is not Kind.CENTRE or unit.tier is not Tier.CITY:
        raise Forbidden(
            "只有市指挥中心的人员可以修改职责清单",
            "only the city's centre may change the responsibility list",
        )
