"""Draw the order's states from the transition table into ARCHITECTURE.md; without --write, only compare."""

from __future__ import annotations

import sys
from pathlib import Path

from chengshu.dispatch.workflow import LIVE, MOVES, OrderStage

DOCUMENT = Path(__file__).parent.parent / "ARCHITECTURE.md"
_BEGIN, _END = "<!-- states: made by scripts/diagram.py -->\n", "<!-- /states -->"


def diagram() -> str:
    """The state diagram, in Mermaid's words."""
    lines = ["```mermaid", "stateDiagram-v2", f"  [*] --> {OrderStage.ASSIGNED}"]
    for stage in OrderStage:
        for verb, move in MOVES.items():
            if stage in move.at:
                lines.append(
                    f"  {stage} --> {move.to or stage}: {verb} {move.label} ({move.party})"
                )
    lines += [f"  {stage} --> [*]" for stage in OrderStage if stage not in LIVE]
    return "\n".join([*lines, "```"]) + "\n"


def drawn(text: str) -> str:
    """A document with the present diagram between its marks.

    Raises:
        ValueError: The marks are missing.
    """
    before, mark, rest = text.partition(_BEGIN)
    _, end, after = rest.partition(_END)
    if not mark or not end:
        raise ValueError("the marks around the state diagram are missing")
    return before + mark + diagram() + end + after


def main(write: bool) -> int:
    """Write the diagram, or say that it is out of date."""
    text = DOCUMENT.read_text(encoding="utf-8")
    if write:
        DOCUMENT.write_text(drawn(text), encoding="utf-8")
    elif drawn(text) != text:
        print(
            "ARCHITECTURE.md: the state diagram differs from dispatch.workflow.MOVES; run make fix"
        )
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main("--write" in sys.argv[1:]))
