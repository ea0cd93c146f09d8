"""areas, units, accounts, reports, incidents, orders, history and the outbox"""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create everything of the first version."""
    statements = Path(__file__).with_suffix(".sql").read_text("utf-8")
    # psycopg itself, because SQLAlchemy would read every % as a placeholder
    connection = op.get_bind().connection.driver_connection
    assert connection is not None
    connection.execute(statements)
