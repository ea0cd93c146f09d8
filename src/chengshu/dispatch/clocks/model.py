"""Clocks, what is asked of them, and supervision orders."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from chengshu.agencies.matters import Limit, Span

URGED, RED = 1, 2  # levels of a clock; a supervision order of grade n makes it RED + n


class ClockKind(StrEnum):
    """What a clock measures."""

    SIGN = "sign"  # 签收时限
    SETTLE = "settle"  # 办理总时限


class ClockState(StrEnum):
    """Whether a clock runs."""

    RUNNING = "running"  # 计时中
    PAUSED = "paused"  # 已暂停


class Light(StrEnum):
    """How a clock stands."""

    GREEN = "green"  # 绿灯
    YELLOW = "yellow"  # 黄灯：将到期
    RED = "red"  # 红灯：已超期
    PAUSED = "paused"  # 暂停
    OFF = "off"  # 已停止


class StartRule(StrEnum):
    """When a clock starts; never when the unit signs."""

    REGISTRATION = "registration"  # 自登记起
    NEXT_WORKING_DAY = "next_working_day"  # 自次一工作日起


class Ask(StrEnum):
    """What a unit asks the next tier for."""

    PAUSE = "pause"  # 暂停计时
    EXTENSION = "extension"  # 延期


class AskState(StrEnum):
    """Where a request stands."""

    OPEN = "open"  # 待审批
    APPROVED = "approved"  # 已同意
    REFUSED = "refused"  # 不同意
    LAPSED = "lapsed"  # 已失效：未审批而工单已办；只显示，不保存


@dataclass(frozen=True, slots=True)
class Clock:
    """One clock of one order.

    Attributes:
        start_at: The registration it counts from.
        begun_at: When counting began by the city's rule for the matter.
        limit: None for one whose end was set as an instant; that is then `fixed_at`.
        unit: Whose calendar it runs on.
        cap_at: A deadline from above that ends it earlier. `cap_by`: danger, incident, province,
            leader or superior.
        due_at: None while it is paused and nothing from above runs on.
        yellow_at: From when little is left.
        provisional: The calendar does not know the holidays up to there yet.
        level: 0 nothing yet, 1 urged, 2 red, 2 + n: a supervision order of grade n was given.
    """

    order: int
    kind: ClockKind
    start_at: datetime
    begun_at: datetime
    limit: Limit | None
    unit: str
    due_at: datetime | None
    yellow_at: datetime | None
    fixed_at: datetime | None = None
    cap_at: datetime | None = None
    cap_by: str = ""
    provisional: bool = False
    state: ClockState = ClockState.RUNNING
    level: int = 0

    def light(self, now: datetime) -> Light:
        """Green, yellow or red; a cap runs on while the clock is paused. Whether its stage is over the
        order knows."""
        if self.due_at is not None and self.due_at <= now:
            return Light.RED
        if self.state is ClockState.PAUSED:
            return Light.PAUSED
        near = self.yellow_at is not None and self.yellow_at <= now
        return Light.YELLOW if near else Light.GREEN


@dataclass(frozen=True, slots=True)
class Request:
    """A unit asks the next tier to stop the clock or to give more time.

    Attributes:
        reason: One of the city's named reasons.
        limit: Extension: how much more; pause: after how much it ends by itself, None for the longest.
        to_unit: Who answers.
        from_at: Pause: since when the clock stands. `until_at`: when it went on, or will by itself.
        ended: Pause: it is over.
    """

    id: int
    order: int
    ask: Ask
    reason: str
    words: str
    limit: Limit | None
    unit: str
    to_unit: str
    asked_at: datetime
    account: int | None
    actor: str
    state: AskState = AskState.OPEN
    answered_at: datetime | None = None
    answered_by: int | None = None
    answer_actor: str = ""
    answer: str = ""
    from_at: datetime | None = None
    until_at: datetime | None = None
    ended: bool = False

    @property
    def stands(self) -> bool:
        """Whether this stops the clock now."""
        return self.ask is Ask.PAUSE and self.state is AskState.APPROVED and not self.ended


@dataclass(frozen=True, slots=True)
class Supervision:
    """督办单: a unit is told from above to act and to explain itself.

    Attributes:
        cause: "overdue" when a clock gave it, "person" when somebody did.
        copied: The units above that were told.
        told_late: That no explanation came in time was told.
    """

    id: int
    number: str
    order: int
    unit: str
    by_unit: str
    account: int | None
    actor: str
    grade: int
    cause: str
    words: str
    at: datetime
    explain_by: datetime
    copied: tuple[str, ...] = ()
    told_late: bool = False
    explained_at: datetime | None = None
    explain_actor: str = ""
    explanation: str = ""
    withdrawn_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PauseReason:
    """One of the reasons for which a clock may stand.

    Attributes:
        longest: After this the clock goes on by itself.
    """

    id: str
    name: str
    name_en: str
    longest: Limit


@dataclass(frozen=True, slots=True)
class ExtensionReason:
    """One of the reasons for which more time may be given."""

    id: str
    name: str
    name_en: str


@dataclass(frozen=True, slots=True)
class Grade:
    """When a supervision order is given after expiry, how far up it is copied, and by when it is explained."""

    after: Limit
    copies: int
    explain: Limit
    name: str
    name_en: str


@dataclass(frozen=True, slots=True)
class ClockRules:
    """A city's rules for clocks (clocks.toml).

    Attributes:
        starts: Matters, or the part of their id before the dot, whose clocks do not start with the
            registration.
        yellow_share: The light turns yellow when this share of the limit is left,
        yellow_least: and at the latest when this much is.
        most_pauses: How often one order may be paused. `most_extensions`: and extended.
        extension_share: One extension is no longer than this share of the limit.
        most_extensions_of: Matters for which that number differs.
    """

    starts: Mapping[str, StartRule] = field(default_factory=dict)
    yellow_share: float = 0.25
    yellow_least: timedelta = timedelta(minutes=30)
    pause_reasons: tuple[PauseReason, ...] = ()
    extension_reasons: tuple[ExtensionReason, ...] = ()
    most_pauses: int = 2
    most_extensions: int = 1
    extension_share: float = 1.0
    most_extensions_of: Mapping[str, int] = field(default_factory=dict)
    grades: tuple[Grade, ...] = (
        Grade(Limit(1, Span.DAYS), 1, Limit(1, Span.WORKING_DAYS), "一级督办", "grade 1"),
    )

    def start_of(self, matter: str) -> StartRule:
        """When the clocks of a matter start."""
        group = matter.partition(".")[0]
        return self.starts.get(matter) or self.starts.get(group, StartRule.REGISTRATION)

    def extensions_of(self, matter: str) -> int:
        """How often an order about this may be extended."""
        return self.most_extensions_of.get(matter, self.most_extensions)
