"""Logging in and staying so: tokens, CSRF, and a lock after failed attempts."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from chengshu.agencies import passwords, store
from chengshu.agencies.model import Account, Unit
from chengshu.kit.db import Connection
from chengshu.kit.errors import Forbidden, Unauthenticated

_FAILURES = 6
_LOCKED_FOR = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Session:
    """A login: the secret token goes into the cookie, `csrf` into a header of every change."""

    account: Account
    unit: Unit
    csrf: str
    token: str = ""


def token_hash(token: str) -> bytes:
    """What the database keeps of a token."""
    return sha256(token.encode()).digest()


def log_in(conn: Connection, login: str, password: str, now: datetime, *, lasts: timedelta,
           address: str) -> Session | None:  # fmt: skip
    """Check a password and open a new session; the token is fresh, so none can be planted.

    Returns:
        None when name or password is wrong: the failure is recorded in this transaction,
        which therefore must be committed; the caller then refuses.

    Raises:
        Forbidden: Too many failures; the account is locked for some minutes.
    """
    found = store.to_log_in(conn, login)
    if found is None:
        passwords.matches(password, None)
        return None
    account, hashed, failures, locked_until = found
    if locked_until is not None and locked_until > now:
        raise Forbidden(
            "失败次数太多，请十分钟后再试", "too many failed attempts, try again in ten minutes"
        )
    if not passwords.matches(password, hashed) or not account.active:
        lock = now + _LOCKED_FOR if failures + 1 >= _FAILURES else None
        store.mark_attempt(conn, account.id, 0 if lock else failures + 1, lock)
        store.record(conn, now, "login_failed", account=account.id, address=address)
        return None
    if failures:
        store.mark_attempt(conn, account.id, 0, None)
    token, csrf = secrets.token_urlsafe(32), secrets.token_urlsafe(24)
    store.add_session(conn, token_hash(token), account.id, csrf, now, now + lasts, address)
    store.record(conn, now, "login", account=account.id, role=account.role, address=address)
    unit = store.unit(conn, account.unit)
    assert unit is not None
    return Session(account, unit, csrf, token)


def recognise(conn: Connection, token: str, now: datetime) -> Session:
    """Whose token this is.

    Raises:
        Unauthenticated: Nobody's, or it has ended.
    """
    found = store.session(conn, token_hash(token), now)
    if found is None:
        raise Unauthenticated
    return Session(*found)


def check_csrf(session: Session, header: str | None) -> None:
    """Refuse a change that did not come from our own page."""
    if header is None or not secrets.compare_digest(header, session.csrf):
        raise Forbidden(
            "页面已过期，请刷新后再试", "the page is out of date, reload it and try again"
        )
