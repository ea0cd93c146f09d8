"""Units, accounts and roles."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a person does. The three administrators are separate persons (三员分立)."""

    CALL_TAKER = "call_taker"  # 受理员
    DISPATCHER = "dispatcher"  # 派遣员
    HANDLER = "handler"  # 承办人
    GRID_WORKER = "grid_worker"  # 网格员
    SUPERVISOR = "supervisor"  # 督办员
    ANALYST = "analyst"  # 研判员
    LEADER = "leader"  # 领导
    SYSTEM_ADMIN = "system_admin"  # 系统管理员
    SECURITY_ADMIN = "security_admin"  # 安全保密管理员
    AUDIT_ADMIN = "audit_admin"  # 安全审计员

    @property
    def is_admin(self) -> bool:
        """Administrators see no city business at all."""
        return self in _ADMINS


_ADMINS = frozenset({Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN})


class Kind(StrEnum):
    """What a unit is."""

    CENTRE = "centre"  # 指挥中心
    BUREAU = "bureau"  # 部门
    COMPANY = "company"  # 公用企业


class Tier(StrEnum):
    """At which of the three tiers a unit works."""

    CITY = "city"
    COUNTY = "county"
    TOWNSHIP = "township"


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit; `unit` is its dotted path in the tree, such as nt.rugao.cgj.

    Attributes:
        line: The line of business (条线) a bureau belongs to, empty for centres.
        area: Code of the area it works in.
    """

    unit: str
    name: str
    name_en: str
    short: str
    kind: Kind
    tier: Tier
    line: str
    area: int

    @property
    def parent(self) -> str | None:
        """The unit above, None for the city's centre."""
        return self.unit.rpartition(".")[0] or None


@dataclass(frozen=True, slots=True)
class Account:
    """A person who may log in."""

    id: int
    login: str
    name: str
    role: Role
    unit: str
    grid: int | None
    active: bool
