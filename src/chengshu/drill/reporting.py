"""From what somebody tells to the message that her channel carries, and the sending of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Any, Final

from chengshu.drill.clients import Answer, Product
from chengshu.drill.grids import GridPost, km_between
from chengshu.drill.pace import Pace
from chengshu.drill.telling import Told
from chengshu.kit.times import utc_now

CALL_TAKER: Final = "call_taker:nt"
_NATURES: Final = {
    "咨询": "inquiry", "求助": "help", "投诉": "complaint",
    "举报": "denunciation", "建议": "suggestion", "表扬": "praise",
}  # fmt: skip
_OFFICER: Final = "接警员（演示）"
_SYSTEM: Final = "智慧城管平台（演示）"


@dataclass(frozen=True, slots=True)
class Sent:
    """A report that the product has taken: its follow-up code, and its id where the channel learns it."""

    code: str
    id: str | None


def form_of(told: Told, said_at: datetime) -> dict[str, Any]:
    """What every channel but the public page sends."""
    body: dict[str, Any] = {
        "title": told.title, "text": told.text, "nature": _NATURES[told.nature], "place": told.place,
        "said_at": said_at.isoformat(), "anonymous": told.anonymous, "confidential": told.confidential,
    }  # fmt: skip
    if told.lon is not None:
        body |= {"lon": told.lon, "lat": told.lat}
    if told.reporter or told.phone:
        body["reporter"] = {"name": told.reporter or "", "phone": told.phone or ""}
    return body


def public_form_of(told: Told, client_id: str) -> dict[str, Any]:
    """What a citizen's own page sends; it has no title, so that the title leads the text."""
    body: dict[str, Any] = {
        "client_id": client_id, "text": f"{told.title}。{told.text}" if told.title else told.text,
        "nature": _NATURES[told.nature], "place": told.place, "name": told.reporter or "",
        "phone": told.phone or "", "anonymous": told.anonymous, "confidential": told.confidential,
    }  # fmt: skip
    if told.lon is not None:
        body |= {"lon": told.lon, "lat": told.lat}
    return body


def address_of(who: str) -> str:
    """A citizen's own address, out of the block set aside for testing (RFC 2544, 198.18.0.0/15)."""
    a, b, c = blake2b(who.encode(), digest_size=3).digest()
    return f"198.{18 + a % 2}.{b}.{c}"


class Workers:
    """The grid workers who have a telephone that sends reports."""

    def __init__(self, posts: Sequence[GridPost], acting: Mapping[str, str]) -> None:
        self._posts = [
            (
                p.area.code,
                acting[f"grid_worker:{p.area.code}"],
                (p.area.lon or 0.0, p.area.lat or 0.0),
            )
            for p in posts
            if f"grid_worker:{p.area.code}" in acting
        ]
        self._spots = {p.area.code: (p.area.lon or 0.0, p.area.lat or 0.0) for p in posts}

    def nearest(self, grid: int | None, at: tuple[float, float] | None) -> str | None:
        """Login of the worker of a grid; without one, of the nearest of its township, or of any."""
        here = at or self._spots.get(grid or 0)
        if not self._posts or here is None:
            return None
        return min(
            self._posts,
            key=lambda post: (
                post[0] != grid,
                grid is None or post[0] // 10**6 != grid // 10**6,
                km_between(here, post[2]),
            ),
        )[1]


class Reporters:
    """Everybody who reports, each over her own channel."""

    def __init__(self, product: Product, workers: Workers, pace: Pace, run: str,
                 now: Callable[[], datetime] = utc_now) -> None:  # fmt: skip
        self._product, self._workers, self._pace, self._run, self._now = (
            product,
            workers,
            pace,
            run,
            now,
        )
        self._clerk = product.cast.acting[CALL_TAKER]

    async def tell(self, number: str, told: Told) -> Sent | None:
        """Send one report; None when the product refused it or could not be reached.

        Args:
            number: What tells this report from all others of this run.
        """
        said_at = min(self._pace.ours(told.said_at), self._now())
        answer = await self._send(f"{self._run}-{number}", told, said_at)
        if not answer.ok:
            return None
        return Sent(str(answer.body["code"]), answer.body.get("id"))

    async def _send(self, number: str, told: Told, said_at: datetime) -> Answer:
        if told.channel == "web":
            address = address_of(told.phone or number)
            client_id = f"drill-{number}".ljust(16, "-")
            return await self._product.as_citizen(
                "POST", "/public/reports", address, public_form_of(told, client_id)
            )
        body = form_of(told, said_at)
        if told.channel in self._product.cast.keys:
            return await self._from_outside(number, told, body)
        login = self._clerk
        body["channel"], body["channel_id"] = "hotline", number
        if told.channel == "grid":
            at = None if told.lon is None or told.lat is None else (told.lon, told.lat)
            worker = self._workers.nearest(told.grid, at)
            if worker is not None:
                login, body["channel"] = worker, "grid"
        elif told.phone:
            body["call"] = {"id": f"C{number}", "phone": told.phone}
        files = [await self._product.upload(login, "现场.jpg", photo) for photo in told.photos]
        body["attachments"] = [f for f in files if f]
        return await self._product.post(login, "/reports", body)

    async def _from_outside(self, number: str, told: Told, body: dict[str, Any]) -> Answer:
        """From another system; the police acknowledge the receipt that they get."""
        channel = told.channel
        body["channel_id"] = number
        body |= {"officer": _OFFICER} if channel == "police110" else {"system": _SYSTEM}
        files = [
            await self._product.upload_as_channel(channel, "现场.jpg", photo)
            for photo in told.photos
        ]
        body["attachments"] = [f for f in files if f]
        answer = await self._product.as_channel(channel, f"/channels/{channel}/reports", body)
        if answer.ok and channel == "police110":
            receipt = {"receipt": answer.body["receipt"], "by": _OFFICER}
            await self._product.as_channel(
                channel, f"/channels/police110/reports/{number}/acknowledge", receipt
            )
        return answer
