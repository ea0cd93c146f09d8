"""The gate: from an HTTP request to a transaction that sees what its caller may see."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request

from chengshu.agencies import store
from chengshu.agencies.accounts import key_hash
from chengshu.agencies.known_keys import KnownKeys
from chengshu.agencies.model import Account, Role, Unit
from chengshu.agencies.scope import GATE, Scope, of_account, of_bureau, of_channel, of_citizen
from chengshu.agencies.sessions import Session, check_csrf, recognise
from chengshu.kit.db import Connection, Database, set_scope
from chengshu.kit.errors import Forbidden, Unauthenticated
from chengshu.kit.sealing import Keyring

COOKIE = "chengshu_session"
_READS = frozenset({"GET", "HEAD"})


@dataclass(frozen=True, slots=True)
class Caller:
    """One request: its transaction, who asks, and when."""

    conn: Connection
    scope: Scope
    now: datetime
    address: str
    keyring: Keyring
    account: Account | None = None
    unit: Unit | None = None
    channels: tuple[str, ...] = ()
    csrf: str = ""

    @property
    def person(self) -> Account:
        """The account; a page behind a login always has one."""
        if self.account is None:
            raise Unauthenticated
        return self.account

    def needs(self, *roles: Role) -> None:
        """Refuse everybody else."""
        if self.person.role not in roles:
            raise Forbidden("您的角色不能做这件事", "your role may not do this")


@dataclass(frozen=True, slots=True)
class Gate:
    """Opens the transaction of one request. `app` makes one per request."""

    database: Database
    keyring: Keyring
    clock: Callable[[], datetime]
    token: str | None
    csrf: str | None
    key: str | None
    address: str
    reads_only: bool
    keys: KnownKeys

    @contextmanager
    def person(self, *roles: Role) -> Iterator[Caller]:
        """A logged-in person's transaction; with `roles`, only theirs.

        Raises:
            Unauthenticated: No live session.
            Forbidden: A change without CSRF token, or another role.
        """
        if not self.token:
            raise Unauthenticated
        now = self.clock()
        with self.database.transaction(GATE.settings()) as conn:
            session: Session = recognise(conn, self.token, now)
            if not self.reads_only:
                check_csrf(session, self.csrf)
            scope = of_account(session.account, session.unit)
            set_scope(conn, scope.settings())
            caller = Caller(conn, scope, now, self.address, self.keyring, session.account, session.unit,
                            csrf=session.csrf)  # fmt: skip
            if roles:
                caller.needs(*roles)
            yield caller

    @contextmanager
    def channel(self, name: str) -> Iterator[Caller]:
        """An outside system's transaction, by its key, for one channel.

        Raises:
            Unauthenticated: No such key.
            Forbidden: The key is for other channels.
        """
        if not self.key:
            raise Unauthenticated("缺少 X-API-Key", "the header X-API-Key is missing")
        credential, channels = self._known(key_hash(self.key))
        if name not in channels:
            raise Forbidden(
                f"这个密钥不能用于渠道 {name}", f"this key is not for the channel {name}"
            )
        scope = of_channel(credential)
        with self.database.transaction(scope.settings()) as conn:
            yield Caller(conn, scope, self.clock(), self.address, self.keyring, channels=channels)

    @contextmanager
    def bureau(self) -> Iterator[tuple[Caller, str]]:
        """A bureau's own system's transaction, by its key, with the system's name.

        Raises:
            Unauthenticated: No such key.
            Forbidden: The key belongs to no unit.
        """
        if not self.key:
            raise Unauthenticated("缺少 X-API-Key", "the header X-API-Key is missing")
        with self.database.transaction(GATE.settings()) as conn:
            found = store.credential(conn, key_hash(self.key))
            if found is None:
                raise Unauthenticated("密钥无效或已停用", "the key is unknown or switched off")
            unit = store.unit_of_credential(conn, found[0])
            if unit is None:
                raise Forbidden(
                    "这个密钥不属于任何单位，不能收发工单",
                    "this key is no unit's: it has no orders",
                )
            scope = of_bureau(found[0], unit.unit)
            set_scope(conn, scope.settings())
            yield (
                Caller(conn, scope, self.clock(), self.address, self.keyring, unit=unit),
                found[1],
            )

    def _known(self, hashed: bytes) -> tuple[int, tuple[str, ...]]:
        known = self.keys.recall(hashed)
        if known is not None:
            return known
        with self.database.transaction(GATE.settings()) as conn:
            found = store.credential(conn, hashed)
        if found is None:
            raise Unauthenticated("密钥无效或已停用", "the key is unknown or switched off")
        known = (found[0], tuple(found[2]))
        self.keys.remember(hashed, *known)
        return known

    @contextmanager
    def citizen(self, code_hash: str = "") -> Iterator[Caller]:
        """Anybody's transaction: may file a report, may follow the one whose code she has."""
        scope = of_citizen(code_hash)
        with self.database.transaction(scope.settings()) as conn:
            yield Caller(conn, scope, self.clock(), self.address, self.keyring)

    @contextmanager
    def anyone(self) -> Iterator[Caller]:
        """A transaction for logging in and out."""
        with self.database.transaction(GATE.settings()) as conn:
            yield Caller(conn, GATE, self.clock(), self.address, self.keyring)


async def gate_of(request: Request) -> Gate:
    """The dependency: reads headers, touches no database."""
    return Gate(
        database=request.app.state.database,
        keyring=request.app.state.keyring,
        clock=request.app.state.clock,
        token=request.cookies.get(COOKIE),
        csrf=request.headers.get("x-csrf-token"),
        key=request.headers.get("x-api-key"),
        address=request.client.host if request.client else "",
        reads_only=request.method in _READS,
        keys=request.app.state.known_keys,
    )


AtGate = Annotated[Gate, Depends(gate_of)]
