"""网格员: what a grid worker finds on her round, or what residents tell her there."""

from __future__ import annotations

from typing import Literal

from chengshu.intake.form import Form, Number, Taker, report_of
from chengshu.intake.model import Channel, Report, Reporter


class GridForm(Form):
    """A grid worker's form; `channel_id` is her telephone's own number, so that it may send twice."""

    channel: Literal["grid"]
    channel_id: Number | None = None


def to_report(form: GridForm, taker: Taker) -> tuple[Report, Reporter | None]:
    """A finding as a report; it lies in her own grid unless position or words say otherwise."""
    return report_of(form, taker, Channel.GRID, form.channel_id)
