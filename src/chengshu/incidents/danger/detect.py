"""Whether a message speaks of danger to life or limb, of which kind, by which words, and who is to be called."""

from __future__ import annotations

from dataclasses import dataclass
from math import log
from typing import Final

from chengshu.incidents.danger import features
from chengshu.incidents.danger.context import AGAINST, SIGNS
from chengshu.incidents.danger.features import Hit, Window
from chengshu.incidents.danger.judge import Judge, probability, shipped
from chengshu.incidents.danger.slips import mend

POLICE, FIRE, AMBULANCE = "110", "119", "120"
SERVICE: Final = {
    "gas": FIRE, "fire": FIRE, "trapped": FIRE, "collapse": FIRE, "electric": FIRE, "water": FIRE,
    "violence": POLICE, "selfharm": POLICE, "crowd": POLICE, "missing": POLICE, "child": POLICE,
    "poison": AMBULANCE, "medical": AMBULANCE,
}  # fmt: skip
NAMES: Final = {
    "gas": ("燃气", "gas"), "fire": ("火情", "fire"), "trapped": ("人员被困", "people trapped"),
    "violence": ("暴力", "violence"), "selfharm": ("轻生", "self-harm"), "child": ("儿童", "a child in danger"),
    "collapse": ("坍塌坠物", "collapse or falling objects"), "poison": ("中毒或危化品", "poison or chemicals"),
    "electric": ("触电漏电", "live electricity"), "water": ("涉水险情", "danger in water"),
    "crowd": ("群体聚集", "a crowd"), "medical": ("急病重伤", "illness or injury"),
    "missing": ("人员走失", "a missing person"),
}  # fmt: skip
# A letter has many sentences, each of which could ring by mistake: what rings in one must be surer
# by this much for each doubling of its length, and its words have to be plain and of now.
_LETTER: Final = 120  # characters
_SURER: Final = 1.5
_ACUTE: Final = ("now", "help", "going")
# What no sure cue knows must be surer by this much: the sorts of words alone see danger in much.
_UNNAMED: Final = 0.5
# What is hardly ever said of anything else, with nothing that takes it back, rings by so much at least.
_PLAINLY: Final = 0.2
_SURE: Final = 3
_CLAUSE: Final = "，,、：: "
_BESIDE: Final = (*AGAINST, "daily")
_SHORTEST: Final = 2  # characters


@dataclass(frozen=True, slots=True)
class Span:
    """Words that speak of danger: text[start:end]."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Finding:
    """What a message says of danger.

    Attributes:
        danger: It rings.
        kind: The likeliest kind, one of `cues.KINDS`; "" where nothing rings.
        spans: The words that made it ring, in order, without overlaps.
        probability: That a message like this is dangerous, among those of the danger set.
        service: The line to which transfer is proposed, "110", "119" or "120"; "" where nothing rings.
        why: The reason in Chinese.
        why_en: The same in English.
    """

    danger: bool
    kind: str
    spans: tuple[Span, ...]
    probability: float
    service: str
    why: str
    why_en: str


QUIET: Final = Finding(False, "", (), 0.0, "", "", "")


def find(text: str, judge: Judge | None = None, *, within: int = 0) -> Finding:
    """Judge one message, or a title of one.

    Args:
        text: What was said.
        judge: The weights; those shipped by default.
        within: Characters of the whole message, where the text is a part of one.

    Examples:
        >>> found = find("屋里一股煤气味,嘶嘶响")
        >>> found.kind, found.service, [span.text for span in found.spans]
        ('gas', '119', ['一股煤气'])
        >>> find("天然气价格什么时候下调").danger
        False
    """
    judge = judge or shipped()
    said = mend(text)
    parts = list(features.windows(said))[: features.MOST_WINDOWS]
    length = max(len(text), within)
    letter = length > _LETTER
    least = judge.threshold + (_SURER * log(length / _LETTER, 2) if letter else 0.0)
    loudest: Window | None = None
    most = -99.0
    for start, end in parts:
        if end - start < _SHORTEST:
            continue
        window = features.read(said, start, end)
        if letter and not _plain_and_now(window):
            continue
        odds = judge.log_odds(said, window)
        if not window.features["cue:sure"]:
            odds -= _UNNAMED
        elif not letter and _plainly(said, window):
            odds = max(
                odds, least + _PLAINLY
            )  # «有人触电了» rings whatever daily words stand beside it
        if odds > most:
            most, loudest = odds, window
    if loudest is None:
        return QUIET
    if most <= least:
        return Finding(False, "", (), round(probability(most - least), 4), "", "", "")
    return _ring(text, said, loudest, probability(most - least))


def _plain_and_now(window: Window) -> bool:
    """A sure cue, nothing that takes it back, and beside it a sign that it is going on or that help is asked for."""
    signs = window.features
    return bool(signs["cue:clean"]) and any(f"at:{name}" in signs for name in _ACUTE)


def _plainly(said: str, window: Window) -> bool:
    """Whether a sure cue stands in a clause with nothing that takes it back, whatever is said beside it."""
    if not window.features["cue:clean"]:
        return False
    for hit in window.hits:
        if hit.cue.strength == _SURE:
            start = max(said.rfind(mark, window.start, hit.start) for mark in _CLAUSE) + 1
            ends = [at for mark in _CLAUSE if (at := said.find(mark, hit.end, window.end)) >= 0]
            clause = (max(start, window.start), min(ends, default=window.end))
            if not any(SIGNS[name].search(said, *clause) for name in _BESIDE):
                return True
    return False


def _ring(text: str, said: str, window: Window, chance: float) -> Finding:
    kind = _kind(window)
    spans = _spans(text, window)
    words = "、".join(f"「{span.text}」" for span in spans[:4])
    acute = [
        found.group()
        for name in _ACUTE
        if (found := SIGNS[name].search(said, window.start, window.end))
    ]
    name, name_en = NAMES[kind]
    service = SERVICE[kind]
    why = f"文中{words}像是{name}险情"
    why_en = f"{words} sounds like {name_en}"
    if acute:
        why += f"，「{acute[0]}」说明正在发生或在求助"
        why_en += f", and 「{acute[0]}」 that it is going on or that help is asked for"
    return Finding(
        True, kind, spans, round(chance, 4), service,
        f"{why}，建议转接{service}。", f"{why_en}; transfer to {service} is proposed.",
    )  # fmt: skip


def _kind(window: Window) -> str:
    """The kind that most cues speak for, the sure ones most; what is caused gives way to its cause."""
    weight: dict[str, float] = {}
    for hit in window.hits:
        weight[hit.cue.kind] = (
            weight.get(hit.cue.kind, 0.0) + (0.1, 0.3, 1.0, 2.5)[hit.cue.strength]
        )
    return max(weight, key=lambda kind: (weight[kind], kind)) if weight else "medical"


def _spans(text: str, window: Window) -> tuple[Span, ...]:
    """The words of the strongest cues, the shortest first where they overlap; the window where there is none."""
    top = max((hit.cue.strength for hit in window.hits), default=0)
    chosen: list[Hit] = []
    for hit in sorted(window.hits, key=lambda h: (-h.cue.strength, h.end - h.start, h.start)):
        if hit.cue.strength < min(top, 2):
            break
        if all(hit.end <= other.start or hit.start >= other.end for other in chosen):
            chosen.append(hit)
    places = sorted((hit.start, hit.end) for hit in chosen) or [(window.start, window.end)]
    return tuple(Span(start, end, text[start:end]) for start, end in places)
