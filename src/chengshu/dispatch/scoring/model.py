"""What scoring reads of an order, how an order counts, and what comes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

NO_DIFFICULTY: Final = 1.0


class Indicator(StrEnum):
    """One of the seven things that are measured, each as a share between 0 and 1."""

    RESPONSE = "response"  # 先行联系
    ON_TIME = "on_time"  # 按时办结
    RESOLVED = "resolved"  # 核实解决
    SATISFIED = "satisfied"  # 群众满意
    FIRST_RIGHT = "first_right"  # 一次办好
    RETURNS = "returns"  # 规范退回
    EXPLAINED = "explained"  # 答复质量


class Flag(StrEnum):
    """Why an order looks as if it was made for the score."""

    INSTANT = "instant"  # 秒结
    TRIVIA = "trivia"  # 自报自结
    SERIAL_RETURN = "serial_return"  # 连续退回
    SPLIT = "split"  # 一事多单
    REUSED_PHOTO = "reused_photo"  # 照片重复使用
    FAR_BURST = "far_burst"  # 异地集中反馈
    FAR_EVIDENCE = "far_evidence"  # 佐证不在现场


class ExclusionReason(StrEnum):
    """Why an order may be left out of the figures; there are no others."""

    UNREASONABLE = "unreasonable"  # 诉求不合理
    NO_POWER = "no_power"  # 超出法定权限
    FORCE_MAJEURE = "force_majeure"  # 不可抗力
    LEGACY = "legacy"  # 历史遗留
    MISASSIGNED = "misassigned"  # 派单有误
    IN_COURT = "in_court"  # 已入诉讼、复议、信访程序


class Relief(StrEnum):
    """What an upheld appeal changes."""

    CLEAR = "clear"  # 撤销疑点
    EXCLUDE = "exclude"  # 剔除
    COUNT = "count"  # 改计为达标


@dataclass(frozen=True, slots=True)
class Evidence:
    """One picture or paper that a reply leans on.

    Attributes:
        digest: Of its bytes, hexadecimal.
        look: 64-bit difference hash of a picture; None for a paper or a picture too plain to tell.
        at: When it was taken, or else uploaded.
        lon, lat: Where it was taken, WGS-84; None when that was not recorded.
    """

    digest: str
    look: int | None
    at: datetime
    lon: float | None = None
    lat: float | None = None


@dataclass(frozen=True, slots=True)
class CallBack:
    """回访: one attempt, with what the citizen said.

    Attributes:
        outcome: satisfied, basic, unsatisfied, no_answer or refused.
        reasonable: Whether a review found her demand reasonable; None: nobody reviewed it.
    """

    at: datetime
    outcome: str
    reasonable: bool | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """核查: one look at the place by somebody else than the unit."""

    at: datetime
    passed: bool


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """Everything that scoring may know of one order.

    Attributes:
        incident: What it is about; two orders of one incident are one job.
        tier: Of the unit: city, county or township.
        account: Who reported back; None while nobody did.
        due_at: With every extension granted.
        contact_at, contact_due_at: 先行联系, or signing where the city counts that; None: not asked of it.
        returned_at, return_right: When it was handed back, and whether rightly; None: not decided yet.
        rejects: How often a check sent it back to be handled again.
        handlings: 1, or 2 after 二次办理.
        reopened: The same was found again after it was closed, as a false closing.
        reply: The words that answer the citizen.
        sheet: UnitScore of the sampled quality check, 0 to 1; None: not sampled.
        self_reported: Every report of it came from the unit itself.
        merged_away: Another order leads, or the centre took it back: it counts for nobody.
    """

    id: int
    number: str
    incident: int
    unit: str
    tier: str
    matter: str
    area: int
    urgency: int
    assigned_at: datetime
    due_at: datetime | None = None
    contact_at: datetime | None = None
    contact_due_at: datetime | None = None
    signed_at: datetime | None = None
    handled_at: datetime | None = None
    closed_at: datetime | None = None
    account: int | None = None
    lon: float | None = None
    lat: float | None = None
    returned_at: datetime | None = None
    return_right: bool | None = None
    rejects: int = 0
    handlings: int = 1
    reopened: bool = False
    reply: str = ""
    sheet: float | None = None
    checks: tuple[Check, ...] = ()
    calls: tuple[CallBack, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    self_reported: bool = False
    merged_away: bool = False


@dataclass(frozen=True, slots=True)
class Amend:
    """What an upheld appeal changed about one order.

    Attributes:
        indicator: For `Relief.COUNT`, which one is counted as met.
        appeal: Its id.
    """

    relief: Relief
    appeal: int
    indicator: str = ""


@dataclass(frozen=True, slots=True)
class Suspicion:
    """A flag on an order, with the fact that raised it, in both languages."""

    flag: Flag
    chinese: str
    english: str


@dataclass(frozen=True, slots=True)
class Difficulty:
    """难度系数 of one matter, and where it comes from.

    Attributes:
        orders: Of all units, on which it rests.
        hours: Expected hours from assignment to the reply, shrunk towards those of all matters.
        again: Expected share that had to be done again, shrunk likewise.
        factor: What a hit weighs; a miss weighs one divided by it.
    """

    matter: str
    orders: int
    hours: float
    again: float
    factor: float


@dataclass(frozen=True, slots=True)
class Mark:
    """How an order counts for one indicator.

    Attributes:
        value: 1 met, 0 missed, between for a graded sheet; None: says nothing about it.
        why, why_en: The fact behind it.
    """

    value: float | None
    why: str
    why_en: str


@dataclass(frozen=True, slots=True)
class Counted:
    """One order as it went into the figures.

    Attributes:
        share: 1, or one n-th of a job that was split into n orders; 0: it counts for nothing.
        excluded: Reason code, empty when it counts.
        cleared: An inspection or the citizen confirmed it although it was flagged.
    """

    order: int
    number: str
    incident: int
    unit: str
    tier: str
    matter: str
    factor: float
    share: float
    marks: Mapping[Indicator, Mark]
    flags: tuple[Suspicion, ...] = ()
    cleared: bool = False
    excluded: str = ""


@dataclass(frozen=True, slots=True)
class Prior:
    """What is expected of a unit of this tier before one of its orders is looked at.

    Attributes:
        mean: The tier's own share.
        strength: As how many orders it counts.
    """

    mean: float
    strength: float


@dataclass(frozen=True, slots=True)
class Measured:
    """One indicator of one unit.

    Attributes:
        orders: How many say something about it.
        hits, misses: Their weights, met and missed.
        plain: hits / (hits + misses); None without orders.
        value: Shrunk towards the tier.
        low, high: Between which it lies with nine chances in ten.
    """

    indicator: Indicator
    orders: int
    hits: float
    misses: float
    plain: float | None
    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class UnitScore:
    """A unit's month, over all matters or within one.

    Attributes:
        matter: Empty for all.
        orders: Of the month, excluded ones left out.
        points: 0 to 100; None when the tier has no figure at all.
        low, high: Between which the points lie with nine chances in ten.
        measured: The indicators of which the tier knows something.
    """

    unit: str
    tier: str
    matter: str
    orders: int
    flagged: int
    excluded: int
    points: float | None
    low: float | None
    high: float | None
    measured: Mapping[Indicator, Measured] = field(default_factory=dict)
