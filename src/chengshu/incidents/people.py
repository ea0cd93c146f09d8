"""How many people a message speaks of: words to a range."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from chengshu.incidents.moments.words import number
from chengshu.incidents.words import plain

_MOST: Final = 20_000  # characters that are read
_PEOPLE_MOST: Final = 100_000
_N: Final = r"(?:\d{1,6}|[一二两三四五六七八九十百千万零〇]{1,6})"
_WHO: Final = (
    "人次|人|居民|业主|住户|群众|村民|市民|老人|小孩|孩子|儿童|学生|工人|民工|农民工|员工|职工|男子|女子|男的|女的|男人|女人"
    "|男性|女性|青年|小伙子?|姑娘|妇女|大爷|大妈|老太太?|老头|家长|师生|乘客|顾客|消费者|行人|路人|伤者|患者|病人|同事|保安|司机"
    "|业务员|城管|婴儿|孕妇|伤员|男孩|女孩|游客|客人|房客|租客|租户|徒工|老师|同学|亲戚|家属|醉汉|黑衣人"
)
_COUNTED: Final = re.compile(
    rf"(?<![\d第\.几数好])(?P<about>约|大约|大概|近|将近|至少|超过|不到)?(?P<n>{_N})(?P<to>[-~～至到、]?{_N})?"
    rf"(?P<more>多|余|来|几|好几)?(?:(?P<unit>名|位|个|口|口子)(?:的)?(?:[一-鿿]{{0,3}}?)(?P<who>{_WHO})?|(?P<bare>人(?![民行为才家们员工口事间均生大次]|[^一-鿿]*/)|户(?:人家|居民|业主)?))"
)
_VAGUE: Final = re.compile(
    rf"(?P<word>几十|数十|好几十|上百|数百|几百|成百上千|上千|几千|数千|好几|几|数|十几|好多|许多|很多|大量|多|一群|一帮|一伙|一大群|一批|一大批)"
    rf"(?:余|多)?(?:名|位|个|号)?(?P<who>{_WHO})"
)
_VAGUELY: Final = {
    "几十": (20, 90), "数十": (20, 90), "好几十": (30, 90), "上百": (100, 200), "数百": (200, 900), "几百": (200, 900),
    "成百上千": (100, 5000), "上千": (1000, 2000), "几千": (2000, 9000), "数千": (2000, 9000), "好几": (3, 9),
    "几": (3, 9), "数": (3, 9), "十几": (11, 19), "好多": (5, 100), "许多": (5, 100), "很多": (5, 100),
    "大量": (10, 500), "多": (3, 30), "一群": (4, 50), "一帮": (4, 50), "一伙": (3, 20), "一大群": (10, 100),
    "一批": (5, 50), "一大批": (10, 200),
}  # fmt: skip
_FAMILY: Final = re.compile(
    r"一家(?P<n>[二两三四五六七八九十]|\d{1,2})(?:口人?|个人|人)|(?:母子|父子|母女|父女|爷孙|婆孙|祖孙|夫妻|夫妇|老两口|小两口|姐妹|兄弟|姐弟)(?P<pair>[俩二两]人?|[三四五]人?)?|(?P<two>[俩仨](?:人|个)?|两口子)"
)
_HIT: Final = re.compile(
    r"(?:已|当场|现场)?(?:受伤|重伤|轻伤|被困|死亡|身亡|昏|晕|落水|溺水|失踪|失联|中毒|流血|倒)"
)
_PAIRED: Final = re.compile(r"([一二两三四五六七八])([二三四五六七八九])")  # 三四个人
_PAIR: Final = {"俩": 2, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "仨": 3}


@dataclass(frozen=True, slots=True)
class People:
    """A number of people: text[start:end].

    Attributes:
        low: The fewest that are meant.
        high: The most.
        who: What they are called, empty for just «人».
        confidence: 0..1 that the words count people and count so many.
    """

    start: int
    end: int
    text: str
    low: int
    high: int
    who: str = ""
    confidence: float = 0.9

    def said(self) -> tuple[str, str]:
        """The range, for the person who checks it: Chinese and English."""
        span = str(self.low) if self.low == self.high else f"{self.low}–{self.high}"
        return f"{span} 人", f"{span} people"


def people(text: str) -> tuple[People, ...]:
    """Every number of people in a text, in order, without overlaps.

    Examples:
        >>> [(p.text, p.low, p.high) for p in people("三十多人讨薪，一家三口被困，2名老人受伤")]
        [('三十多人', 31, 39), ('一家三口', 3, 3), ('2名老人', 2, 2)]
    """
    said = plain(text[:_MOST])
    found = [p for p in (_counted(m) for m in _COUNTED.finditer(said)) if p is not None]
    found += [_vague(m) for m in _VAGUE.finditer(said)]
    found += [p for p in (_family(m) for m in _FAMILY.finditer(said)) if p is not None]
    kept: list[People] = []
    for one in sorted(found, key=lambda p: (p.start, -p.end)):
        if not kept or one.start >= kept[-1].end:
            kept.append(People(one.start, one.end, text[one.start : one.end], one.low, one.high, one.who, one.confidence))  # fmt: skip
    return tuple(kept)


def _counted(found: re.Match[str]) -> People | None:
    unit, who, bare = found["unit"], found["who"], found["bare"]
    if unit and not who and unit not in ("名", "位", "口"):
        return None  # 三个 of anything
    if unit in ("名", "位", "口") and not who and unit != "口":
        return None
    if unit == "口" and not who:
        return None
    low, end = _number(found["n"]), found.end()
    if low is None or not 0 < low <= _PEOPLE_MOST:
        return None
    high = low
    if found["to"]:
        other = _number(found["to"].lstrip("-~～至到、"))
        if other is None or other <= low or other > _PEOPLE_MOST:
            return None
        high = other
    elif found["more"]:
        low, high = low + 1, low + _place(low) - 1
        if high < low:
            high = low
    elif pair := _PAIRED.fullmatch(found["n"]):
        low, high = _number(pair[1]) or low, _number(pair[2]) or low
    elif found["n"] == "一" and bare and not _HIT.match(found.string, end):
        return None  # 一人 in general; 一人受伤 is somebody
    about = found["about"]
    if about in ("约", "大约", "大概", "近", "将近"):
        low, high = int(low * 0.9), max(int(high * 1.1), high)
    elif about in ("至少", "超过"):
        high = max(high, low + _place(low))
    elif about == "不到":
        low = max(1, int(low * 0.8))
    households = bare is not None and bare.startswith("户")
    if households:
        low, high = low, high * 4
    return People(found.start(), end, found[0], low, high, "户" if households else "" if who in (None, "人", "人次") else who,
                  0.5 if households else 0.9)  # fmt: skip


def _vague(found: re.Match[str]) -> People:
    low, high = _VAGUELY[found["word"]]
    return People(found.start(), found.end(), found[0], low, high, "" if found["who"] == "人" else found["who"], 0.6)  # fmt: skip


def _family(found: re.Match[str]) -> People | None:
    if found["n"]:
        count = number(found["n"])
        return None if not count else People(found.start(), found.end(), found[0], count, count)
    if found["two"]:
        count = 3 if found["two"].startswith("仨") else 2
        return People(found.start(), found.end(), found[0], count, count, confidence=0.7)
    count = _PAIR.get((found["pair"] or "二")[0], 2)
    return People(found.start(), found.end(), found[0], count, count, confidence=0.9 if found["pair"] else 0.6)  # fmt: skip


def _number(word: str) -> int | None:
    if word.isdigit() and word.isascii():
        return int(word)
    for sign, worth in (("万", 10_000), ("千", 1000)):
        if sign in word:
            head, _, tail = word.partition(sign)
            first = number(head) if head else 1
            rest = _number(tail.lstrip("零〇")) if tail.lstrip("零〇") else 0
            return None if first is None or rest is None else first * worth + rest
    return number(word)


def _place(value: int) -> int:
    """The step that «多» may add: 三十多 is below forty, 百余 below two hundred."""
    step = 1
    while value % (step * 10) == 0 and step * 10 <= value:
        step *= 10
    return max(step, 1)
