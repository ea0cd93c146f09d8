"""joint command: members, parts, meetings, whistles, passing on, emergency levels"""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Run the statements beside this file."""
    statements = Path(__file__).with_suffix(".sql").read_text("utf-8")
    connection = op.get_bind().connection.driver_connection
    assert connection is not None
    connection.execute(statements)
