"""timed jobs, vital signs for monitoring, indexes for overdue orders and key versions"""

from __future__ import annotations

from pathlib import Path

from alembic import op
from procrastinate.schema import SchemaManager

revision = "0003"
down_revision = "0002"

# SHA-256 of procrastinate's schema as this step was written. A release of procrastinate that
# changes its schema needs a step of ours that changes databases which already ran this one;
# a test compares.
SCHEMA_SHA256 = "c70ec4b400a60ad9592787653aae5ae77ae41bf801d56b5bd2712751a07f2009"


def upgrade() -> None:
    """Create procrastinate's tables, then grant what the workers need of them."""
    connection = op.get_bind().connection.driver_connection
    assert connection is not None
    connection.execute(SchemaManager.get_schema())
    connection.execute(Path(__file__).with_suffix(".sql").read_text("utf-8"))
