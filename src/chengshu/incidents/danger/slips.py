"""Mending slips of typing and hearing in words of danger: 「着伙」 is read as 「着火」.

A character of the word is replaced by one that sounds alike; what is itself a word stays as it is.
Length and positions do not change, so that spans found in the mended text hold in the original.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

import rjieba

# Words that a slip must not hide.
_WORDS: Final = (
    "着火 起火 失火 冒烟 冒火 大火 浓烟 黑烟 救火 救命 求救 救护 煤气 燃气 天然气 液化气 漏气 泄漏 泄露 爆炸 "
    "被困 困住 电梯 反锁 卡住 夹住 压住 砸到 砸中 掉河 掉进 落水 溺水 淹了 塌了 要塌 倒塌 触电 漏电 打架 打人 "
    "拿刀 有刀 持刀 出血 流血 吐血 砍人 跳楼 跳河 自杀 割腕 上吊 轻生 农药 中毒 氯气 氨气 晕倒 昏倒 摔倒 倒地 "
    "昏迷 抽搐 呼吸 走失 走丢 失踪 不见 老人 小孩 孩子 堵路 聚集 消防 楼上 二楼 痴呆 山坡 滑坡 裂了 喘不上 "
    "在冒 在漏 在哭 在烧 在打 在车里 头破 报警 急救"
).split()
_SOUNDS: Final = (
    "火伙或货 失师施石实是 起启 烟咽淹焰 浓农 救就旧 命名 煤没梅 气汽器 燃然 漏露楼陋 泄谢卸泻 泄写 爆报暴 炸诈 困捆 "
    "梯题体提 锁所索 反返 卡咖 夹家加 压鸭 砸杂 掉调吊 河何和 落洛 溺腻逆 淹烟 塌踏榻他 倒到道 触处出 电店垫 架驾价 "
    "打大 刀到道 血学雪 砍看坎 跳挑条 杀沙纱傻 割歌 腕晚碗 吊掉 轻清 农浓 毒独读 氯绿 氨安 晕运韵 昏婚 摔甩帅 迷谜 搐触 "
    "吸息 丢丟 踪宗 见件 堵赌 聚具 防房 痴吃 呆待 坡皮破 裂列 在再 护户沪 喘串 警井 急及"
).split()


@cache
def _variants() -> tuple[re.Pattern[str], dict[str, str]]:
    alike: dict[str, set[str]] = {}
    for group in _SOUNDS:
        for one in group:
            alike.setdefault(one, set()).update(set(group) - {one})
    kept: dict[str, str] = {}
    for word in _WORDS:
        for at, char in enumerate(word):
            for other in alike.get(char, ()):
                wrong = word[:at] + other + word[at + 1 :]
                if wrong not in _WORDS and rjieba.cut(wrong, hmm=False) != [wrong]:
                    kept.setdefault(wrong, word)
    for wrong in _ORDINARY:
        kept.pop(wrong, None)
    return re.compile("|".join(sorted(map(re.escape, kept), key=len, reverse=True))), kept


# Parts of ordinary sentences that only look like slips: 「楼电」 of 「上楼电梯」.
_ORDINARY: Final = (
    "他了 要他 大货 起货 冒货 失货 着货 在大 在楼 在露 在陋 倒他 咽了 楼电 泄楼 二漏 二露 二陋 中读 中独 出电 出血 "
    "救货 施火 石火 旧火 实火 走实 走师 走施 走石 跳何 跳和 跳漏 跳露 跳陋 条楼 运倒 踏了 吃呆 垫梯 写漏 写露 然气 "
    "漏上 露上 陋上 店梯 电题 被捆 杂中 杂到 持到 持道 砸道 道塌 头坡 旧命 旧护 求旧 滑破 滑皮 急旧 吐学 具集 处血 "
    "救户 谢露 谢漏 卸漏 卸露 启火 师火 冒或 报井"
).split()


def mend(text: str) -> str:
    """The text with words of danger spelt as they are meant; as long as before.

    Examples:
        >>> mend("二喽着伙了,电体里有人")
        '二喽着火了,电梯里有人'
    """
    pattern, meant = _variants()
    return pattern.sub(lambda found: meant[found.group()], text)
