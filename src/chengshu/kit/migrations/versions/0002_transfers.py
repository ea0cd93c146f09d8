"""110 transfers and their acknowledgement; attachments belong to whoever uploaded them"""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create `transfer`, give attachments an owner."""
    statements = Path(__file__).with_suffix(".sql").read_text("utf-8")
    connection = op.get_bind().connection.driver_connection
    assert connection is not None
    connection.execute(statements)
