"""What a citizen sees of her report: like a parcel, in plain words."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel

from chengshu.agencies.gate import AtGate
from chengshu.dispatch import store
from chengshu.dispatch.checks import store as check_store
from chengshu.dispatch.replies import store as reply_store
from chengshu.intake import store as intake_store
from chengshu.intake.submit import code_hash
from chengshu.kit.db import Connection
from chengshu.kit.errors import NotFound
from chengshu.kit.problem import problems

router = APIRouter(prefix="/api/v1")


class TrackStep(BaseModel):
    """One thing that happened."""

    at: datetime
    text: str


class TrackReply(BaseModel):
    """What her own complaint or denunciation is owed by law, and the reply to her alone."""

    accept_due_at: datetime
    accepted_at: datetime | None
    declined_because: str | None
    reply_due_at: datetime | None
    replied_at: datetime | None
    text: str | None


class TrackRating(BaseModel):
    """Whether she may rate what came of it, and what she said the last time."""

    possible: bool
    outcome: str | None
    words: str


class TrackView(BaseModel):
    """Where a report stands."""

    state: str
    said_at: datetime
    steps: list[TrackStep]
    unit_name: str | None
    due_at: datetime | None
    answer: str | None
    closed_at: datetime | None
    reply: TrackReply | None = None
    rating: TrackRating | None = None


@router.get("/public/track/{code}", response_model=TrackView, responses=problems(404, 422))
def track(gate: AtGate, code: Annotated[str, Path(min_length=4, max_length=40)]) -> TrackView:
    """Where the report with this follow-up code stands."""
    hashed = code_hash(gate.keyring, code)
    with gate.citizen(hashed) as caller:
        found = store.followed(caller.conn, hashed)
        report = intake_store.by_code(caller.conn, hashed)
        if found is None or report is None:
            raise NotFound("查询码", code)
        steps = [TrackStep(at=found.said_at, text="已收到您反映的情况")]
        if found.unit_name and found.assigned_at:
            steps.append(TrackStep(at=found.assigned_at, text=f"已交给{found.unit_name}"))
        steps += [TrackStep(at=at, text=text) for at, text in store.told(caller.conn, report)]
        owed = reply_store.replies(caller.conn, [report]).get(report)
        # another unit may have had it before
        steps[1:] = sorted(steps[1:], key=lambda step: step.at)
        return TrackView(
            state=found.stage, said_at=found.said_at, steps=steps, unit_name=found.unit_name,
            due_at=found.due_at, answer=found.answer, closed_at=found.closed_at,
            reply=owed and TrackReply.model_validate(owed, from_attributes=True),
            rating=_rating(caller.conn, report, found),
        )  # fmt: skip


def _rating(conn: Connection, report: int, found: store.Followed) -> TrackRating:
    """Once after each closing: what was closed again since she rated may be rated again."""
    last = check_store.own_rating(conn, report)
    fresh = last is None or (found.closed_at is not None and last.at < found.closed_at)
    return TrackRating(possible=found.stage == "closed" and fresh, outcome=last.outcome if last else None,
                       words=last.words if last else "")  # fmt: skip
