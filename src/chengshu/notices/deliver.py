"""Send what is due: claim it, send it outside any transaction, write down what came of it.

The address is opened when a delivery is claimed and lives only as long as the attempt. A worker that dies
after sending and before writing that down leaves the claim to run out; the message is then sent again
under the same key.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from chengshu.kit.db import Connection
from chengshu.kit.sealing import CannotUnseal, Keyring
from chengshu.notices import store
from chengshu.notices.hooks import store as hook_store
from chengshu.notices.model import DANGER, Delivery, Message, Way
from chengshu.notices.roster import store as roster_store
from chengshu.notices.rules import NoticeRules
from chengshu.notices.sender import Sender, Undelivered
from chengshu.notices.timing import Rate, again_at, free_at

LEASE = timedelta(minutes=2)
_NO_ADDRESS = "没有地址：已清除、已停用或未登记"


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A claimed delivery and what is sent for it."""

    delivery: Delivery
    message: Message


def claim(conn: Connection, rules: NoticeRules, open_: Sequence[Way], keyring: Keyring, now: datetime,
          limit: int) -> list[Outgoing]:  # fmt: skip
    """Take what is due, open its addresses, put off what an address has had enough of.

    What has no address is dead at once.
    """
    store.stop_heard(conn, now)
    taken = store.claim(conn, now, now + LEASE, [str(c) for c in open_], limit)
    taken = _within_rates(conn, taken, rules.rates, now)
    found = _addresses(conn, taken, keyring)
    outgoing = []
    for d in taken:
        address, secret = found.get(d.id, ("", ""))
        if not address:
            store.failed(conn, d, _NO_ADDRESS, None)
            continue
        facts: dict[str, str | int] = {"event": d.event, "level": d.level, "unit": d.unit or ""}
        message = Message(d.key, address, d.subject, d.text, d.created_at, secret, facts)
        outgoing.append(Outgoing(d, message))
    return outgoing


def _within_rates(conn: Connection, taken: Sequence[Delivery], rates: Mapping[Way, Rate], now: datetime
                  ) -> list[Delivery]:  # fmt: skip
    """Those that may be sent now; the others wait until their address may be written to again."""
    limited = {
        (str(d.channel), d.recipient) for d in taken if d.channel in rates and d.level < DANGER
    }
    if not limited:
        return list(taken)
    longest = max(rates[Way(c)].within for c, _ in limited)
    before = store.sent_since(conn, sorted(limited), now - longest)
    counted = {key: list(before.get(key, ())) for key in limited}
    may = []
    for d in taken:
        key = (str(d.channel), d.recipient)
        if key not in counted or d.level >= DANGER:
            may.append(d)
            continue
        free = free_at(now, counted[key], rates.get(d.channel))
        if free > now:
            store.put_off(conn, d, free, "收件人限频，稍后再发")
            continue
        counted[key].append(now)
        may.append(d)
    return may


def _addresses(
    conn: Connection, taken: Sequence[Delivery], keyring: Keyring
) -> dict[int, tuple[str, str]]:
    """Address and secret of each, by delivery; those without one are missing."""
    people = roster_store.sealed_phones(conn, [d.person for d in taken if d.person is not None])
    reporters = store.sealed_reporters(conn, [d.report for d in taken if d.report is not None])
    hooks = hook_store.sealed(conn, [d.hook for d in taken if d.hook is not None])
    contacts = roster_store.contacts(conn, [d.unit for d in taken if d.unit is not None])
    found: dict[int, tuple[str, str]] = {}
    for d in taken:
        try:
            if d.person is not None and d.person in people:
                version, sealed, token = people[d.person]
                found[d.id] = keyring.unseal(version, sealed, token.encode()).decode(), ""
            elif d.report is not None and d.report in reporters:
                opened = json.loads(keyring.unseal(*reporters[d.report], str(d.report).encode()))
                found[d.id] = str(opened.get("phone", "")), ""
            elif d.hook is not None and d.hook in hooks:
                url, version, sealed, token = hooks[d.hook]
                found[d.id] = url, keyring.unseal(version, sealed, token.encode()).decode()
            elif d.person is None and d.report is None and d.hook is None and d.unit in contacts:
                contact = contacts[d.unit]
                found[d.id] = contact.email if d.channel is Way.EMAIL else contact.phone, ""
        except CannotUnseal:
            continue  # shown as a dead letter; a person puts the key back and sends it again
    return found


def attempt(outgoing: Outgoing, senders: Mapping[Way, Sender]) -> Undelivered | None:
    """Send one, outside any transaction; None when it arrived."""
    try:
        senders[outgoing.delivery.channel].send(outgoing.message)
    except Undelivered as failure:
        return failure
    return None


def record(
    conn: Connection, d: Delivery, failure: Undelivered | None, rules: NoticeRules, now: datetime
) -> None:
    """Write down what came of an attempt: sent, to be tried again, or dead."""
    if failure is None:
        store.sent(conn, d, now)
        return
    next_at = None if failure.final else again_at(now, d.key, d.attempts, rules.retry)
    store.failed(conn, d, str(failure), next_at)
