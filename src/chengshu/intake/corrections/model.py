"""A correction as a form, checked against the text it is about."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from chengshu.intake.form import Lines
from chengshu.kit.errors import Invalid

MarkKind = Literal["danger", "time", "people", "place", "urgency", "object", "matter"]
Service = Literal["110", "119", "120"]
_At = Annotated[int, Field(ge=0, le=100_000)]


class CorrectionForm(BaseModel):
    """One mark put right.

    Attributes:
        was: As it was read; empty where nothing was.
        now: As it is; empty where it is nothing of that kind.
        start, end: The span in the text, in characters (code points); equal where it is about
            no words.
    """

    model_config = ConfigDict(extra="forbid")

    kind: MarkKind
    was: Lines = ""
    now: Lines = ""
    start: _At
    end: _At


Corrections = Annotated[list[CorrectionForm], Field(max_length=50)]


class CorrectionsBody(BaseModel):
    """Marks of one report put right."""

    model_config = ConfigDict(extra="forbid")

    corrections: Annotated[list[CorrectionForm], Field(min_length=1, max_length=50)]


class CorrectionView(BaseModel):
    """A correction that is kept."""

    kind: str
    was: str
    now: str
    start: int
    end: int
    actor: str
    at: datetime


def checked(corrections: Sequence[CorrectionForm], text: str) -> Sequence[CorrectionForm]:
    """The same corrections, each within the text and each a change.

    Raises:
        Invalid: A span does not lie in the text, or nothing was changed.
    """
    for number, one in enumerate(corrections, 1):
        if not one.start <= one.end <= len(text):
            raise Invalid(
                "corrections",
                f"第 {number} 处更正的位置 {one.start}–{one.end} 不在正文（{len(text)} 字）之内",
                f"correction {number}: {one.start}–{one.end} does not lie in the text of {len(text)} characters",
            )
        if one.was == one.now:
            raise Invalid(
                "corrections", f"第 {number} 处更正前后相同", f"correction {number} changes nothing"
            )
    return corrections
