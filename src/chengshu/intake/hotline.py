"""12345 热线: what a call-taker writes down, or a telephone system sends for her."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from chengshu.intake.corrections.model import Corrections, Service
from chengshu.intake.form import Form, Line, Lines, Number, Phone, ReporterForm, Taker, report_of
from chengshu.intake.model import Channel, Report, Reporter


class Call(BaseModel):
    """The telephone call behind a report: one call may bring several.

    Attributes:
        recording: Where the telephone system keeps the recording; we keep only the reference.
        phone: The number shown on the display; used when the caller names no other.
    """

    model_config = ConfigDict(extra="forbid")

    id: Line = ""
    recording: Lines = ""
    phone: Phone = ""


class HotlineForm(Form):
    """A call-taker's form.

    Attributes:
        corrections: What she put right of what was read while she typed.
        transfer: To whom she proposed to hand the call, as it is dangerous.
        transfer_reason: Why, as it was shown to her.
    """

    channel: Literal["hotline"]
    channel_id: Number | None = None
    call: Call | None = None
    corrections: Corrections = Field(default_factory=list)
    transfer: Service | None = None
    transfer_reason: Lines = ""


def to_report(form: HotlineForm, taker: Taker) -> tuple[Report, Reporter | None]:
    """A call as a report."""
    call = form.call or Call()
    if call.phone and not (form.reporter and form.reporter.phone):
        person = form.reporter or ReporterForm()
        form = form.model_copy(update={"reporter": person.model_copy(update={"phone": call.phone})})
    extra = {"call": call.id} if call.id else {}
    return report_of(
        form, taker, Channel.HOTLINE, form.channel_id, recording=call.recording, extra=extra
    )
