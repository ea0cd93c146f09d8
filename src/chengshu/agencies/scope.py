"""Who may see what: the values that row-level security reads, and nothing else decides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from chengshu.agencies.model import Account, Kind, Role, Unit
from chengshu.places import area_span, level_of


@dataclass(frozen=True, slots=True)
class Scope:
    """What one caller may see.

    Attributes:
        role: A `Role`, or one of the built-in callers: gate, relay, channel, citizen.
        unit: Orders of this unit and of those under it are visible; empty for none.
        span: Half-open range of area codes whose incidents are visible; None for none.
        source: Whose numbering the caller's reports use.
    """

    role: str
    account: int | None = None
    unit: str = ""
    span: tuple[int, int] | None = None
    source: str = ""
    code: str = ""

    def settings(self) -> Mapping[str, str]:
        """The `chengshu.*` settings of a transaction."""
        return {
            "role": self.role,
            "account": "" if self.account is None else str(self.account),
            "unit": self.unit,
            "area_lo": "" if self.span is None else str(self.span[0]),
            "area_hi": "" if self.span is None else str(self.span[1]),
            "source": self.source,
            "code": self.code,
        }

    def may_include(self, area: int) -> bool:
        """False when nothing in `area` can be visible by area; orders may still make it so."""
        return self.span is not None and self.span[0] <= area < self.span[1]


GATE = Scope("gate")
RELAY = Scope("relay")


def of_account(account: Account, unit: Unit) -> Scope:
    """A person's scope: a centre sees its area, a bureau its orders, a grid worker her grid."""
    if account.role.is_admin:
        return Scope(account.role, account.id)
    if account.role is Role.GRID_WORKER:
        span = None if account.grid is None else area_span(account.grid, level_of(account.grid))
        # her own orders only: the unit's would show her the whole township
        return Scope(account.role, account.id, "", span, f"grid:{account.id}")
    span = area_span(unit.area, level_of(unit.area)) if unit.kind is Kind.CENTRE else None
    return Scope(account.role, account.id, unit.unit, span, f"desk:{unit.unit}")


def of_bureau(credential: int, unit: str) -> Scope:
    """A bureau's own system sees the orders of its unit; row-level security keeps named people's from it."""
    return Scope("bureau", unit=unit, source=f"key:{credential}")


def of_channel(credential: int) -> Scope:
    """An outside system sees the reports it sent."""
    return Scope("channel", source=f"key:{credential}")


def of_citizen(code_hash: str = "") -> Scope:
    """A citizen sees the report whose code she has."""
    return Scope("citizen", source="public", code=code_hash)
