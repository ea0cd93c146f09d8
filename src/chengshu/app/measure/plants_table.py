"""Plants' files for `chengshu eval plants --data`: read, checked, or refused with the row."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Final

import numpy as np

from chengshu.kit.errors import Invalid
from chengshu.warning import Readings
from chengshu.warning.model import Whole
from chengshu.warning.models.closed_plant import QUIET_DAYS, STREAMS

_MOST_DAYS: Final = 5000
_LEAST_AFTER: Final = 14  # days to be watched at least


@dataclass(frozen=True, slots=True)
class Case:
    """Readings with the truth: the day each plant started again, -1 for never."""

    name: str
    readings: Readings
    restart_day: Whole


def read(folder: Path) -> Case:
    """registry.csv (plant,state), readings.csv (plant,day,stream,value), truth.csv (plant,restart_day).

    An empty value is no reading; of rows for the same plant, day and stream the last one counts.

    Raises:
        Invalid: A file or column is missing, a row names an unknown plant or stream, a day is no whole
            number from 0, a value is no number; says which row.
    """
    states: dict[str, str] = {}
    for line, (plant, state) in _rows(folder / "registry.csv", ("plant", "state")):
        if not plant or plant in states:
            raise _wrong(
                "registry.csv",
                line,
                f"企业 {plant!r} 为空或重复",
                f"plant {plant!r} is empty or repeated",
            )
        states[plant] = state
    number = {plant: at for at, plant in enumerate(states)}
    if not number:
        raise Invalid("registry.csv", "registry.csv 中没有企业", "registry.csv holds no plant")
    values = _values(folder, number)
    days = next(iter(values.values())).shape[1]
    restart = np.full(len(number), -1, dtype=np.int64)
    for line, (plant, text) in _rows(folder / "truth.csv", ("plant", "restart_day")):
        at = _known(number, plant, "truth.csv", line)
        if text:
            restart[at] = _day(text, "truth.csv", line)
            if not QUIET_DAYS <= restart[at] < days:
                raise _wrong("truth.csv", line, f"复产日 {text} 不在 {QUIET_DAYS} 至 {days - 1} 之间",
                             f"restart_day {text} is not between {QUIET_DAYS} and {days - 1}")  # fmt: skip
    return Case(folder.name, Readings(tuple(states), tuple(states.values()), values), restart)


def _values(folder: Path, number: dict[str, int]) -> dict[str, np.ndarray[tuple[int, ...], np.dtype[np.float64]]]:  # fmt: skip
    streams = {stream.key: at for at, stream in enumerate(STREAMS)}
    plants: list[int] = []
    days: list[int] = []
    kinds: list[int] = []
    amounts: list[float] = []
    name = "readings.csv"
    for line, (plant, day, stream, value) in _rows(
        folder / name, ("plant", "day", "stream", "value")
    ):
        if stream not in streams:
            raise _wrong(name, line, f"未知的数据流 {stream!r}", f"unknown stream {stream!r}")
        plants.append(_known(number, plant, name, line))
        days.append(_day(day, name, line))
        kinds.append(streams[stream])
        amounts.append(_amount(value, name, line))
    last = max(days, default=0) + 1
    if last < QUIET_DAYS + _LEAST_AFTER:
        raise Invalid(name, f"{name} 至少需要 {QUIET_DAYS + _LEAST_AFTER} 天，只有 {last} 天",
                      f"{name} must span at least {QUIET_DAYS + _LEAST_AFTER} days, not {last}")  # fmt: skip
    table = np.full((len(STREAMS), len(number), last), np.nan)
    table[kinds, plants, days] = amounts
    return {stream.key: table[at] for at, stream in enumerate(STREAMS)}


def _rows(path: Path, columns: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    """Line number and the wanted cells of each row."""
    if not path.is_file():
        raise Invalid(path.name, f"缺少文件 {path.name}", f"the file {path.name} is missing")
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = csv.reader(file)
            head = [cell.strip() for cell in next(rows, [])]
            for column in columns:
                if column not in head:
                    raise Invalid(
                        column,
                        f"{path.name} 缺少列 {column}",
                        f"{path.name} lacks the column {column}",
                    )
            at = [head.index(column) for column in columns]
            for line, row in enumerate(rows, 2):
                if not row:
                    continue
                if len(row) <= max(at):
                    raise _wrong(path.name, line, "列数不足", "has too few columns")
                yield line, [row[place].strip() for place in at]
    except UnicodeDecodeError:
        raise Invalid(
            path.name, f"{path.name} 不是 UTF-8 编码", f"{path.name} is not UTF-8"
        ) from None


def _known(number: dict[str, int], plant: str, name: str, line: int) -> int:
    if plant not in number:
        raise _wrong(
            name,
            line,
            f"企业 {plant!r} 不在 registry.csv 中",
            f"plant {plant!r} is not in registry.csv",
        )
    return number[plant]


def _day(text: str, name: str, line: int) -> int:
    """A day from 0; 120.0 is read as 120, as spreadsheets write it."""
    try:
        day = float(text)
    except ValueError:
        day = float("nan")
    if not (isfinite(day) and day == int(day) and 0 <= day < _MOST_DAYS):
        raise _wrong(name, line, f"日期 {text!r} 不是 0 至 {_MOST_DAYS - 1} 的整数",
                     f"day {text!r} is no whole number from 0 to {_MOST_DAYS - 1}")  # fmt: skip
    return int(day)


def _amount(text: str, name: str, line: int) -> float:
    if not text:
        return float("nan")
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not isfinite(value):
        raise _wrong(name, line, f"读数 {text!r} 不是数值", f"value {text!r} is no number")
    return value


def _wrong(name: str, line: int, chinese: str, english: str) -> Invalid:
    return Invalid(name, f"{name} 第 {line} 行：{chinese}", f"{name}, row {line}: {english}")
