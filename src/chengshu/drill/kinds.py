"""Kinds of happenings in the synthetic city, read from the files under `kinds/`.

One TOML file is one kind. A kind knows which facts (cues) tell its variants apart, and how
people word it; it knows nothing of the product's own catalogue of matters.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

FOLDER: Final = Path(__file__).parent / "kinds"
PLACES: Final = (
    "estate", "road", "building", "site", "water", "shop", "village",
    "school", "park", "factory", "market", "junction", "station", "hospital",
)  # fmt: skip
CHANNELS: Final = ("hotline", "web", "grid", "police110", "other")
NATURES: Final = ("咨询", "求助", "投诉", "举报", "建议", "表扬")
TIERS: Final = ("township", "county", "city")
LEADS: Final = frozenset(
    {
        "城管局", "住建局", "生态环境局", "公安局", "交警", "消防救援", "应急局", "交通局",
        "市场监管局", "水利局", "农业农村局", "卫健委", "教育局", "人社局", "民政局", "自规局",
        "文旅局", "商务局", "发改委", "工信局", "科技局", "财政局", "司法局", "医保局",
        "退役军人局", "信访局", "税务局", "数据局", "气象局", "烟草局", "供电公司", "水务公司",
        "燃气公司", "公交公司", "通信管理", "邮政管理", "园林", "房管", "镇街",
    }
)  # fmt: skip
SLOTS: Final = frozenset({"place", "near", "spot", "when", "cue", "n", "who"})
_SLOT: Final = re.compile(r"\{([^{}]*)\}")
_LEAST: Final = {"hotline": 4, "web": 4, "grid": 3, "police110": 0, "other": 2}
_LEAST_CUES: Final = 6
_LEAST_TITLES: Final = 5


class KindError(ValueError):
    """A kind file says something the generator cannot use; the message names file and entry."""


@dataclass(frozen=True, slots=True)
class Variant:
    """One way a kind can lie, and who answers for it.

    Attributes:
        lead: The responsible line, one of `LEADS`.
        tier: Whose unit of that line handles it: township, county or city.
        cues: Clauses, each of which lets a knowing reader conclude this variant.
    """

    name: str
    lead: str
    tier: str
    assist: tuple[str, ...]
    cues: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of happening.

    Attributes:
        place: The type of place it happens at, one of `PLACES`.
        hours: Local hours, first and last, in which it is noticed.
        reports: Usual least and most reports of one happening.
        spread: How long reports go on after the first, least and most.
        lasting: How long it lasts when nobody acts, least and most.
        natures: Share of each nature; the shares need not sum to one.
        channels: Relative weight of each channel.
        wordings: Messages with slots, by channel.
    """

    slug: str
    name: str
    name_en: str
    domain: str
    place: str
    hours: tuple[float, float]
    weight: float
    reports: tuple[int, int]
    spread: tuple[timedelta, timedelta]
    lasting: tuple[timedelta, timedelta]
    danger: bool
    urgency: int
    natures: Mapping[str, float]
    channels: Mapping[str, float]
    variants: tuple[Variant, ...]
    wordings: Mapping[str, tuple[str, ...]]
    titles: tuple[str, ...]


def read_kinds(folder: Path = FOLDER) -> tuple[Kind, ...]:
    """Read every `*.toml` of a folder, in order of file name.

    Raises:
        KindError: A file is not TOML, misses an entry, or holds one out of range.
    """
    kinds = tuple(read_kind(path) for path in sorted(folder.glob("*.toml")))
    if not kinds:
        raise KindError(f"{folder}: no kind files")
    return kinds


def read_kind(path: Path) -> Kind:
    """Read and check one file.

    Raises:
        KindError: As for `read_kinds`.
    """
    try:
        raw = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as broken:
        raise KindError(f"{path.name}: not TOML: {broken}") from broken
    try:
        kind = _parse(raw)
    except KeyError as missing:
        raise KindError(f"{path.name}: no entry {missing}") from missing
    except (TypeError, ValueError) as wrong:
        raise KindError(f"{path.name}: {wrong}") from wrong
    for fault in faults(kind):
        raise KindError(f"{path.name}: {fault}")
    if kind.slug != path.stem:
        raise KindError(f"{path.name}: kind is {kind.slug!r}, not the file's name")
    return kind


def half_of(kind: Kind, half: int) -> Kind:
    """The kind with every second wording, cue and title, so that learning can be tested fairly.

    A program that learns on a stream of half 0 meets no sentence of it in a stream of half 1.

    Args:
        half: 0 or 1.
    """
    wordings = {channel: said[half::2] for channel, said in kind.wordings.items() if said[half::2]}
    return replace(
        kind,
        wordings=wordings,
        channels={word: share for word, share in kind.channels.items() if word in wordings},
        variants=tuple(replace(v, cues=v.cues[half::2]) for v in kind.variants),
        titles=kind.titles[half::2],
    )


def faults(kind: Kind) -> list[str]:
    """What is wrong with a kind, in words; empty when it is usable."""
    found = [
        said
        for said, holds in (
            (f"place {kind.place!r} is unknown", kind.place in PLACES),
            (f"hours {kind.hours} are not within a day", 0 <= kind.hours[0] < kind.hours[1] <= 24),
            (f"weight {kind.weight} is not positive", kind.weight > 0),
            (f"reports {kind.reports} are not a range", 1 <= kind.reports[0] <= kind.reports[1]),
            (f"spread {kind.spread} is not a range", kind.spread[0] <= kind.spread[1]),
            (f"lasting {kind.lasting} is not a range", kind.lasting[0] <= kind.lasting[1]),
            (f"urgency {kind.urgency} is not 1, 2 or 3", kind.urgency in (1, 2, 3)),
            ("natures hold an unknown word or none", _known(kind.natures, NATURES)),
            ("channels hold an unknown word or none", _known(kind.channels, CHANNELS)),
            ("wordings hold an unknown channel", _known(kind.wordings, CHANNELS)),
            (f"fewer than {_LEAST_TITLES} titles", len(kind.titles) >= _LEAST_TITLES),
            ("fewer than 2 variants", len(kind.variants) > 1),
        )
        if not holds
    ]
    for variant in kind.variants:
        found += _variant_faults(variant)
    for channel, least in _LEAST.items():
        words = kind.wordings.get(channel, ())
        if len(words) < least:
            found.append(f"wordings.{channel} holds {len(words)}, at least {least} wanted")
        if kind.channels.get(channel, 0) > 0 and not words:
            found.append(f"channels.{channel} has weight but no wordings")
        for text in words:
            found += [f"unknown slot in {text!r}" for slot in _SLOT.findall(text)
                      if slot not in SLOTS]  # fmt: skip
    return found


def _variant_faults(variant: Variant) -> list[str]:
    found = [
        f"variant {variant.name!r}: unknown unit {lead!r}"
        for lead in (variant.lead, *variant.assist)
        if lead not in LEADS
    ]
    if variant.tier not in TIERS:
        found.append(f"variant {variant.name!r}: unknown tier {variant.tier!r}")
    if len(variant.cues) < _LEAST_CUES:
        found.append(f"variant {variant.name!r}: fewer than {_LEAST_CUES} cues")
    return found


def _known(shares: Mapping[str, object], words: tuple[str, ...]) -> bool:
    return bool(shares) and all(word in words for word in shares)


def _range(raw: Mapping[str, Any], key: str) -> tuple[float, float]:
    first, last = raw[key]
    return float(first), float(last)


def _parse(raw: Mapping[str, Any]) -> Kind:
    low, high = _range(raw, "reports")
    spread = _range(raw, "spread_minutes")
    lasting = _range(raw, "lasting_days")
    return Kind(
        slug=str(raw["kind"]),
        name=str(raw["name"]),
        name_en=str(raw["name_en"]),
        domain=str(raw["domain"]),
        place=str(raw["place"]),
        hours=_range(raw, "hours"),
        weight=float(raw["weight"]),
        reports=(int(low), int(high)),
        spread=(timedelta(minutes=spread[0]), timedelta(minutes=spread[1])),
        lasting=(timedelta(days=lasting[0]), timedelta(days=lasting[1])),
        danger=bool(raw["danger"]),
        urgency=int(raw["urgency"]),
        natures={str(word): float(share) for word, share in raw["natures"].items()},
        channels={str(word): float(share) for word, share in raw["channels"].items()},
        variants=tuple(_variant(entry) for entry in raw["variant"]),
        wordings={str(word): tuple(map(str, said)) for word, said in raw["wordings"].items()},
        titles=tuple(map(str, raw["titles"]["items"])),
    )


def _variant(raw: Mapping[str, Any]) -> Variant:
    return Variant(
        name=str(raw["name"]),
        lead=str(raw["lead"]),
        tier=str(raw["tier"]),
        assist=tuple(map(str, raw.get("assist", ()))),
        cues=tuple(map(str, raw["cues"])),
    )
