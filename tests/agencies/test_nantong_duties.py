"""Nantong's own responsibility list: whole, cited, and no row copied from another."""

from __future__ import annotations

from collections import Counter

from chengshu.agencies.duties.check import check
from chengshu.agencies.duties.model import TOWNSHIP, DutyStage
from chengshu.agencies.matters import read_matters
from chengshu.agencies.model import Tier
from tests.agencies.duty_rows import DAY, NANTONG, nantong


def test_it_keeps_every_rule() -> None:
    catalogue, ground = nantong()
    assert [f.text() for f in catalogue.faults] == []
    assert [f.text() for f in check(catalogue.rows, ground, DAY)] == []


def test_there_are_at_least_300_matters_each_with_a_lead_everywhere() -> None:
    catalogue, _ = nantong()
    handled = {r.duty.matter for r in catalogue.rows if r.duty.stage is DutyStage.HANDLE}
    assert len(handled) >= 300
    assert handled == set(catalogue.matters)
    names = Counter(m.name for m in catalogue.matters.values())
    assert max(names.values()) == 1


def test_every_line_of_the_city_has_something_to_do() -> None:
    catalogue, ground = nantong()
    used = {name for r in catalogue.rows for name in (r.duty.lead, *r.duty.assist)}
    assert {line for line, _ in ground.lines()} - used == set()
    leads = {r.duty.lead for r in catalogue.rows}
    assert len(leads) >= 40
    assert TOWNSHIP in leads


def test_powers_lie_at_all_three_tiers_and_at_several_stages() -> None:
    catalogue, _ = nantong()
    assert {r.duty.tier for r in catalogue.rows} == set(Tier)
    assert {r.duty.stage for r in catalogue.rows} == set(DutyStage)


def test_every_row_cites_and_few_citations_were_not_looked_up() -> None:
    catalogue, _ = nantong()
    cited = [b for r in catalogue.rows for b in r.duty.basis]
    assert all(r.duty.basis for r in catalogue.rows)
    assert sum(not b.checked for b in cited) / len(cited) < 0.05


def test_conditions_are_the_matters_own() -> None:
    """No two rows share a sentence, not even where the check would let them."""
    catalogue, _ = nantong()
    for key in ("file_when", "close_when"):
        said = Counter(getattr(r.duty, key) for r in catalogue.rows)
        assert [text for text, count in said.items() if count > 1] == []


def test_conditions_are_said_in_both_languages() -> None:
    catalogue, _ = nantong()
    for row in catalogue.rows:
        assert len(row.duty.file_when_en) >= 12, row.duty.matter
        assert len(row.duty.close_when_en) >= 6, row.duty.matter


def test_the_matters_that_merging_was_fitted_on_stay_as_they_are() -> None:
    catalogue, _ = nantong()
    for name, matter in read_matters(NANTONG / "matters.toml").items():
        assert catalogue.matters[name] == matter


def test_leads_agree_with_the_matters_file() -> None:
    """One list knows two lists' leads; housing funds alone have a centre of their own by now."""
    catalogue, _ = nantong()
    old = read_matters(NANTONG / "matters.toml")
    differ = {r.duty.matter for r in catalogue.rows
              if r.duty.stage is DutyStage.HANDLE and r.duty.matter in old
              and (r.duty.lead, r.duty.tier) != (old[r.duty.matter].lead, old[r.duty.matter].tier)}  # fmt: skip
    assert differ == {"housing.fund"}


def test_new_matters_have_words_of_citizens() -> None:
    catalogue, _ = nantong()
    old = read_matters(NANTONG / "matters.toml")
    for name, matter in catalogue.matters.items():
        assert name in old or 8 <= len(matter.keywords) <= 25, name
        assert all(0.5 <= weight <= 4 for weight in matter.keywords.values())
        assert len(matter.path) == 3
        assert matter.name_en.isascii()


def test_files_are_of_a_size_that_can_be_read() -> None:
    for path in sorted((NANTONG / "responsibilities").glob("*.toml")):
        assert len(path.read_text("utf-8").splitlines()) <= 500, path.name
