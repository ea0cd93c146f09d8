"""Every channel has its scorecard, and the scorecard its channel."""

from __future__ import annotations

import re
from pathlib import Path

from chengshu.intake.model import Channel

CONCERNS = {"auth", "retry", "idempotent", "rate_limit", "sample_payloads", "docs"}


def test_the_scorecard_is_complete() -> None:
    folder = Path(__file__).parents[2] / "src/chengshu/intake"
    cards: dict[str, dict[str, str]] = {}
    for line in (folder / "scorecard.yaml").read_text("utf-8").splitlines():
        if head := re.fullmatch(r"(\w+):", line):
            cards[head[1]] = {}
        elif entry := re.fullmatch(r'  (\w+): (done\b.*|"exempt: .{10,}")', line):
            cards[list(cards)[-1]][entry[1]] = entry[2]
        else:
            assert line.startswith("#"), line
    assert cards.keys() == {channel.value for channel in Channel}
    assert all(card.keys() == CONCERNS for card in cards.values())
    assert all((folder / f"{name}.py").is_file() for name in cards)
