"""A plot as SVG: which share of restarts is found within how many days, a panel for each case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from xml.sax.saxutils import escape

_WIDE, _HIGH, _LEFT, _TOP, _GAP = 360, 240, 50, 40, 40
_COLOURS: Final = ("#0b5fff", "#b04a00", "#00796b", "#7b1fa2", "#5d4037", "#546e7a", "#9e9d24",
                   "#c2185b", "#8d8d8d")  # fmt: skip
_DASHES: Final = ("", "6 3", "2 3", "8 3 2 3")


@dataclass(frozen=True, slots=True)
class Curve:
    """Share found within 0, 1, 2 … days."""

    name: str
    shares: tuple[float, ...]


def draw(panels: Mapping[str, Sequence[Curve]]) -> str:
    """The plot, panels side by side; lines differ by colour and by dashes."""
    wide = _LEFT + len(panels) * (_WIDE + _GAP) + 130
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide}" height="{_HIGH + 100}" '
             'font-family="sans-serif" font-size="12"><rect width="100%" height="100%" fill="#fff"/>']  # fmt: skip
    for at, (name, curves) in enumerate(panels.items()):
        parts.append(_panel(_LEFT + at * (_WIDE + _GAP), name, curves))
    for at, curve in enumerate(next(iter(panels.values()), ())):
        x, y = wide - 150, _TOP + 10 + 18 * at
        parts.append(f'<path d="M{x} {y}h24" {_stroke(at)}/>'
                     f'<text x="{x + 30}" y="{y + 4}">{escape(curve.name)}</text>')  # fmt: skip
    return "\n".join([*parts, "</svg>"]) + "\n"


def _panel(left: int, name: str, curves: Sequence[Curve]) -> str:
    low = _TOP + _HIGH
    parts = [f'<text x="{left}" y="{_TOP - 14}" font-size="14">{escape(name)}</text>',
             f'<path d="M{left} {_TOP}v{_HIGH}h{_WIDE}" fill="none" stroke="#333"/>',
             f'<text x="{left + _WIDE / 2}" y="{low + 36}" text-anchor="middle">'
             "days since restart 复产后天数</text>"]  # fmt: skip
    for share in (0.25, 0.5, 0.75, 1.0):
        y = low - share * _HIGH
        parts.append(f'<path d="M{left} {y}h{_WIDE}" stroke="#ddd"/>'
                     f'<text x="{left - 6}" y="{y + 4}" text-anchor="end">{share:.0%}</text>')  # fmt: skip
    last = max((len(curve.shares) for curve in curves), default=2) - 1
    parts += [f'<text x="{left + _WIDE * day / last:.1f}" y="{low + 18}" text-anchor="middle">{day}</text>'
              for day in range(0, last + 1, 10)]  # fmt: skip
    for at, curve in enumerate(curves):
        points = " ".join(f"{left + _WIDE * day / last:.1f},{low - share * _HIGH:.1f}"
                          for day, share in enumerate(curve.shares))  # fmt: skip
        parts.append(f'<polyline points="{points}" fill="none" {_stroke(at)}/>')
    return "\n".join(parts)


def _stroke(at: int) -> str:
    dashes = _DASHES[at % len(_DASHES)]
    return (f'stroke="{_COLOURS[at % len(_COLOURS)]}" stroke-width="{3 if at == 0 else 1.5}"'
            + (f' stroke-dasharray="{dashes}"' if dashes else ""))  # fmt: skip
