"""`chengshu eval merge --drill SEED`: the synthetic city's many channels through the real engine.

What happened is known of every report. The city has its register of places, and reports come over
their channels with the positions, callers and grids that people and systems give. Nothing ends
here: what recurs comes while its earlier happening is still open, which is harder than in a
centre that closes incidents.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from chengshu.app.measure.eval_merge import figures
from chengshu.app.measure.peers import cluster_peer
from chengshu.app.measure.streams import BATCH, SOURCE, Decision, Say, Streamed, ground, run_through
from chengshu.app.world import World
from chengshu.drill import Kind, Reported, build_sites, read_kinds, reports, write_sites
from chengshu.drill import Site as DrillSite
from chengshu.incidents.attach import Rules
from chengshu.intake.model import Channel, Nature, Report
from chengshu.intake.submit import caller_hash
from chengshu.intake.where import point_of, where
from chengshu.kit.errors import Invalid
from chengshu.kit.sealing import Keyring
from chengshu.kit.settings import Settings
from chengshu.places import City, Locator, Register, read_sites

_START: Final = date(2026, 5, 1)
_DAYS, _PER_DAY = 30, 17  # about 1,750 reports, as in `drill peers`
_MOST: Final = 20_000
_READS: Final = ("text", "place", "both")
_NATURES: Final = {
    "咨询": Nature.INQUIRY, "求助": Nature.HELP, "投诉": Nature.COMPLAINT,
    "举报": Nature.DENUNCIATION, "建议": Nature.SUGGESTION, "表扬": Nature.PRAISE,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Lived:
    """A synthetic city's places, and what its people reported in the order of arrival."""

    sites: tuple[DrillSite, ...]
    told: list[Reported]

    @property
    def truth(self) -> dict[str, str]:
        """Number of a report to its happening."""
        return {r.id: r.truth.event for r in self.told}


def run(settings: Settings, seed: int, how_many: int | None, say: Say) -> dict[str, float]:
    """All figures, by name: those of `eval merge` over every report, and what the engine joined alone.

    `lone_precision` is the share of those reports that joined an incident right, `alone_share` their
    share of all reports, `known_share` that of the reports whose happening was reported before: as
    many as one could join. `peer_bcubed_f1` is average linkage with its threshold tuned on the truth.

    Args:
        how_many: Reports; None takes a month of the city.

    Raises:
        Invalid: `how_many` is out of range.
    """
    if how_many is not None and not 2 <= how_many <= _MOST:
        raise Invalid("reports", f"来件数须在 2 到 {_MOST} 之间：{how_many}",
                      f"the number of reports must lie between 2 and {_MOST}: {how_many}")  # fmt: skip
    with ground(settings, say) as (database, world, keyring):
        lived = live(world.city, read_kinds(), seed, how_many)
        rules = with_register(world, lived.sites)
        say(
            f"seed {seed}: {len(lived.told)} reports of {len(set(lived.truth.values()))} happenings"
        )
        stream = [report_of(r, rules.locator, keyring) for r in lived.told]
        at_once = replace(rules, merge_above=rules.suggest_above)
        accepted = run_through(database, keyring, stream, at_once, 1)
        alone = run_through(database, keyring, stream, rules, BATCH)
    return measured(lived, accepted, alone)


def measured(lived: Lived, accepted: Streamed, alone: Streamed) -> dict[str, float]:
    """The figures of both runs and of the peer."""
    truth = lived.truth
    joins = joined(alone.decisions, truth)
    before: set[str] = set()
    known = 0
    for decision in alone.decisions:
        known += truth[decision.report] in before
        before.add(truth[decision.report])
    return {
        "reports": float(len(truth)),
        "happenings": float(len(before)),
        **figures(accepted, alone, truth),
        "lone_precision": sum(joins.values()) / len(joins) if joins else 1.0,
        "alone_share": len(joins) / len(truth),
        "known_share": known / len(truth),
        "peer_bcubed_f1": max(cluster_peer(lived.told, reads).score.f1 for reads in _READS),
    }


def joined(decisions: Sequence[Decision], truth: Mapping[str, str]) -> dict[str, bool]:
    """The reports that joined an incident, each with whether that was right.

    It is when most reports that the incident held at that moment are of the same happening; of
    two that have as many there, the one that was there first counts.
    """
    found: dict[str, bool] = {}
    held: dict[int, Counter[str]] = {}
    for decision in decisions:
        members = held.setdefault(decision.incident, Counter())
        event = truth[decision.report]
        if not decision.opened:
            found[decision.report] = members.most_common(1)[0][0] == event
        members[event] += 1
    return found


def live(city: City, kinds: Sequence[Kind], seed: int, how_many: int | None) -> Lived:
    """A month of the city, or as many reports as are wanted."""
    sites = build_sites(city, seed)
    days = _DAYS
    while True:
        told = list(reports(city, kinds, seed, _START, days, _PER_DAY, sites=sites))
        if how_many is None or len(told) >= how_many:
            break
        days *= 2
    told.sort(key=lambda r: (r.told.arrives_at, r.id))
    return Lived(sites, told[:how_many])


def with_register(world: World, sites: Sequence[DrillSite]) -> Rules:
    """The city's rules with its register of places, as if it had been imported."""
    with TemporaryDirectory() as folder:
        write_sites(Path(folder), sites)
        register = Register(read_sites(Path(folder) / "sites.csv", world.city))
    return replace(world.rules, locator=Locator(world.city, register))


def report_of(reported: Reported, locator: Locator, keyring: Keyring) -> Report:
    """A report as its channel makes it."""
    told = reported.told
    point = point_of(told.lon, told.lat)
    found = where(
        locator, place=told.place, text=f"{told.title} {told.text}", point=point, grid=told.grid
    )
    return Report(
        id=0, channel=Channel(told.channel), source=SOURCE, channel_id=reported.id,
        received_at=told.arrives_at.astimezone(UTC), said_at=told.said_at.astimezone(UTC),
        title=told.title, text=told.text, nature=_NATURES[told.nature], place=told.place, area=found.area,
        lon=told.lon, lat=told.lat, caller=caller_hash(keyring, told.phone or ""),
        anonymous=told.anonymous, confidential=told.confidential,
    )  # fmt: skip
