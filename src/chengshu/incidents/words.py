"""Words and hashes of texts: what merging and search look things up by."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from hashlib import blake2b

import rjieba

MAX_WORDS = 400
MERGE_WORDS = (
    80  # what a message is about stands in its first sentences; the rest repeats or argues
)
_HALF = {0xFF01 + i: 0x21 + i for i in range(94)} | {0x3000: 0x20}  # full-width forms to ASCII
_SPOT = re.compile(r"[0-9一二三四五六七八九十]{1,4}(?:号楼|幢|栋|单元|号门|号线|层|楼|室)")
_STOP = frozenset(
    "我们 你们 他们 这个 那个 这样 那样 什么 怎么 没有 现在 已经 还是 就是 不是 可以 因为 所以 但是 而且 如果 "
    "希望 请问 反映 市民 来电 表示 有关 部门 领导 尊敬 您好 你好 谢谢 问题 情况 进行 处理 解决 相关 这里 那里 "
    "一个 一下 一直 非常 很多 时候 时间 今天 昨天 晚上 早上 上午 下午 目前 之后 之前 以及 或者 并且 至今 "
    "来电人 要求 投诉 举报 咨询 求助 建议 核实 答复 回复 尽快 麻烦 居民 附近 旁边 这边 那边 里面 外面 有人 "
    "报警人 报警 接报 网格员 巡查 发现 位于 地址 影响 严重 生活 一些 这么 那么 大家 自己 知道 觉得 出来 起来".split()
)


def plain(text: str) -> str:
    """Half-width and lower case; every character keeps its position, so that spans can be marked."""
    low = text.translate(_HALF).lower()
    return (
        low
        if len(low) == len(text)
        else "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
    )


def words(text: str, most: int = MAX_WORDS) -> list[str]:
    """Content words in order, each once: at least two characters, no common ones."""
    seen: dict[str, None] = {}
    for word in rjieba.cut(plain(text[: 50 * most])):
        if len(word) >= 2 and word not in _STOP and word[0].isalnum():
            seen.setdefault(word, None)
            if len(seen) >= most:
                break
    return list(seen)


def tokens(text: str) -> Iterator[tuple[int, int, bool]]:
    """Where each word of a text stands, and whether it is a content word.

    Examples:
        >>> list(tokens("路灯坏了"))
        [(0, 2, True), (2, 3, False), (3, 4, False)]
    """
    at = 0
    for word in rjieba.cut(plain(text)):
        end = at + len(word)
        yield at, end, len(word) >= 2 and word not in _STOP and word[0].isalnum()
        at = end


def search_words(text: str) -> list[str]:
    """Words for the full-text index: search cut (long words and their parts), single characters dropped."""
    seen: dict[str, None] = {}
    for word in rjieba.cut_for_search(plain(text)[:20_000]):
        if (len(word) >= 2 or word.isdigit()) and word[0].isalnum():
            seen.setdefault(word, None)
            if len(seen) >= MAX_WORDS:
                break
    return list(seen)


def spots(text: str) -> frozenset[str]:
    """Exact spots such as 3号楼 or 2单元."""
    return frozenset(_SPOT.findall(plain(text)))


def spot_spans(text: str) -> list[tuple[int, int]]:
    """Where a text names exact spots."""
    return [match.span() for match in _SPOT.finditer(plain(text))]


@lru_cache(maxsize=1 << 17)
def term(kind: str, value: str) -> int:
    """A signed 63-bit key of one word or place, the same in every process."""
    return int.from_bytes(blake2b(f"{kind}\0{value}".encode(), digest_size=8).digest(), "big") >> 1


def terms(kind: str, values: Iterable[str]) -> list[int]:
    """Keys of many values."""
    return [term(kind, value) for value in values]
