"""The kind files: readable, complete, and written message by message, not by template."""

import re
from itertools import combinations
from pathlib import Path

import pytest

from chengshu.drill import KindError, half_of, read_kind
from chengshu.drill.kinds import FOLDER

LONGEST_SHARED = 6
SLOT = re.compile(r"\{\w+\}")
CHINESE = re.compile(r"[\u4e00-\u9fff]+")
FILES = sorted(FOLDER.glob("*.toml"))


def runs(wording: str, length: int) -> set[str]:
    """All runs of `length` Chinese characters, slots taken out."""
    pieces = CHINESE.findall(SLOT.sub("", wording))
    return {piece[at : at + length] for piece in pieces for at in range(len(piece) - length + 1)}


def test_there_are_sixty_kinds() -> None:
    assert len(FILES) >= 60


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_kind_is_readable(path: Path) -> None:
    kind = read_kind(path)
    assert sum(len(said) for said in kind.wordings.values()) >= 14
    assert len({variant.lead for variant in kind.variants}) >= 2


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_no_two_wordings_share_a_skeleton(path: Path) -> None:
    kind = read_kind(path)
    wordings = [text for said in kind.wordings.values() for text in said]
    for first, second in combinations(wordings, 2):
        shared = runs(first, LONGEST_SHARED + 1) & runs(second, LONGEST_SHARED + 1)
        assert not shared, f"{first!r} and {second!r}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_cues_name_no_unit_and_tell_variants_apart(path: Path) -> None:
    kind = read_kind(path)
    cues = [cue for variant in kind.variants for cue in variant.cues]
    assert len(set(cues)) == len(cues)
    for variant in kind.variants:
        for cue in variant.cues:
            assert variant.lead not in cue, cue


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_halves_share_no_sentence(path: Path) -> None:
    halves = [half_of(read_kind(path), half) for half in (0, 1)]
    said = [{w for words in half.wordings.values() for w in words} for half in halves]
    cues = [{cue for v in half.variants for cue in v.cues} for half in halves]
    assert not said[0] & said[1]
    assert not cues[0] & cues[1]
    for half in halves:
        assert half.channels
        assert all(len(v.cues) >= 3 for v in half.variants)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('place = "estate"', 'place = "moon"', "place 'moon'"),
        ("weight = 2.5", "weight = -1", "weight"),
        ('lead = "住建局"', 'lead = "天庭"', "天庭"),
        ("{place}", "{planet}", "unknown slot"),
        ("urgency = 1", "", "urgency"),
        ('domain = "社会治理"', "domain = ", "not TOML"),
        ('kind = "corridor_clutter"', 'kind = "other_kind"', "other_kind"),
    ],
)
def test_error_names_file_and_entry(tmp_path: Path, old: str, new: str, said: str) -> None:
    text = (FOLDER / "corridor_clutter.toml").read_text("utf-8")
    assert old in text
    broken = tmp_path / "corridor_clutter.toml"
    broken.write_text(text.replace(old, new), "utf-8")
    with pytest.raises(KindError, match=r"corridor_clutter\.toml") as caught:
        read_kind(broken)
    assert said in str(caught.value)
