"""Letting people report a happening, each in her own words, over her own channel."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Final

from chengshu.drill import people
from chengshu.drill.happenings import Happening
from chengshu.drill.moments import when_phrase
from chengshu.drill.slips import mishear, slip
from chengshu.drill.whereabouts import (
    names_place,
    near_phrase,
    place_field,
    place_phrase,
    point_told,
    spot_phrase,
)

MOST_REPORTS: Final = 20
_TAIL: Final = 0.85  # Pareto exponent of the number of reports; smaller is heavier
_SLIPS: Final = {"hotline": 0.12, "web": 0.3, "grid": 0.1, "police110": 0.06, "other": 0.3}
_CUE_ADDED: Final = 0.85  # of the wordings that hold no cue
_SAME_CALLER: Final = 0.12
_LATE: Final = 0.06
_UNFINDABLE: Final = 0.04  # of the reports that name no place and have no point
_ANONYMOUS: Final = {"hotline": 0.06, "web": 0.12, "grid": 0.0, "police110": 0.02, "other": 0.3}
_CONFIDENTIAL: Final = {"举报": 0.4, "投诉": 0.06}
_UNTITLED: Final = {"hotline": 0.0, "web": 0.05, "grid": 0.25, "police110": 0.5, "other": 0.5}
_SLOT: Final = re.compile(r"\{(\w+)\}")
_CLASH: Final = re.compile("[，、；]+(?=[，。！？；…])|(?<=[。！？…])[，。；、]+|^[，。；、]+")


@dataclass(frozen=True, slots=True)
class Told:
    """One report as a channel hands it over.

    Attributes:
        channel: hotline, web, grid, police110 or other.
        said_at: When the reporter spoke.
        arrives_at: When the centre gets it; sometimes a day later.
        place: The form's field for the place; "" when left empty.
        lon: WGS-84 degrees, or what the sender took for it; None when there are none.
        grid: Code of the unit grid; only grid workers send it.
        reporter: Synthetic name; None when anonymous, and then no phone either.
        photos: JPEG files.
    """

    channel: str
    said_at: datetime
    arrives_at: datetime
    title: str
    text: str
    place: str
    lon: float | None
    lat: float | None
    grid: int | None
    nature: str
    anonymous: bool
    confidential: bool
    reporter: str | None
    phone: str | None
    photos: tuple[bytes, ...] = ()


def tell(happening: Happening, rng: Random) -> list[Told]:
    """Let 1 to 20 people report one happening, in the order in which they speak."""
    deck = _Deck(happening, rng)
    told: list[Told] = []
    for said_at in _moments(happening, rng):
        channel, wording = deck.wording()
        told.append(_one(happening, channel, wording, said_at, deck, told, rng))
    return told


def fill(wording: str, slots: Mapping[str, str]) -> str:
    """Put words into the slots of a wording and mend the punctuation around them.

    Examples:
        >>> fill("{place}，{cue}。", {"place": "春江花园", "cue": ""})
        '春江花园。'
    """
    text = _SLOT.sub(lambda slot: slots[slot.group(1)], wording)
    return _CLASH.sub("", text)


class _Deck:
    """Wordings and cues of one happening; none comes twice before all have come."""

    def __init__(self, happening: Happening, rng: Random) -> None:
        self._kind, self._rng = happening.kind, rng
        self._all_cues = happening.variant.cues
        self._cues: list[str] = []
        self._words: dict[str, list[str]] = {}

    def wording(self) -> tuple[str, str]:
        """A channel and one of its wordings that was not used yet."""
        if not any(self._words.values()):
            self._words = {
                channel: self._rng.sample(self._kind.wordings[channel], k=len(
                    self._kind.wordings[channel]))
                for channel, weight in self._kind.channels.items()
                if weight > 0
            }  # fmt: skip
        open_channels = [channel for channel, words in self._words.items() if words]
        weights = [self._kind.channels[channel] for channel in open_channels]
        channel = self._rng.choices(open_channels, weights)[0]
        return channel, self._words[channel].pop()

    def cue(self) -> str:
        """One of the variant's cues."""
        if not self._cues:
            self._cues = self._rng.sample(self._all_cues, k=len(self._all_cues))
        return self._cues.pop().rstrip("。，；！")


def _moments(happening: Happening, rng: Random) -> list[datetime]:
    """When each report is spoken: first soon after the start, the others thinning out."""
    least, most = happening.kind.reports
    most = min(most, MOST_REPORTS)
    count = least - 1 + int(rng.paretovariate(_TAIL))
    if count > most:
        count = rng.randint((least + most) // 2, most)
    low, high = (edge.total_seconds() for edge in happening.kind.spread)
    spread = rng.triangular(low, high, low)
    first = happening.starts_at + timedelta(seconds=int(min(low, 1800) * rng.random()))
    gaps = sorted(spread * rng.random() ** 1.5 for _ in range(count - 1))
    return [first, *(first + timedelta(seconds=int(gap)) for gap in gaps)]


def _one(
    happening: Happening,
    channel: str,
    wording: str,
    said_at: datetime,
    deck: _Deck,
    earlier: Sequence[Told],
    rng: Random,
) -> Told:
    text = _text(happening, channel, wording, said_at, deck, rng)
    place = place_field(happening, channel, rng)
    lon, lat = point_told(happening, channel, rng)
    findable = lon is not None or names_place(text + place, happening.site)
    while not findable and rng.random() > _UNFINDABLE:
        place = place_field(happening, channel, rng)
        findable = names_place(place, happening.site)
    natures = happening.kind.natures
    nature = rng.choices(list(natures), list(natures.values()))[0]
    anonymous = rng.random() < _ANONYMOUS[channel]
    reporter, phone = _reporter(happening, channel, earlier, rng)
    titles = happening.kind.titles
    return Told(
        channel=channel,
        said_at=said_at,
        arrives_at=_arrival(said_at, channel, rng),
        title="" if rng.random() < _UNTITLED[channel] else rng.choice(titles),
        text=mishear(text, rng, _SLIPS[channel]) if channel in ("hotline", "police110")
        else slip(text, rng, _SLIPS[channel]),
        place=mishear(place, rng, _SLIPS[channel] / 4),
        lon=lon,
        lat=lat,
        grid=happening.site.grid if channel == "grid" else None,
        nature=nature,
        anonymous=anonymous,
        confidential=not anonymous and rng.random() < _CONFIDENTIAL.get(nature, 0.01),
        reporter=None if anonymous else reporter,
        phone=None if anonymous else phone,
    )  # fmt: skip


def _text(
    happening: Happening, channel: str, wording: str, said_at: datetime, deck: _Deck, rng: Random
) -> str:
    seen_at = happening.starts_at + (said_at - happening.starts_at) * rng.choice((0, 0, 0, 0.6))
    number = happening.n + (rng.choice((-1, 1)) if rng.random() < 0.15 else 0)
    if "{cue}" not in wording and rng.random() < _CUE_ADDED:
        wording = wording.rstrip("。") + rng.choice("。。，；") + "{cue}。"
    slots = {
        "place": place_phrase(happening, channel, rng),
        "near": near_phrase(happening, rng),
        "spot": spot_phrase(happening, rng),
        "when": when_phrase(seen_at, said_at, rng),
        "who": people.stranger(rng),
        "n": str(number),
        "cue": deck.cue() if "{cue}" in wording else "",
    }
    return fill(wording, slots)


def _reporter(
    happening: Happening, channel: str, earlier: Sequence[Told], rng: Random
) -> tuple[str | None, str | None]:
    if channel == "grid":
        return happening.site.worker, happening.site.worker_phone
    known = [told for told in earlier if told.phone and told.channel != "grid"]
    if known and rng.random() < _SAME_CALLER:
        again = rng.choice(known)
        return again.reporter, again.phone
    return people.caller(rng)


def _arrival(said_at: datetime, channel: str, rng: Random) -> datetime:
    """Mostly within minutes; 110 and grid batches come hours or a day late."""
    slow = 2.0 if channel in ("police110", "grid") else 1.0
    if rng.random() < _LATE * slow:
        return said_at + timedelta(minutes=int(rng.uniform(60, 60 * 36)))
    return said_at + timedelta(seconds=int(rng.expovariate(1 / 120)))
