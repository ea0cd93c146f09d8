"""The exchange with the platform above: receive, attach, answer, ask, compare. Each step may be repeated."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from chengshu.agencies.model import Role
from chengshu.dispatch import store as order_store
from chengshu.dispatch.assign import Actor, Office
from chengshu.dispatch.kinds import store as kind_store
from chengshu.dispatch.kinds.model import OrderKind
from chengshu.dispatch.kinds_act import Wish, cap, passed_down
from chengshu.dispatch.model import Step
from chengshu.dispatch.upward import store
from chengshu.dispatch.upward.model import (
    Difference,
    PassedDown,
    Reconciliation,
    UpKind,
    UpperState,
    compare,
)
from chengshu.dispatch.upward.port import Upper, UpperAwayError, UpperRefusedError
from chengshu.incidents import store as incident_store
from chengshu.incidents.model import ENDED
from chengshu.intake.model import Channel, Nature, Report, clean
from chengshu.intake.submit import submit
from chengshu.kit import outbox
from chengshu.kit.db import Connection, Database
from chengshu.kit.errors import Conflict, Forbidden, Invalid, NotFound
from chengshu.kit.ids import new_id
from chengshu.kit.sealing import Keyring
from chengshu.kit.times import SHANGHAI
from chengshu.places import Locator

SOURCE = "upper"
PARTY = "upper"
_DESK = frozenset({Role.DISPATCHER, Role.SUPERVISOR, Role.LEADER})
_LEAST_WORDS = 4
_RETRY = (timedelta(seconds=10), timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30))
_MOST_TEXT = 10_000


def receive(
    conn: Connection, keyring: Keyring, one: PassedDown, locator: Locator, now: datetime
) -> bool:
    """Take an order from above in, once; an order that comes again gets its receipt again.

    Returns:
        Whether it was new.
    """
    if store.known(conn, one.number):
        store.again(conn, one.number, now)
        return False
    text = f"{one.title}。{one.text}"
    report = Report(
        id=new_id(), channel=Channel.OTHER, source=SOURCE, channel_id=one.number, received_at=now,
        said_at=min(one.sent_at, now), title=clean(one.title)[:200], text=clean(text)[:_MOST_TEXT], nature=Nature.HELP,
        place=clean(one.place)[:300], area=locator.locate(place=one.place, text=text).code, anonymous=True,
    )  # fmt: skip
    receipt = submit(conn, keyring, report)
    if store.add_order(conn, one, receipt.id, now):
        store.add_message(conn, one.number, UpKind.RECEIPT, {"report": str(receipt.id)}, now)
    return True


def attach_decided(conn: Connection, office: Office, now: datetime, limit: int = 100) -> list[int]:
    """Make orders from above of the incidents that their reports became; returns these."""
    done = []
    for number, incident_id, due in store.decided(conn, limit):
        incident = incident_store.locked(conn, incident_id)
        if incident is None:
            continue
        at = kind_store.kind_of(conn, incident_id)
        if at is not None and at[0] in (OrderKind.ORDINARY, OrderKind.URGENT):
            wish = Wish(OrderKind.PASSED_DOWN, due_at=due, upper_number=number)
            passed_down(conn, incident, wish, office, now)
        else:  # a higher kind keeps its number, but not a later clock
            cap(conn, incident_id, due, now)
        store.set_incident(conn, number, incident_id)
        outbox.changed(conn, "incident", incident_id, incident.area)
        done.append(incident_id)
    return done


def answer_ended(conn: Connection, now: datetime, limit: int = 100) -> int:
    """Write the replies of orders from above whose incident has ended, with the units' files."""
    found = store.to_answer(conn, limit)
    for number, incident, stage, words in found:
        files = [
            {
                "name": name,
                "kind": kind,
                "sha256": digest.hex(),
                "content": base64.b64encode(content).decode(),
            }
            for name, kind, digest, content in store.proofs(conn, incident)
        ]
        store.add_message(
            conn, number, UpKind.REPLY, {"words": words, "stage": stage, "attachments": files}, now
        )
        store.set_state(conn, number, UpperState.TAKEN, UpperState.ANSWERED)
    return len(found)


def exchange(database: Database, keyring: Keyring, upper: Upper, office: Office, locator: Locator,
             now: datetime) -> int:  # fmt: skip
    """One round: take in what came, attach, answer, send what waits. Returns how much was done.

    Raises:
        UpperAwayError: The platform above cannot be asked; what waits to go up waits.
    """
    with database.transaction() as conn:
        done = len(attach_decided(conn, office, now)) + answer_ended(conn, now)
    for one in upper.fetch():
        with database.transaction() as conn:
            done += receive(conn, keyring, one, locator, now)
    while send_next(database, upper, now):
        done += 1
    return done


def send_next(database: Database, upper: Upper, now: datetime) -> bool:
    """Send one message that waits; False when none does."""
    with database.transaction() as conn:
        message = store.claim(conn, now)
        if message is None:
            return False
        try:
            store.acknowledged(conn, message.id, upper.send(message), now)
        except UpperAwayError as away:
            wait = _RETRY[min(message.attempts, len(_RETRY) - 1)]
            store.failed(conn, message.id, str(away), now + wait)
        except UpperRefusedError as refused:
            store.failed(conn, message.id, str(refused), None)
    return True


def ask(conn: Connection, incident_id: int, kind: UpKind, words: str, until: datetime | None, by: Actor, role: Role,
        now: datetime) -> None:  # fmt: skip
    """Hand an order back up, or ask for more time.

    Raises:
        NotFound: No such incident within the scope, or it did not come from above.
        Forbidden: This person may not.
        Conflict: It was handed back or answered already, or has ended.
        Invalid: The reason or the new limit is missing.
    """
    incident = incident_store.locked(conn, incident_id)
    found = store.order_of(conn, incident_id) if incident else None
    if incident is None or found is None:
        raise NotFound("上级转办件", incident_id)
    if role not in _DESK:
        raise Forbidden("您的角色不能答复上级", "your role may not answer the platform above")
    number, state, due = found
    if state is not UpperState.TAKEN or incident.stage in ENDED:
        raise Conflict("已退回或已回复上级", "it was handed back or answered already")
    if len(words.strip()) < _LEAST_WORDS:
        raise Invalid("words", "请写明理由（至少 4 个字）", "say why in at least 4 characters")
    if kind is UpKind.EXTENSION and (until is None or until <= due):
        raise Invalid(
            "until", "延期须晚于上级要求的期限", "the new limit must be later than the old one"
        )
    body = {"words": words.strip()} | ({"until": until.isoformat()} if until else {})
    store.add_message(conn, number, kind, body, now)
    if kind is UpKind.RETURN:
        store.set_state(conn, number, UpperState.TAKEN, UpperState.RETURNED)
    said = "退回上级" if kind is UpKind.RETURN else "向上级申请延期"
    order_store.add_steps(conn, [Step(incident_id, None, now, by.account, by.name, by.unit, f"upper_{kind}",
                                      incident.stage, incident.stage, f"{said}：{words.strip()}", (), by.address)])  # fmt: skip


def day_begins(day: date) -> datetime:
    """When a day of the city's calendar begins."""
    return datetime.combine(day, time(), SHANGHAI)


def reconcile(database: Database, upper: Upper, day: date, now: datetime) -> Sequence[Difference]:
    """Compare a day with the platform above and keep where the two disagree.

    Raises:
        UpperAwayError: It cannot be asked.
    """
    theirs = upper.day(day)
    with database.transaction() as conn:
        ours = store.of_day(conn, day_begins(day))
        found = compare(ours, theirs)
        store.save_reconciliation(
            conn, Reconciliation(PARTY, day, len(ours), len(theirs), found, now)
        )
    return found
