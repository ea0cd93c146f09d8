"""All SQL of units, accounts, sessions, credentials and the audit trail."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb

from chengshu.agencies.model import Account, Kind, Role, Tier, Unit
from chengshu.kit.db import Connection

_UNIT = "u.unit, u.name, u.name_en, u.short, u.kind, u.tier, u.line, u.area"
_ACCOUNT = "a.id, a.login, a.name, a.role, a.unit, a.grid, a.active"


def _unit(row: tuple[Any, ...]) -> Unit:
    return Unit(row[0], row[1], row[2], row[3], Kind(row[4]), Tier(row[5]), row[6], row[7])


def _account(row: tuple[Any, ...]) -> Account:
    return Account(row[0], row[1], row[2], Role(row[3]), row[4], row[5], row[6])


# ---------------------------------------------------------------- units
def save_units(conn: Connection, units: Iterable[Unit]) -> int:
    """Write units, replacing those with the same path; returns how many."""
    rows = [(u.unit, u.name, u.name_en, u.short, u.kind, u.tier, u.line, u.area) for u in units]
    with conn.cursor() as cursor:
        cursor.executemany(
            """insert into unit (unit, name, name_en, short, kind, tier, line, area)
               values (%s, %s, %s, %s, %s, %s, %s, %s)
               on conflict (unit) do update set name = excluded.name, name_en = excluded.name_en,
                 short = excluded.short, kind = excluded.kind, tier = excluded.tier,
                 line = excluded.line, area = excluded.area""",
            rows,
        )
    return len(rows)


def units(conn: Connection, within: str | None = None, words: str = "") -> list[Unit]:
    """Units at or under `within`, whose name holds `words`, in the order of the tree."""
    rows = conn.execute(
        f"""select {_UNIT} from unit u
            where (%(w)s::text is null or u.unit = %(w)s or starts_with(u.unit, %(w)s || '.'))
              and (%(q)s = '' or strpos(u.name, %(q)s) > 0 or strpos(lower(u.name_en), lower(%(q)s)) > 0)
            order by u.unit""",
        {"w": within, "q": words},
    )
    return [_unit(row) for row in rows]


def unit(conn: Connection, path: str) -> Unit | None:
    """One unit by its path."""
    row = conn.execute(f"select {_UNIT} from unit u where u.unit = %s", (path,)).fetchone()
    return _unit(row) if row else None


# ---------------------------------------------------------------- accounts
def add_account(conn: Connection, account: Account, password_hash: str, now: datetime) -> bool:
    """Write a new account; False when the login name is taken."""
    done = conn.execute(
        """insert into account (id, login, name, password_hash, role, unit, grid, active, created_at)
           values (%s, %s, %s, %s, %s, %s, %s, %s, %s) on conflict (login) do nothing""",
        (account.id, account.login, account.name, password_hash, account.role, account.unit,
         account.grid, account.active, now),
    )  # fmt: skip
    return done.rowcount == 1


def accounts(conn: Connection) -> list[Account]:
    """Every account that the scope shows."""
    return [_account(r) for r in conn.execute(f"select {_ACCOUNT} from account a order by a.login")]


def change_account(conn: Connection, account: int, *, role: str | None, unit: str | None,
                   name: str | None, active: bool | None, password_hash: str | None) -> bool:  # fmt: skip
    """Change what is given, leave what is None; False when there is no such account."""
    done = conn.execute(
        """update account set role = coalesce(%s, role), unit = coalesce(%s, unit), name = coalesce(%s, name),
             active = coalesce(%s, active), password_hash = coalesce(%s, password_hash),
             failures = 0, locked_until = null where id = %s""",
        (role, unit, name, active, password_hash, account),
    )
    return done.rowcount == 1


def to_log_in(conn: Connection, login: str) -> tuple[Account, str, int, datetime | None] | None:
    """Account, password hash, failures so far and until when it is locked.

    The row stays locked until the transaction ends: guesses at one account are made one after
    another, or many at once would all find that none had failed yet.
    """
    row = conn.execute(
        f"select {_ACCOUNT}, a.password_hash, a.failures, a.locked_until from account a "
        "where a.login = %s for update",
        (login,),
    ).fetchone()
    return (_account(row[:7]), row[7], row[8], row[9]) if row else None


def mark_attempt(
    conn: Connection, account: int, failures: int, locked_until: datetime | None
) -> None:
    """Remember failed attempts; zero forgets them."""
    conn.execute(
        "update account set failures = %s, locked_until = %s where id = %s",
        (failures, locked_until, account),
    )


# ---------------------------------------------------------------- sessions
def add_session(conn: Connection, token_hash: bytes, account: int, csrf: str, now: datetime,
                expires_at: datetime, address: str) -> None:  # fmt: skip
    """Write a session; only the token's hash is kept."""
    conn.execute(
        "insert into session (token_hash, account, csrf, created_at, seen_at, expires_at, address) "
        "values (%s, %s, %s, %s, %s, %s, %s)",
        (token_hash, account, csrf, now, now, expires_at, address),
    )


def session(conn: Connection, token_hash: bytes, now: datetime) -> tuple[Account, Unit, str] | None:
    """The account, its unit and the CSRF token of a live session of an active account."""
    row = conn.execute(
        f"""select {_ACCOUNT}, {_UNIT}, s.csrf from session s join account a on a.id = s.account
            join unit u on u.unit = a.unit
            where s.token_hash = %s and s.expires_at > %s and a.active""",
        (token_hash, now),
    ).fetchone()
    return (_account(row[:7]), _unit(row[7:15]), row[15]) if row else None


def end_session(conn: Connection, token_hash: bytes) -> None:
    """Log out."""
    conn.execute("delete from session where token_hash = %s", (token_hash,))


def end_sessions_of(conn: Connection, account: int) -> None:
    """Log an account out everywhere, for instance when it was switched off."""
    conn.execute("delete from session where account = %s", (account,))


# ---------------------------------------------------------------- outside systems
def add_credential(conn: Connection, credential: int, name: str, key_hash: bytes, channels: list[str],
                   now: datetime) -> None:  # fmt: skip
    """Write an outside system's credential; only the key's hash is kept."""
    conn.execute(
        "insert into credential (id, name, key_hash, channels, created_at) values (%s, %s, %s, %s, %s)",
        (credential, name, key_hash, channels, now),
    )


def credential(conn: Connection, key_hash: bytes) -> tuple[int, str, list[str]] | None:
    """Id, name and channels of an active credential."""
    row = conn.execute(
        "select id, name, channels from credential where key_hash = %s and active", (key_hash,)
    ).fetchone()
    return (row[0], row[1], row[2]) if row else None


def unit_of_credential(conn: Connection, credential_id: int) -> Unit | None:
    """Whose orders a key reads and answers; None for a key that only brings reports."""
    row = conn.execute(
        f"select {_UNIT} from exchange_system e join unit u on u.unit = e.unit where e.credential = %s",
        (credential_id,),
    ).fetchone()
    return _unit(row) if row else None


def credentials(conn: Connection) -> list[tuple[int, str, list[str], bool, datetime]]:
    """Every credential: id, name, channels, active, since."""
    rows = conn.execute(
        "select id, name, channels, active, created_at from credential order by name"
    )
    return [(r[0], r[1], r[2], r[3], r[4]) for r in rows]


def switch_credential(conn: Connection, credential_id: int, active: bool) -> bool:
    """Switch a credential on or off."""
    return (
        conn.execute(
            "update credential set active = %s where id = %s", (active, credential_id)
        ).rowcount
        == 1
    )


# ---------------------------------------------------------------- audit
def record(conn: Connection, now: datetime, act: str, *, account: int | None = None, role: str | None = None,
           subject: str = "", detail: Mapping[str, Any] | None = None, address: str = "") -> None:  # fmt: skip
    """Append one line to the audit trail."""
    conn.execute(
        "insert into audit (at, account, role, act, subject, detail, address) values (%s, %s, %s, %s, %s, %s, %s)",
        (now, account, role, act, subject, Jsonb(dict(detail or {})), address),
    )


def audit_trail(conn: Connection, before: int | None, limit: int) -> list[tuple[Any, ...]]:
    """Lines of the audit trail, newest first: id, at, login, role, act, subject, detail, address."""
    return conn.execute(
        """select t.id, t.at, a.login, t.role, t.act, t.subject, t.detail, t.address
           from audit t left join account a on a.id = t.account
           where %s::bigint is null or t.id < %s order by t.id desc limit %s""",
        (before, before, limit),
    ).fetchall()
