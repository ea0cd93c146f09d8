"""Bring a database to the newest version, under a lock, one step at a time.

The steps are Alembic revisions whose SQL stands in a file of the same name.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import sqlalchemy as sa
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory

_HERE = Path(__file__).parent / "migrations"
_LOCK = 7_204_551_186_339_001  # any fixed number: two migrations at once must meet it


def _script() -> ScriptDirectory:
    config = Config()
    config.set_main_option("script_location", str(_HERE))
    return ScriptDirectory.from_config(config)


def newest() -> str:
    """The revision that this program needs."""
    head = _script().get_current_head()
    assert head is not None
    return head


def _engine(dsn: str) -> sa.Engine:
    import psycopg  # SQLAlchemy wants a function that connects; the address stays psycopg's own form

    return sa.create_engine(
        "postgresql+psycopg://", creator=lambda: psycopg.connect(dsn), poolclass=sa.pool.NullPool
    )


def current(dsn: str) -> str | None:
    """The revision of a database, None for an empty one."""
    with _engine(dsn).connect() as conn:
        return MigrationContext.configure(conn).get_current_revision()


def migrate(
    dsn: str, say: Callable[[str], None] = lambda _: None, *, to: str = "head"
) -> list[str]:
    """Run the missing steps as the owner's role.

    Args:
        dsn: Address of the owner's role.
        say: Told one sentence a step.
        to: The revision to stop at.

    Returns:
        The revisions that were run, in order. Every step commits by itself, so that a
        failing one leaves the earlier ones done and itself undone.
    """
    script = _script()
    ran: list[str] = []
    with _engine(dsn).connect() as conn:
        conn.execute(sa.text("select pg_advisory_lock(:key)"), {"key": _LOCK})
        conn.commit()
        try:
            at = MigrationContext.configure(conn).get_current_revision()
            conn.commit()
            for step in list(script.iterate_revisions(to, at or "base"))[::-1]:
                if step.revision == at:
                    continue
                say(f"{step.revision}: {step.doc}")
                with conn.begin():
                    context = MigrationContext.configure(conn)
                    with Operations.context(context):
                        step.module.upgrade()
                    context.stamp(script, step.revision)
                ran.append(step.revision)
        finally:
            conn.execute(sa.text("select pg_advisory_unlock(:key)"), {"key": _LOCK})
            conn.commit()
    return ran
