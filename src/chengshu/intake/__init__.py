"""Intake 受理: one file per channel, each ends in one Report handed to `submit`.

`form` and `where` hold what all channels share, `take` and `submit` are where they end; tables
of old reports come through `import_table`, `sheet` and `table`.
"""

from chengshu.intake.model import Channel, Nature, Report, Reporter
from chengshu.intake.submit import Receipt, submit, submit_many

__all__ = ["Channel", "Nature", "Receipt", "Report", "Reporter", "submit", "submit_many"]
