"""What the routes of intake take and answer, besides the channels' own forms."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from chengshu.intake.form import Number, Phone, Word


class ReceiptView(BaseModel):
    """What a desk gets for a report: its id and the citizen's follow-up code."""

    id: str
    code: str
    duplicate: bool


class OutsideReceiptView(ReceiptView):
    """What an outside system gets: the receipt is its proof."""

    receipt: str


class ChannelReportView(BaseModel):
    """A report as the system that sent it sees it."""

    id: str
    channel: str
    channel_id: str
    said_at: datetime
    received_at: datetime
    receipt: str
    acknowledged_at: datetime | None


class AcknowledgeBody(BaseModel):
    """The sender holds this receipt."""

    model_config = ConfigDict(extra="forbid")

    receipt: Number
    by: Word = ""


class AcknowledgedView(BaseModel):
    """Since when the sender holds the receipt."""

    channel_id: str
    receipt: str
    acknowledged_at: datetime


class UploadView(BaseModel):
    """A file that may be linked to a report or an order."""

    id: str
    name: str
    kind: str
    bytes: int


class RevealBody(BaseModel):
    """Why the reporter must be known."""

    model_config = ConfigDict(extra="forbid")

    purpose: Number


class ReporterView(BaseModel):
    """Who reported."""

    name: str
    phone: str
    identity: str


class CallersBody(BaseModel):
    """A caller's number."""

    model_config = ConfigDict(extra="forbid")

    phone: Phone


class EarlierView(BaseModel):
    """An earlier report of a caller."""

    report: str
    channel: str
    said_at: datetime
    title: str
    text: str
    nature: str
    place: str
    area: str


class CodeView(BaseModel):
    """The code by which a citizen follows her report."""

    code: str
