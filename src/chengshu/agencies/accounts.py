"""Making and changing accounts, with the powers of the three administrators kept apart."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from chengshu.agencies import passwords, store
from chengshu.agencies.model import Account, Role, Unit
from chengshu.kit.db import Connection
from chengshu.kit.errors import Conflict, Forbidden, Invalid, NotFound
from chengshu.kit.ids import new_id


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be changed of an account; None leaves it."""

    role: Role | None = None
    unit: str | None = None
    name: str | None = None
    active: bool | None = None
    password: str | None = None


def why_not(by: Role, wish: Wish) -> str | None:
    """Say why this administrator may not make this change; None means she may.

    The system administrator keeps names and units, the security administrator gives roles,
    passwords and switches accounts on and off: nobody can give a power to an account of hers
    alone. Source: separation of the three administrators, GB/T 22239-2019, 8.1.4 and 8.1.5.
    """
    rights = {
        Role.SYSTEM_ADMIN: {"unit", "name"},
        Role.SECURITY_ADMIN: {"role", "active", "password"},
    }.get(by, set())
    wanted = {
        f for f in ("role", "unit", "name", "active", "password") if getattr(wish, f) is not None
    }
    if wanted - rights:
        return "系统管理员管人员与单位，安全管理员管角色、密码与启停，两者不能互代"
    return None


def add(conn: Connection, by: Role, *, login: str, name: str, unit: str, now: datetime) -> Account:
    """Make an account: a handler of `unit`, switched off until the security administrator acts.

    Raises:
        Forbidden: Not the system administrator.
        Conflict: The login name is taken.
        Invalid: There is no such unit.
    """
    if by is not Role.SYSTEM_ADMIN:
        raise Forbidden(
            "只有系统管理员可以新建账号", "only the system administrator makes accounts"
        )
    _unit_exists(conn, unit)
    account = Account(new_id(), login, name, Role.HANDLER, unit, None, False)
    nobody_knows = passwords.hash_password(secrets.token_urlsafe(24), login)
    if not store.add_account(conn, account, nobody_knows, now):
        raise Conflict(f"登录名 {login} 已被使用", f"the login name {login} is taken")
    return account


def change(conn: Connection, by: Role, account_id: int, wish: Wish) -> None:
    """Change an account; whoever loses the account or gets a new role is logged out.

    Raises:
        Forbidden: The change is the other administrator's.
        NotFound: There is no such account.
    """
    if (reason := why_not(by, wish)) is not None:
        raise Forbidden(
            reason,
            "the system administrator keeps people and units, the security administrator roles, passwords and activity",
        )
    known = {a.id: a for a in store.accounts(conn)}
    if account_id not in known:
        raise NotFound("账号", account_id)
    if wish.unit is not None:
        _unit_exists(conn, wish.unit)
    hashed = (
        None
        if wish.password is None
        else passwords.hash_password(wish.password, known[account_id].login)
    )
    store.change_account(conn, account_id, role=wish.role, unit=wish.unit, name=wish.name,
                         active=wish.active, password_hash=hashed)  # fmt: skip
    if by is Role.SECURITY_ADMIN:
        store.end_sessions_of(conn, account_id)


def add_first(conn: Connection, account: Account, password: str, now: datetime) -> None:
    """Make an account outright: the first administrators, and the demo's. For the command line only."""
    if not store.add_account(conn, account, passwords.hash_password(password, account.login), now):
        raise Conflict(
            f"登录名 {account.login} 已被使用", f"the login name {account.login} is taken"
        )


def key_hash(key: str) -> bytes:
    """What the database keeps of an outside system's key."""
    return sha256(key.encode()).digest()


def add_credential(
    conn: Connection, name: str, channels: list[str], now: datetime
) -> tuple[int, str]:
    """Make an outside system's credential; the key is shown this once."""
    key, credential = "cs_" + secrets.token_urlsafe(32), new_id()
    store.add_credential(conn, credential, name, key_hash(key), channels, now)
    return credential, key


def _unit_exists(conn: Connection, unit: str) -> Unit:
    found = store.unit(conn, unit)
    if found is None:
        raise Invalid("unit", f"没有这个单位：{unit}", f"there is no unit {unit}")
    return found
