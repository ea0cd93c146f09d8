"""其他系统: a generic message from any other system, with whatever else it wants to keep."""

from __future__ import annotations

import json
import math
from typing import Annotated, Any

from pydantic import Field

from chengshu.intake.form import OutsideForm, Taker, Word, report_of
from chengshu.intake.model import Channel, Report, Reporter, clean
from chengshu.kit.errors import Invalid

_MOST_BYTES = 16_384
_DEEPEST = 8


class OtherForm(OutsideForm):
    """Another system's message.

    Attributes:
        system: The system's name for people, such as 数字城管.
        extra: What belongs to it there: at most 16 KB of JSON, eight levels deep.
    """

    system: Word = ""
    extra: Annotated[dict[str, Any], Field(max_length=100, default_factory=dict)]


def to_report(form: OtherForm, taker: Taker) -> tuple[Report, Reporter | None]:
    """Another system's message as a report.

    Raises:
        Invalid: `extra` is too large, too deep, or holds numbers that are none.
    """
    kept = _storable(form.extra)
    if len(json.dumps(kept, ensure_ascii=False).encode()) > _MOST_BYTES:
        raise Invalid("extra", "附加数据超过 16 KB", "extra is larger than 16 KB")
    extra: dict[str, Any] = {"system": form.system} if form.system else {}
    if kept:
        extra["sent"] = kept  # under a name of its own, so that it cannot pose as one of our notes
    return report_of(form, taker, Channel.OTHER, form.channel_id, extra=extra)


def _storable(value: Any, depth: int = 0) -> Any:
    """JSON that the database takes: no NUL, no half characters, no NaN."""
    if depth > _DEEPEST:
        raise Invalid("extra", "附加数据嵌套太深", "extra is nested too deeply")
    if isinstance(value, str):
        if len(value) > _MOST_BYTES:
            raise Invalid("extra", "附加数据超过 16 KB", "extra is larger than 16 KB")
        return clean(value)
    if isinstance(value, float) and not math.isfinite(value):
        raise Invalid("extra", "附加数据里有非数值", "extra holds a number that is none")
    if isinstance(value, int) and abs(value) >= 2**63:
        return str(value)
    if isinstance(value, dict):
        return {str(_storable(str(k), depth)): _storable(v, depth + 1) for k, v in value.items()}
    if isinstance(value, list):
        return [_storable(v, depth + 1) for v in value]
    return value
