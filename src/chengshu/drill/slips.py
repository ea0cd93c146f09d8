"""Slips of tongue, ear and thumb: homophones, dropped characters, lost punctuation."""

import re
from random import Random
from typing import Final

_SOUNDS: Final = {
    "的": "得地", "得": "的", "在": "再", "再": "在", "做": "作", "坐": "座", "座": "坐",
    "已": "以", "像": "象", "账": "帐", "须": "需", "映": "应", "那": "哪", "哪": "那",
    "它": "他", "她": "他", "买": "卖", "带": "戴", "挡": "档", "必": "毕", "反": "返",
    "漏": "露", "堵": "赌", "检": "捡", "急": "及", "修": "休", "副": "付", "幢": "栋",
    "响": "想", "吵": "抄", "晖": "辉", "濠": "豪壕", "苑": "院", "园": "圆", "锦": "景",
    "韵": "运", "泰": "太", "辰": "晨", "棠": "堂", "御": "玉", "华": "花", "港": "岗",
    "秀": "绣", "澜": "兰", "怡": "宜", "源": "元", "灶": "皂", "狼": "郎",
}  # fmt: skip
_MARKS: Final = re.compile("[，。！？；、：]")
_KEEP: Final = frozenset("不没未无0123456789")  # a dropped one would turn the meaning


def slip(text: str, rng: Random, rate: float) -> str:
    """Make about `rate` slips in each 40 characters of a message."""
    count = sum(rng.random() < rate for _ in range(max(1, round(len(text) / 40))))
    for _ in range(count):
        text = rng.choice((_mishear, _mishear, _drop, _unpunctuate))(text, rng)
    return text


def mishear(text: str, rng: Random, rate: float) -> str:
    """Only homophones, as a speech recogniser or a hurried clerk makes them."""
    for _ in range(max(1, round(len(text) / 40))):
        if rng.random() < rate:
            text = _mishear(text, rng)
    return text


def _mishear(text: str, rng: Random) -> str:
    spots = [place for place, char in enumerate(text) if char in _SOUNDS]
    if not spots:
        return text
    spot = rng.choice(spots)
    return text[:spot] + rng.choice(_SOUNDS[text[spot]]) + text[spot + 1 :]


def _drop(text: str, rng: Random) -> str:
    spot = rng.randrange(len(text))
    if len(text) < 12 or text[spot] in _KEEP:
        return text
    return text[:spot] + text[spot + 1 :]


def _unpunctuate(text: str, rng: Random) -> str:
    if rng.random() < 0.4:
        return _MARKS.sub(" ", text).strip()
    return _MARKS.sub("", text, count=rng.randint(1, 3))
