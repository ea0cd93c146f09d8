"""a citizen sees since when a unit has her matter; whether a report was decided, to whoever may see it"""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make `follow_report` anew with one more column, add `is_decided`."""
    statements = Path(__file__).with_suffix(".sql").read_text("utf-8")
    connection = op.get_bind().connection.driver_connection
    assert connection is not None
    connection.execute(statements)
