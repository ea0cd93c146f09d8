"""Who judges a unit: the centre above it."""

from __future__ import annotations

from chengshu.agencies.model import Kind
from chengshu.dispatch.propose import Directory


def centre_above(unit: str, directory: Directory) -> str | None:
    """The nearest centre over a unit; None above the city's."""
    above = unit.rpartition(".")[0]
    while above:
        known = directory.units.get(above)
        if known is not None and known.kind is Kind.CENTRE:
            return above
        above = above.rpartition(".")[0]
    return None
