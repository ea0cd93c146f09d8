"""What a library holds: passages with fields, and how their texts and questions are put in order."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from chengshu.incidents.words import plain

MOST_CHARS: Final = 8_000  # of a passage or question that are read; what follows repeats or argues
HEAD: Final = 24  # characters that say what a question is about where it has no title
_LONGEST_TITLE: Final = 60
_SPACE = re.compile(r"\s+")
_ARTICLE = re.compile(r"第[一二三四五六七八九十百千零〇\d]+条.*$", re.DOTALL)
_POLITE = re.compile(r"请问|您好|你好|尊敬的?|谢谢|感谢|麻烦|想咨询一下|我想问一下?|咨询一下")


@dataclass(frozen=True, slots=True)
class Passage:
    """One thing that can be found.

    Attributes:
        name: Unique in its library. What stands before 第…条 names the source it is a part of.
        body: Its text.
        title: A heading; empty when the name says it.
        place, matter, unit, season: Words to narrow a search by before texts are compared; empty when unknown.
    """

    name: str
    body: str
    title: str = ""
    place: str = ""
    matter: str = ""
    unit: str = ""
    season: str = ""

    @property
    def text(self) -> str:
        """What is compared: its title, or the source that its name tells, and its body."""
        return tidy(f"{self.title or source(self.name)}{self.body}")


def tidy(text: str) -> str:
    """Half-width, lower case, without white space, at most `MOST_CHARS`.

    Examples:
        >>> tidy("ＡＢ 区　路灯\\n坏了")
        'ab区路灯坏了'
    """
    return _SPACE.sub("", plain(text[:MOST_CHARS]))


def asked(text: str) -> str:
    """A question without politeness; as it is when nothing else is in it.

    Examples:
        >>> asked("您好，请问 离婚冷静期有多久？")
        ',离婚冷静期有多久?'
    """
    whole = tidy(text)
    return _POLITE.sub("", whole) or whole


def head(text: str) -> str:
    """What a question is about: its first line where that is a title, else its first `HEAD` characters."""
    first, _, rest = text.strip().partition("\n")
    if rest.strip() and len(first) <= _LONGEST_TITLE:
        return asked(first)
    return asked(text)[:HEAD]


def source(name: str) -> str:
    """The law or document that an article belongs to; empty for a name that names no article.

    Examples:
        >>> source("城市绿化条例第三十条"), source("如何办理居住证")
        ('城市绿化条例', '')
    """
    found = _ARTICLE.sub("", name)
    return "" if found == name else found
