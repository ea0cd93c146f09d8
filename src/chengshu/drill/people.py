"""People of the synthetic city: names and numbers that nobody has, and how they are described.

All telephone numbers lie in 1990000xxxx (callers) and 1990001xxxx (grid workers).
"""

from random import Random
from typing import Final

from chengshu.drill.names import words

_SURNAMES: Final = tuple("王李张陈刘周吴徐顾陆钱沈施季丁曹葛缪保卢尹倪邵成范茅崔石汤黄")
_GIVEN: Final = words(
    "建国 志明 秀兰 桂芳 海燕 晓东 红梅 国平 丽娟 小军 永强 玉珍 子涵 雨桐 浩然 思远 春花 "
    "卫东 慧敏 振华 美玲 金山 银凤 德胜 爱民 文娟 佳怡 宇航 凤英 宝林"
)
_WHO: Final = (
    "一个老大爷", "一位抱小孩的妈妈", "两个中学生", "一个穿黄马甲的外卖小哥", "一名中年女子",
    "一个五十来岁的男的", "一位拄拐的老太太", "几个年轻人", "一名外地口音的男子", "一对老夫妻",
    "一个戴眼镜的小伙子", "一个开电瓶车的女的", "一位环卫工", "三四个上了年纪的人",
    "一个穿睡衣的邻居", "一个胖胖的师傅",
)  # fmt: skip
_CALLERS: Final = 9_000
_REGULARS: Final = 60  # callers who ring again and again, about different things


def caller(rng: Random) -> tuple[str, str]:
    """Draw a caller: name and synthetic number. One in twenty is a regular."""
    number = rng.randrange(_REGULARS) if rng.random() < 0.05 else rng.randrange(_CALLERS)
    own = Random(f"caller/{number}")
    surname, style = own.choice(_SURNAMES), own.random()
    if style < 0.35:
        name = surname + own.choice(("先生", "女士", "女士", "先生", "阿姨", "师傅"))
    else:
        name = surname + own.choice(_GIVEN)
    return name, f"1990000{number:04d}"


def worker_name(rng: Random) -> str:
    """A grid worker's name, marked as synthetic."""
    return f"{rng.choice(_SURNAMES)}{rng.choice(_GIVEN)}（演练）"


def worker_phone(number: int) -> str:
    """A grid worker's synthetic number.

    Examples:
        >>> worker_phone(7)
        '19900010007'
    """
    return f"1990001{number % 10_000:04d}"


def stranger(rng: Random) -> str:
    """A description of somebody seen, for the slot `{who}`."""
    return rng.choice(_WHO)
