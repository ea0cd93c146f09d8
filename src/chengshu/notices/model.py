"""A delivery, what is sent, and whom it is for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final


class Way(StrEnum):
    """The way a notice leaves the house. In the product itself every notice is shown anyway."""

    SMS = "sms"  # 短信
    EMAIL = "email"  # 邮件
    WEBHOOK = "webhook"  # 系统推送


class DeliveryState(StrEnum):
    """Where a delivery stands."""

    WAITING = "waiting"  # 待发
    SENDING = "sending"  # 发送中
    SENT = "sent"  # 已发
    DEAD = "dead"  # 死信，待人工重发
    STOPPED = "stopped"  # 已停发


class Recipient(StrEnum):
    """Whom a template is for."""

    DUTY = "duty"  # 值班员
    LEADER = "leader"  # 带班领导
    UNIT = "unit"  # 单位值班电话或邮箱
    REPORTER = "reporter"  # 反映人
    HOOK = "hook"  # 订阅系统


ORDINARY: Final = 0
URGENT: Final = 1
DANGER: Final = 2


@dataclass(frozen=True, slots=True)
class Notice:
    """A row that dispatch wrote, with what its words may be made of.

    Attributes:
        event: What happened; empty where nobody said.
        quiet: A report of its incident is confidential: neither title nor place leaves the house.
    """

    id: int
    report: int | None
    unit: str | None
    incident: int
    text: str
    at: datetime
    event: str
    level: int
    number: str
    title: str
    place: str
    danger: bool
    urgency: int
    due_at: datetime | None
    quiet: bool


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message to one address.

    Attributes:
        key: The same for every attempt: whoever gets it twice knows it by this.
        recipient: Masked; the address itself is opened when it is sent and never kept here.
        next_at: When a worker takes it, or takes it again when the first one died; None when it has ended.
    """

    key: str
    incident: int
    notice: int
    event: str
    level: int
    channel: Way
    unit: str | None
    person: int | None
    report: int | None
    hook: int | None
    recipient: str
    text: str
    next_at: datetime | None
    created_at: datetime
    subject: str = ""
    state: DeliveryState = DeliveryState.WAITING
    attempts: int = 0
    last_error: str = ""
    sent_at: datetime | None = None
    id: int = 0


@dataclass(frozen=True, slots=True)
class Message:
    """What a sender is given.

    Attributes:
        address: Telephone, mailbox or URL, in plain text.
        secret: What a webhook is signed with; empty otherwise.
        facts: What a machine reads beside the text.
    """

    key: str
    address: str
    subject: str
    text: str
    at: datetime
    secret: str = ""
    facts: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Alarm:
    """An urgent notice that is repeated, and climbs, until somebody acknowledges it.

    Attributes:
        rung: How often it was sent.
    """

    notice: int
    incident: int
    unit: str
    level: int
    event: str
    text: str
    begun_at: datetime
    rung: int
    next_at: datetime | None
    ended_at: datetime | None
    ended_by: str
