"""Truth and files: complete, consistent, and silent about what they must not tell."""

import csv
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from statistics import correlation

from chengshu.drill import Reported, Site, write_csv, write_sites


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as text:
        return list(csv.DictReader(text))


def test_files_agree(tmp_path: Path, stream: list[Reported]) -> None:
    write_csv(tmp_path, stream)
    messages, events = rows(tmp_path / "messages.csv"), rows(tmp_path / "events.csv")
    routes = rows(tmp_path / "routes.csv")
    names = [row["id"] for row in messages]
    assert len(set(names)) == len(names) == len(stream)
    assert [row["message_id"] for row in events] == names
    assert [row["message_id"] for row in routes] == names
    assert all(row["line"] and row["tier"] in ("township", "county", "city") for row in routes)
    assert all(len(row["county"]) == 15 for row in routes)
    assert not {"event", "kind", "line"} & set(messages[0])


def test_ids_and_row_order_leak_nothing(tmp_path: Path, stream: list[Reported]) -> None:
    write_csv(tmp_path, stream)
    messages, events = rows(tmp_path / "messages.csv"), rows(tmp_path / "events.csv")
    order = [float(place) for place in range(len(messages))]
    by_time = sorted(messages, key=lambda row: row["time"])
    at = {row["id"]: place for place, row in enumerate(by_time)}
    assert abs(correlation(order, [float(at[row["id"]]) for row in messages])) < 0.08
    beside = sum(a["event_id"] == b["event_id"] for a, b in pairwise(events))
    assert beside < 0.02 * len(events)
    started = {reported.truth.event: reported.told.said_at for reported in reversed(stream)}
    first = sorted(started, key=lambda event: started[event])
    ranks = [float(sorted(started).index(event)) for event in first]
    assert abs(correlation([float(n) for n in range(len(ranks))], ranks)) < 0.15


def test_truth_is_one_per_happening(stream: list[Reported]) -> None:
    seen: dict[str, object] = {}
    for reported in stream:
        assert seen.setdefault(reported.truth.event, reported.truth) == reported.truth
    events = set(seen)
    earlier = {r.truth.recurrence_of for r in stream if r.truth.recurrence_of}
    assert earlier
    assert earlier <= events


def test_texts_hold_no_ids(stream: list[Reported]) -> None:
    for reported in stream:
        assert reported.truth.event not in reported.told.text
        assert reported.truth.kind not in reported.told.text


def test_register_holds_no_popular_names(tmp_path: Path, sites: Sequence[Site]) -> None:
    write_sites(tmp_path, sites)
    register = rows(tmp_path / "sites.csv")
    assert len(register) == len(sites)
    assert set(register[0]) == {"name", "aliases", "kind", "area", "lon", "lat"}
