"""Keep the roster: people, shifts, absences, the unit's telephone, and the note between two shifts."""

from __future__ import annotations

import re
import secrets
from datetime import datetime, timedelta

from chengshu.agencies import store as agency_store
from chengshu.agencies.gate import Caller
from chengshu.agencies.model import Role
from chengshu.kit.errors import Conflict, Forbidden, Invalid, NotFound
from chengshu.notices.roster import store
from chengshu.notices.roster.model import Contact, DutyNote, DutyPerson, Shift

KEEPERS = frozenset({Role.DISPATCHER, Role.SUPERVISOR, Role.LEADER, Role.HANDLER})
READERS = KEEPERS | {Role.CALL_TAKER}
_LONGEST_SHIFT = timedelta(days=8)  # a holiday week with its make-up day
_PHONE = re.compile(r"^\+?[0-9][0-9 -]{5,19}$")
_LEAST_WORDS = 4


def check_reader(caller: Caller) -> None:
    """Refuse whoever has no business with rosters."""
    if caller.person.role not in READERS:
        raise Forbidden("您的角色不能查看值班表", "your role does not see the duty roster")


def check_keeper(caller: Caller, unit: str) -> None:
    """Refuse whoever may not change this unit's roster.

    Raises:
        Forbidden: Another role.
        NotFound: Not her own unit, nor one under it.
    """
    if caller.person.role not in KEEPERS:
        raise Forbidden("您的角色不能修改值班表", "your role does not change the duty roster")
    own = caller.person.unit
    if (
        not (unit == own or unit.startswith(own + "."))
        or agency_store.unit(caller.conn, unit) is None
    ):
        raise NotFound("单位", unit)


def add_person(caller: Caller, unit: str, name: str, title: str, phone: str) -> int:
    """Somebody who can be on duty; her telephone is sealed at once."""
    check_keeper(caller, unit)
    digits = _phone(phone)
    if not name.strip():
        raise Invalid("name", "请填写姓名", "a name is needed")
    token = secrets.token_hex(16)
    sealed = caller.keyring.seal(digits.encode(), token.encode())
    made = store.add_person(
        caller.conn, unit, name.strip(), title.strip(), sealed, masked(digits), token, caller.now
    )
    _record(caller, "duty_person_added", unit, {"person": made})
    return made


def _phone(phone: str) -> str:
    if not _PHONE.match(phone.strip()):
        raise Invalid(
            "phone",
            "电话号码只能有数字、空格和短横，至少六位",
            "a telephone number has six digits or more",
        )
    return re.sub(r"[ -]", "", phone.strip())


def masked(phone: str) -> str:
    """What may be shown: 138****0000."""
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) >= 9 else "****" + phone[-2:]


def retire(caller: Caller, person: int) -> None:
    """She is no longer put on duty."""
    found = store.persons(caller.conn, [person]).get(person)
    if found is None:
        raise NotFound("值班人员", person)
    check_keeper(caller, found.unit)
    if not store.retire(caller.conn, person):
        raise Conflict("已经停用", "she was taken off already")
    _record(caller, "duty_person_retired", found.unit, {"person": person})


def phone_of(caller: Caller, person: int, purpose: str) -> tuple[DutyPerson, str]:
    """Somebody's telephone in plain text, for a purpose that is written down.

    Raises:
        Invalid: The purpose says nothing.
        NotFound: No such person within the scope.
    """
    check_reader(caller)
    if len(purpose.strip()) < _LEAST_WORDS:
        raise Invalid(
            "purpose", "请写明查看的事由（至少四个字）", "say why, in at least four letters"
        )
    found = store.persons(caller.conn, [person]).get(person)
    if found is None:
        raise NotFound("值班人员", person)
    version, sealed, token = store.sealed_phones(caller.conn, [person])[person]
    _record(caller, "reveal", f"duty:{person}", {"purpose": purpose.strip()})
    return found, caller.keyring.unseal(version, sealed, token.encode()).decode()


def add_shift(caller: Caller, wanted: Shift) -> int:
    """Put somebody on duty.

    Raises:
        Invalid: The times cannot be, or somebody is not of this unit.
        Conflict: There is one for this part at that time already.
    """
    check_keeper(caller, wanted.unit)
    if not timedelta(0) < wanted.to_at - wanted.from_at <= _LONGEST_SHIFT:
        raise Invalid(
            "to_at",
            "下班时间要晚于上班时间，且不超过八天",
            "a shift ends after it began, within eight days",
        )
    known = {p.id for p in store.people(caller.conn, [wanted.unit])}
    for name, person in (("person", wanted.person), ("deputy", wanted.deputy)):
        if person is not None and person not in known:
            raise (
                NotFound("值班人员", person)
                if name == "person"
                else Invalid(
                    "deputy",
                    "代班人不在本单位值班人员里",
                    "the deputy is none of this unit's people",
                )
            )
    if wanted.deputy == wanted.person:
        raise Invalid("deputy", "代班人要另有其人", "the deputy is another person")
    there = store.shifts(caller.conn, [wanted.unit], wanted.from_at, wanted.to_at)
    if any(
        s.part is wanted.part and s.from_at < wanted.to_at and wanted.from_at < s.to_at
        for s in there
    ):
        raise Conflict("这段时间已经有人值班", "somebody is on duty at that time already")
    made = store.add_shift(caller.conn, wanted, caller.person.id, caller.now)
    _record(caller, "duty_shift_added", wanted.unit, {"shift": made})
    return made


def change_shift(caller: Caller, shift_id: int, *, absent: bool | None, remove: bool) -> Shift:
    """Say that somebody is absent, so that the deputy stands in, or that a shift does not take place.

    Raises:
        NotFound: No such shift within the scope.
        Conflict: There is no deputy to stand in.
    """
    found = store.shift(caller.conn, shift_id)
    if found is None:
        raise NotFound("班次", shift_id)
    check_keeper(caller, found.unit)
    if remove:
        store.remove_shift(caller.conn, shift_id, caller.now)
    elif absent is not None:
        if absent and found.deputy is None:
            raise Conflict(
                "没有代班人，请先另排一班", "there is no deputy: add another shift first"
            )
        store.set_absent(caller.conn, shift_id, absent)
    _record(
        caller,
        "duty_shift_changed",
        found.unit,
        {"shift": shift_id, "absent": absent, "removed": remove},
    )
    return found


def save_contact(caller: Caller, contact: Contact) -> None:
    """A unit's duty telephone and mailbox."""
    check_keeper(caller, contact.unit)
    phone = _phone(contact.phone) if contact.phone.strip() else ""
    email = contact.email.strip()
    if email and not re.match(r"^[^@\s,<>]+@[^@\s,<>]+$", email):
        raise Invalid("email", "邮箱格式不对", "this is no mailbox")
    store.save_contact(
        caller.conn, Contact(contact.unit, phone, email), caller.person.name, caller.now
    )
    _record(caller, "duty_contact", contact.unit, {})


def give_note(caller: Caller, unit: str, text: str) -> int:
    """Hand over to the next shift in writing; what is open at that moment is counted into it.

    Raises:
        Invalid: It says nothing.
    """
    check_keeper(caller, unit)
    if len(text.strip()) < _LEAST_WORDS:
        raise Invalid("text", "请写明交接事项（至少四个字；没有也要写明「无」的情况）",
                      "say what is handed over, in at least four letters")  # fmt: skip
    items = store.open_items(caller.conn, unit)
    who = caller.person
    return store.add_note(
        caller.conn, DutyNote(0, unit, text.strip(), items, caller.now, who.name, who.id, None, "")
    )


def take_note(caller: Caller, note_id: int) -> DutyNote:
    """Take over from the shift before.

    Raises:
        NotFound: No such note within the scope.
        Conflict: Somebody took it over, or it is her own.
    """
    found = store.note(caller.conn, note_id)
    if found is None:
        raise NotFound("交接班记录", note_id)
    check_keeper(caller, found.unit)
    if found.account == caller.person.id:
        raise Conflict("交班和接班不能是同一个人", "whoever hands over does not take over")
    if not store.take_note(caller.conn, note_id, caller.person.name, caller.now):
        raise Conflict("已经有人接班", "somebody took over already")
    return found


def _record(caller: Caller, act: str, subject: str, detail: dict[str, object]) -> None:
    who = caller.person
    agency_store.record(caller.conn, caller.now, act, account=who.id, role=who.role, subject=subject, detail=detail,
                        address=caller.address)  # fmt: skip


def window(now: datetime, days: int) -> tuple[datetime, datetime]:
    """From yesterday on, so that a night shift shows, for so many days."""
    return now - timedelta(days=1), now + timedelta(days=days)
