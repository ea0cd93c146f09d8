"""What the forms of all channels share, and how one becomes a report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from chengshu.intake.model import MAX_TEXT, Channel, Nature, Report, Reporter, check_said_at, clean
from chengshu.intake.submit import caller_hash
from chengshu.intake.where import Datum, point_of, where
from chengshu.kit.errors import Invalid
from chengshu.kit.ids import new_id
from chengshu.kit.sealing import Keyring
from chengshu.kit.times import as_local
from chengshu.places import Locator


def _cleaned(value: object) -> object:
    # what is far too long is refused by its length, not cleaned letter by letter first
    return clean(value) if isinstance(value, str) and len(value) <= 2 * MAX_TEXT else value


_CLEAN = BeforeValidator(_cleaned)
Word = Annotated[str, Field(max_length=80), _CLEAN]
Phone = Annotated[str, Field(max_length=40), _CLEAN]
Line = Annotated[str, Field(max_length=200), _CLEAN]
Lines = Annotated[str, Field(max_length=500), _CLEAN]
Text = Annotated[str, Field(max_length=MAX_TEXT, json_schema_extra={"minLength": 1}), _CLEAN]
Number = Annotated[str, Field(min_length=1, max_length=200), _CLEAN]
FileId = Annotated[str, Field(pattern=r"^[0-9]{1,18}$")]
Files = Annotated[list[FileId], Field(max_length=20)]


class ReporterForm(BaseModel):
    """Who reports: kept apart and sealed."""

    model_config = ConfigDict(extra="forbid")

    name: Word = ""
    phone: Phone = ""
    identity: Phone = ""


class Form(BaseModel):
    """What every channel asks.

    Attributes:
        text: The message in the reporter's words.
        lon, lat: Degrees, both or none; WGS-84 unless the channel has a datum.
        area: 15-digit code of the area that a person chose.
        said_at: When it was said; without a zone it is the city's clock; now when left out.
        anonymous: Nothing about the reporter is kept.
        confidential: The reporter is kept from those who handle the matter (保密).
    """

    model_config = ConfigDict(extra="forbid")

    title: Line = ""
    text: Text
    nature: Nature = Nature.HELP
    place: Lines = ""
    lon: Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)] | None = None
    lat: Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)] | None = None
    accuracy_m: Annotated[float, Field(ge=0, le=1_000_000, allow_inf_nan=False)] | None = None
    area: Annotated[str, Field(pattern=r"^[0-9]{15}$")] | None = None
    said_at: datetime | None = None
    anonymous: bool = False
    confidential: bool = False
    reporter: ReporterForm | None = None
    attachments: Files = []


class OutsideForm(Form):
    """What every outside system sends: its own number, and the datum of its positions."""

    channel_id: Number
    datum: Datum = "wgs84"


@dataclass(frozen=True, slots=True)
class Taker:
    """Who takes a report in, when, and with what.

    Attributes:
        source: Whose numbering the report's number belongs to.
        grid: A grid worker's own grid.
    """

    source: str
    now: datetime
    locator: Locator
    keyring: Keyring
    account: int | None = None
    unit: str | None = None
    grid: int | None = None


def report_of(form: Form, taker: Taker, channel: Channel, channel_id: str | None, *, recording: str = "",
              extra: Mapping[str, Any] | None = None) -> tuple[Report, Reporter | None]:  # fmt: skip
    """Read a form.

    Args:
        channel_id: None for a form of our own without a number: it gets one.

    Raises:
        Invalid: There are no words, half a position, an impossible time or an unknown area.
    """
    if not form.text:
        raise Invalid("text", "请写明诉求内容", "please say what this is about")
    said_at = taker.now
    if form.said_at is not None:
        said_at = check_said_at(as_local(form.said_at), taker.now).astimezone(UTC)
    point = point_of(form.lon, form.lat, form.datum if isinstance(form, OutsideForm) else "wgs84")
    found = where(taker.locator, place=form.place, text=f"{form.title} {form.text}", point=point,
                  area=form.area, grid=taker.grid)  # fmt: skip
    reporter = None if form.anonymous else reporter_of(form.reporter)
    number = new_id()
    report = Report(
        id=number, channel=channel, source=taker.source, channel_id=channel_id or str(number),
        received_at=taker.now, said_at=said_at, title=form.title, text=form.text, nature=form.nature,
        place=form.place, area=found.area, lon=point.lon if point else None, lat=point.lat if point else None,
        accuracy_m=form.accuracy_m if point else None,
        caller=caller_hash(taker.keyring, reporter.phone) if reporter else "",
        anonymous=form.anonymous, confidential=form.confidential, recording=recording,
        taken_by=taker.account, unit=taker.unit,
        extra={**(extra or {}), **({"outside": True} if found.outside else {})},
    )  # fmt: skip
    return report, reporter


def reporter_of(form: ReporterForm | None) -> Reporter | None:
    """The person behind a form, None when it says nothing of one."""
    if form is None or not (form.name or form.phone or form.identity):
        return None
    return Reporter(form.name, form.phone, form.identity)
