"""A line to a platform that takes hand-overs by HTTP and answers with its own number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx

from chengshu.dispatch.handover.line import Note, Unanswered
from chengshu.dispatch.handover.model import HandoverAnswer

_LONGEST = 300


@dataclass(frozen=True, slots=True)
class HttpLine:
    """POST of JSON; the answer says `accepted`, and `number` with yes or `reason` with no.

    Attributes:
        key: Sent as X-API-Key; empty for none.
        timeout_s: How long an answer is waited for.
    """

    url: str
    key: str = ""
    timeout_s: float = 8.0

    def offer(self, note: Note) -> HandoverAnswer:
        """See `Line.offer`; our number also travels as Idempotency-Key."""
        headers = {"Idempotency-Key": note.number, **({"X-API-Key": self.key} if self.key else {})}
        try:
            answer = httpx.post(
                self.url, json=_body(note), headers=headers, timeout=self.timeout_s, trust_env=False
            )
        except httpx.HTTPError as failure:
            raise Unanswered(type(failure).__name__) from failure
        if answer.status_code not in (200, 201, 202, 409):
            raise Unanswered(f"HTTP {answer.status_code}")
        try:
            body = answer.json()
        except ValueError as wrong:
            raise Unanswered("the answer is no JSON") from wrong
        return _read(body)


def _body(note: Note) -> dict[str, Any]:
    return {
        "number": note.number, "to": str(note.party), "from": note.sender, "operator": note.actor,
        "third_party": note.third, "said": note.said, "place": note.place, "lon": note.lon, "lat": note.lat,
        "incident": note.incident, "callback": note.phone, "offered_at": note.offered_at.isoformat(),
    }  # fmt: skip


def _read(body: object) -> HandoverAnswer:
    if not isinstance(body, dict) or not isinstance(body.get("accepted"), bool):
        raise Unanswered("the answer does not say whether it is accepted")
    number, by = str(body.get("number", "")).strip(), str(body.get("by", ""))
    if body["accepted"]:
        if not number:
            raise Unanswered("accepted without a number")
        return HandoverAnswer(number[:_LONGEST], by[:_LONGEST])
    return HandoverAnswer("", by[:_LONGEST], str(body.get("reason", ""))[:_LONGEST] or "未说明理由")
