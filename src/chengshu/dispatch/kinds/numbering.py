"""Numbering rules: how a number is written, and when the running number begins anew."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from string import Formatter
from typing import Any, Final


class Every(StrEnum):
    """When a running number begins anew."""

    YEAR = "year"
    MONTH = "month"
    DAY = "day"
    NEVER = "never"


_PERIOD: Final = {Every.YEAR: "%Y", Every.MONTH: "%Y%m", Every.DAY: "%Y%m%d", Every.NEVER: ""}
_NEEDS: Final = {
    Every.YEAR: {"year"}, Every.MONTH: {"year", "month"}, Every.DAY: {"year", "month", "day"},
    Every.NEVER: set(),
}  # fmt: skip
_KNOWN: Final = {"year", "month", "day", "n"}


@dataclass(frozen=True, slots=True)
class NumberRule:
    """How the numbers of one series are written.

    Attributes:
        form: Text with {n} and parts of the date.
        digits: Least digits of the running number.
    """

    series: str
    form: str
    every: Every
    digits: int = 1

    def period(self, day: date) -> str:
        """Within what the running number counts on a day of the city's calendar."""
        return day.strftime(_PERIOD[self.every])

    def written(self, day: date, n: int) -> str:
        """The n-th number of the day's period.

        Examples:
            >>> NumberRule("leader", "批〔{year}〕{n}号", Every.YEAR).written(date(2026, 7, 14), 3)
            '批〔2026〕3号'
        """
        return self.form.format(
            year=f"{day:%Y}", month=f"{day:%m}", day=f"{day:%d}", n=str(n).zfill(self.digits)
        )


def rule_of(table: Mapping[str, Any]) -> NumberRule:
    """One rule from its table.

    Raises:
        KeyError, ValueError: A key is missing, or two periods would get the same numbers.
    """
    rule = NumberRule(str(table["series"]), str(table["form"]), Every(table["every"]),
                      int(table.get("digits", 1)))  # fmt: skip
    parts = {name for _, name, _, _ in Formatter().parse(rule.form) if name is not None}
    if unknown := sorted(parts - _KNOWN):
        raise ValueError(f"{rule.series}: unknown {', '.join(unknown)}")
    if missing := sorted(({"n"} | _NEEDS[rule.every]) - parts):
        raise ValueError(f"{rule.series}: numbers would repeat without {', '.join(missing)}")
    if not 1 <= rule.digits <= 9:
        raise ValueError(f"{rule.series}: digits is 1 to 9")
    return rule
