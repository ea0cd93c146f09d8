"""From a paper to its PDF."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from chengshu.dispatch.papers.model import FORMS, Paper, PaperKind
from chengshu.kit.paper import render
from chengshu.kit.times import local

_FOLDER = Path(__file__).parent / "templates"


@lru_cache(maxsize=8)
def _template(kind: PaperKind) -> str:
    return "\n".join((_FOLDER / f"{name}.typ").read_text("utf-8") for name in ("form", kind))


def pdf(paper: Paper, centre: str, seal: str, mark: str) -> bytes:
    """A paper as PDF, A4.

    Args:
        centre: Whose letterhead it carries.
        seal: Who seals it.
        mark: The watermark: who took this copy, and when.
    """
    day = local(paper.at)
    data = {
        "leader": None, "asked": "", "demands": "", "to": "", **paper.facts,
        "title": FORMS[paper.kind].title, "number": paper.number, "centre": centre, "seal": seal, "mark": mark,
        "date": f"{day:%Y}年{day.month}月{day.day}日", "page_word": ["第", "页，共", "页"],
    }  # fmt: skip
    return render(_template(paper.kind), data)
