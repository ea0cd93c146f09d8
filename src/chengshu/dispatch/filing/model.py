"""A line of business and the filing of an incident in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from chengshu.dispatch.workflow import Labels


@dataclass(frozen=True, slots=True)
class Line:
    """业务条线: a way of working that has words of its own.

    Attributes:
        explicit: A person files the incident before an order is given; else it is filed by itself.
        channels, paths: It takes incidents that begin with a report of one of these channels, and
            whose matter stands under one of these first classes.
        orders: What it calls the verbs of an order, Chinese and English, where not as the table does.
        desk: The same for the desk's verbs of an incident.
    """

    id: str
    name: str
    name_en: str
    explicit: bool = False
    channels: frozenset[str] = frozenset()
    paths: frozenset[str] = frozenset()
    orders: Labels = field(default_factory=dict)
    desk: Mapping[str, tuple[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Filing:
    """立案: by which line an incident goes, what somebody saw before it was filed, and since when it is.

    Attributes:
        registered_at: None: no order may be given yet.
        asked_at: Since when somebody is to look on the spot (核实).
        confirmed: What she found; None while nobody looked.
    """

    incident: int
    line: str
    registered_at: datetime | None = None
    account: int | None = None
    actor: str = ""
    asked_at: datetime | None = None
    asked_words: str = ""
    confirmed: bool | None = None
    confirmed_at: datetime | None = None
    confirmed_by: str = ""
    confirmed_words: str = ""
