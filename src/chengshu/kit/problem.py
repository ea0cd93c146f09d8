"""The body of every refusal over HTTP, and how routes document it."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel


class FieldProblem(BaseModel):
    """What is wrong with one value."""

    field: str
    message: str


class Problem(BaseModel):
    """Why a request was refused: a stable code and a sentence in the caller's language."""

    code: str
    detail: str
    fields: list[FieldProblem] = []


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The `responses=` of a route that may refuse with these statuses."""
    return {status: {"model": Problem, "description": "Refused"} for status in statuses}
