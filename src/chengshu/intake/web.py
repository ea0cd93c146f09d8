"""公众网页: what citizens write themselves, on our page or on a portal that passes it on."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from chengshu.intake.form import (
    Form,
    Lines,
    OutsideForm,
    Phone,
    ReporterForm,
    Taker,
    Text,
    Word,
    report_of,
)
from chengshu.intake.model import Channel, Nature, Report, Reporter
from chengshu.intake.submit import code_hash, follow_up_code
from chengshu.kit.sealing import Keyring

PUBLIC = "public"  # the source that all citizens share


class WebForm(OutsideForm):
    """A citizen's message that another portal passes on."""

    nature: Nature = Nature.COMPLAINT


class PublicForm(BaseModel):
    """A citizen's own form.

    Attributes:
        client_id: Drawn at random by her page, so that sending twice makes one report; long,
            because whoever knows it and her words gets her follow-up code.
    """

    model_config = ConfigDict(extra="forbid")

    client_id: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{16,64}$")]
    text: Text
    nature: Nature = Nature.COMPLAINT
    place: Lines = ""
    lon: Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)] | None = None
    lat: Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)] | None = None
    name: Word = ""
    phone: Phone = ""
    anonymous: bool = False
    confidential: bool = False


def to_report(form: WebForm, taker: Taker) -> tuple[Report, Reporter | None]:
    """A passed-on message as a report."""
    return report_of(form, taker, Channel.WEB, form.channel_id)


def public_report(form: PublicForm, taker: Taker) -> tuple[Report, Reporter | None]:
    """A citizen's message as a report."""
    said = Form.model_validate(form.model_dump(exclude={"client_id", "name", "phone"}))
    said.reporter = ReporterForm(name=form.name, phone=form.phone)
    return report_of(said, taker, Channel.WEB, form.client_id)


def public_scope(form: PublicForm, keyring: Keyring) -> str:
    """Hash of the code she will get: the one report that her transaction may see."""
    return code_hash(keyring, follow_up_code(keyring, PUBLIC, Channel.WEB, form.client_id))
