"""How a report relates to its incident: the first, somebody else's, the same person's again, or her urging.

Four things that are counted apart. The same person is told by the keyed hash of her number, so
whoever is anonymous is always somebody else. Her words are only read for urging: asking how far
her earlier matter is, or saying that nothing was done, with no new facts.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from chengshu.incidents.model import Relation
from chengshu.intake.model import Channel, Nature, Report

_PLAINLY_NOT = frozenset({Nature.SUGGESTION, Nature.PRAISE})
_READ = 2000  # of a text: whoever presses says so early

# Each line is one way in which people press; a word that also belongs to matters (催收 is debt
# collecting, 没有来水 is the matter itself) is fenced off where it stands.
_STILL = r"(?:至今|到现在|到今天|到目前|还是?|仍然?|依然|依旧|一直|始终|迟迟|尚)"
_DONE = (
    r"(?:处理|解决|回复|答复|回应|联系|回电|回音|反馈|结果|动静|进展|消息|下文|音信|整改|落实|修好|修复|维修|"
    r"办理|办结|上门|清走|清掉)"
)
_TIMES = r"(?:好几|几|多|很多|无数|数|[两三四五六七八九十\d]+)(?:次|遍|回)"
_SAID = r"(?:反映|投诉|举报|来电|致电|报修|上报|打电话|打过电话|打12345|拨打)"
PRESSING = (
    r"催(?:办|一下|一催|问|单|下|过|了|处理|进度)",
    r"催促(?!业主|住户|居民|村民|我|家长|员工|学生)",
    r"(?:再|来|又|想|帮忙|帮我)催(?![收缴债讨费熟化泪婚生眠奶租促])",
    rf"{_STILL}(?:都|也|还是?)?(?:没有?|未|无)(?:任何|一点)?(?:有)?(?:人|部门|单位|工作人员)?"
    rf"(?:来|去|到现场|给我?|跟我|和我|得到|收到|见到|看到)?{_DONE}",
    rf"{_STILL}(?:都|也|还是?)?(?:没有?|未|无)(?:任何)?(?:有)?(?:人|部门|单位)(?:来|管|理|问|过问)(?![收买吃住])",
    r"怎么还(?:没有?|不|未).{0,6}(?:处理|解决|来|修|管|回复|答复|结果|弄好)",
    r"(?:什么时候|啥时候|何时|几时|哪天)(?:才?能|可以|会|才)?.{0,6}?"
    r"(?:解决|处理|修好|修复|来人|答复|回复|办好|办结|有结果|弄好)",
    r"(?:还要|要|得)等(?:多久|到什么时候|到哪天|几天)|多久(?:才?能|可以).{0,6}?(?:解决|处理|修好|答复|回复|办好)",
    r"(?:查询|询问|咨询|问问?|了解)一?下?.{0,12}(?:进度|进展|(?:处理|办理)(?:情况|结果))",
    r"(?:处理|办理|解决)(?:情况|进度|结果|得|的)?(?:怎么样|如何|咋样|到哪|到什么程度)",
    r"有(?:结果|进展|消息|回音|答复)了?(?:吗|没有|没|么)|有没有(?:结果|进展|消息|回音|人管)",
    r"(?:处理|解决|修好?|办好?|弄好)了(?:吗|没有|没|么)",
    rf"上(?:次|一次|回){_SAID}|上次的(?:工单|事|问题|诉求)",
    rf"(?:之前|此前|前期|前几天|前两天|前天|昨天|上周|上个?月|早就|已经?|先前)(?:已经?|就)?{_SAID}(?:过|了)",
    rf"{_SAID}过?了?{_TIMES}|{_TIMES}{_SAID}|打了?{_TIMES}电话",
    r"迟迟(?:得不到|见不到|不(?:处理|解决|回复|答复|来人|维修|给))|未(?:得到|能|见)(?:有效|妥善)?(?:解决|处理|答复|回复)",
    r"(?:再次|再一次|又一次|又|第[二三四五六七八九十\d]+次)(?:来电|致电|打电话|拨打|打来|打进|打12345|询问)",
    r"工单(?:编号|号码|号|单号)|(?:受理|回执|投诉)(?:编号|单号)",
    r"石沉大海|杳无音信|没有?下文|不了了之|推来推去|踢皮球|光说不做|敷衍了事",
    r"等了.{0,4}(?:天|个?月|周|星期|年)(?:了|还|都|也)",
    r"到底(?:管不管|处不处理|解不解决|有没有人|还管|什么时候)",
    r"(?:说好|承诺|答应).{0,16}(?:还是?没|仍|没有?(?:来|修|处理|解决|兑现)|未兑现)",
)
# What makes it more than pressing: something that the incident does not know yet.
NEW_FACTS = (
    r"另外|此外|除此之外|除了.{1,20}(?:还有?|另)|同时还",
    r"补充(?:反映|说明|材料|照片|证据|一点|一下|情况)",
    r"又(?:发现|出现|新增|多了|塌|裂|断|漏|坏|摔|撞|堆|来了一)",
    r"新(?:增|发现|出现|的?情况|堆)",
    r"更(?:加?严重|厉害|危险|大了|多了|糟)|越来越|加重|恶化|扩大|蔓延",
    r"受伤|摔伤|摔倒|砸伤|住院|着火|起火|冒烟|塌了|倒塌",
    r"这次(?:是|不是|换|连)|不是上次|跟上次不一样|与上次不同",
    r"今(?:天|早|晚)(?:早上|上午|中午|下午|晚上)?.{1,8}(?:也|又)(?:坏|漏|堵|堆|停|断|裂|响|冒)",
)
_PRESSING, _NEW_FACTS = re.compile("|".join(PRESSING)), re.compile("|".join(NEW_FACTS))


def presses(text: str) -> bool:
    """Whether somebody who reported before only asks how far it is, or says that nothing was done.

    Examples:
        >>> presses("上次反映的楼道堆物至今无人处理，请催办")
        True
        >>> presses("上次下雨也这样")
        False
    """
    said = text[:_READ]
    return bool(_PRESSING.search(said)) and not _NEW_FACTS.search(said)


def relation_of(report: Report, callers: Collection[str]) -> Relation:
    """How a report relates to an incident that has reports of these callers already."""
    if not report.caller or report.caller not in callers:
        return Relation.JOINED
    if report.nature not in _PLAINLY_NOT and presses(f"{report.title} {report.text}"):
        return Relation.URGED
    return Relation.REPEATED


def relate(reports: Sequence[Report]) -> dict[int, Relation]:
    """How each of an incident's reports relates to it.

    Args:
        reports: All of them, in the order of time.
    """
    found: dict[int, Relation] = {}
    callers: set[str] = set()
    for report in reports:
        found[report.id] = relation_of(report, callers) if found else Relation.FIRST
        if report.caller:
            callers.add(report.caller)
    return found


def is_machine(report: Report) -> bool:
    """Whether a camera or sensor sent it: another system's message, with nobody behind it."""
    return report.channel is Channel.OTHER and not report.caller


def is_another_person(report: Report, callers: Collection[str]) -> bool:
    """Whether it adds a person to an incident that has reports of these callers; who is unknown always does."""
    if is_machine(report):
        return False
    return not report.caller or report.caller not in callers


__all__ = [
    "NEW_FACTS",
    "PRESSING",
    "is_another_person",
    "is_machine",
    "presses",
    "relate",
    "relation_of",
]
