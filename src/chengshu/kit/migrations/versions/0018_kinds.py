"""kinds of order, what only named people see, work inside a unit, papers, exchange"""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """Run the statements beside this file."""
    statements = Path(__file__).with_suffix(".sql").read_text("utf-8")
    connection = op.get_bind().connection.driver_connection
    assert connection is not None
    connection.execute(statements)
