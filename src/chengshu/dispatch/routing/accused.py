"""Whom a complaint or denunciation is against: it never goes to the accused.

投诉和举报不得转给被反映的单位或个人: the Regulations on Complaint Letters and Visits (信访工作条例,
2022, article 30) and the Supervision Law forbid to hand a denunciation to the accused. What is said
against the work of a unit goes one tier up; what is said of bribes and abuse of office to 纪检监察.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from chengshu.agencies.model import Kind, Tier, Unit
from chengshu.dispatch.model import Proposal
from chengshu.dispatch.routing import reasons

_ACCUSING: Final = frozenset({"complaint", "denunciation"})

_OFFICER: Final = (
    r"(?:民警|辅警|警察|交警|协警|所长|城管(?:队员|人员|执法)?|执法(?:人员|队员|队)|工作人员|办事员|科员|"
    r"科长|局长|副局长|处长|主任|队长|大队长|中队长|书记|镇长|干部|领导|窗口(?:人员)?|网格员|[\u4e00-\u9fff]某某?)"
)
_GRAFT: Final = re.compile(
    r"收(?:了|受)?(?:\w{0,6})(?:钱|红包|好处|贿)|受贿|行贿|索贿|索要(?:钱|好处|红包)|吃拿卡要|贪污|贪腐|腐败|"
    r"挪用(?:公款|资金|专项)|以权谋私|滥用职权|徇私|利益输送|保护伞|公款|私分"
)
_CONDUCT: Final = re.compile(
    r"不作为|乱作为|推诿|推脱|踢皮球|态度(?:\w{0,4})(?:差|恶劣|蛮横|不好)|骂人|辱骂|打人|殴打|动手打|不出警|"
    r"不受理|不立案|压案|敷衍|糊弄|刁难|包庇|偏袒|粗暴执法|暴力执法|乱罚款|乱收费|违规执法|选择性执法|失职|渎职"
)
_AGAINST: Final = re.compile(r"(?:投诉|举报|控告|检举|反映|状告)(?:的(?:就)?是)?")
_GAP: Final = 24  # characters between the accusing word and whom it names
_OF_LINE: Final[Mapping[str, str]] = {
    "公安局": r"公安(?:局|分局)?|派出所|民警|辅警|警察",
    "交警": r"交警|交通警察|车管所",
    "城管局": r"城管|综合执法",
    "市场监管局": r"市场监管|工商所|市监",
    "镇街": r"(?:街道|镇政府|居委会|村委会|社区|村干部|村书记|便民服务中心)",
    "住建局": r"住建",
    "生态环境局": r"生态环境局|环保局|环保所|环境局",
    "交通局": r"交通局|运管|交通执法",
    "自规局": r"自规局|规划局|国土所|自然资源",
    "人社局": r"人社|社保局|社保中心|劳动监察",
    "卫健委": r"卫健|卫生监督",
    "教育局": r"教育局",
    "民政局": r"民政",
    "水利局": r"水利局",
    "农业农村局": r"农业农村局|农业局",
    "消防救援": r"消防(?:队|大队|支队|救援)",
    "应急局": r"应急局|应急管理",
    "税务局": r"税务",
    "医保局": r"医保局|医保中心",
    "信访局": r"信访局",
    "司法局": r"司法局|司法所",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Accused:
    """Who is accused.

    Attributes:
        words: As the text says it.
        graft: Bribes or abuse of office: a matter for 纪检监察.
    """

    words: str
    graft: bool


def accused(text: str, unit: Unit) -> Accused | None:
    """Whether a text accuses this unit or somebody of it; None where it does not.

    Naming a unit is not accusing it: 投诉路灯不亮，城管局没人管 asks for work. Either its people are named
    after the accusing word, or it is said what they did wrong.

    Examples:
        >>> from chengshu.agencies.model import Kind, Tier
        >>> police = Unit("x.gaj", "公安局", "Police", "公安局", Kind.BUREAU, Tier.COUNTY, "公安局", 320682000000000)
        >>> accused("投诉派出所民警态度恶劣", police).words
        '派出所民警'
        >>> accused("楼下天天打麻将，请派出所来管管", police)
    """
    pattern = _names(unit)
    for found in re.finditer(rf"{pattern}[^，。！？；,.!?]{{0,8}}?{_OFFICER}?", text):
        end = _person_end(text, found)
        start = found.start()
        before = text[max(0, start - _GAP) : start]
        # what another is blamed for after a comma is not the unit's: 请城管局查处，店主态度恶劣
        clause = re.split(r"[，。！？；,;!?\n]", text[start:])[0]
        officer = re.search(_OFFICER, text[start:end]) is not None
        by = list(_AGAINST.finditer(before))
        against = bool(by) and not re.search(r"[，。！？；]", before[by[-1].end() :])
        graft = _GRAFT.search(clause) is not None
        if graft or _CONDUCT.search(clause) or (against and officer):
            return Accused(text[start:end], graft)
    return None


def not_to_the_accused(
    found: Sequence[Proposal], nature: str, text: str, units: Mapping[str, Unit]
) -> list[Proposal]:
    """The same proposals, with who stands above in place of a unit that a complaint is about."""
    if nature not in _ACCUSING and not accuses(text):
        return list(found)
    once: dict[str, Proposal] = {}
    for one in (_passed_up(text, p, units) for p in found):  # two may lead to the same one above
        before = once.get(one.unit)
        once[one.unit] = one if before is None else Proposal(
            one.unit, min(1.0, before.probability + one.probability), before.clues)  # fmt: skip
    return sorted(once.values(), key=lambda p: -p.probability)


def accuses(text: str) -> bool:
    """Whether a text calls itself a complaint or denunciation, however it was filed."""
    return re.search(r"投诉|举报|控告|检举", text) is not None


def instead(unit: Unit, graft: bool, units: Mapping[str, Unit]) -> Unit | None:
    """Who gets it: 纪检监察 of the county or city for graft, else the same line one tier up.

    Where the accused stands at the top of the city it is 纪检监察 as well; without one, the centre
    above. None when there is nobody above.
    """
    discipline = _discipline(unit, units.values())
    if graft and discipline is not None and discipline.unit != unit.unit:
        return discipline
    above = unit.parent and units.get(unit.parent)
    if not above:
        return None
    if unit.kind is Kind.CENTRE:
        return above
    grand = units.get(above.parent) if above.parent else None
    if grand is None:  # a bureau of the city: the centre above it is no judge of it
        return discipline or above
    line = next((u for u in units.values() if u.line == unit.line and u.parent == grand.unit), None)
    return line or grand


def _discipline(unit: Unit, units: Iterable[Unit]) -> Unit | None:
    ours = [u for u in units if u.line == "纪委监委"]
    near = [u for u in ours if u.parent and unit.unit.startswith(u.parent + ".")]
    return max(near, key=lambda u: len(u.unit), default=None)


def _names(unit: Unit) -> str:
    line = "镇街" if unit.kind is Kind.CENTRE else unit.line
    names = [re.escape(n) for n in (unit.name, unit.short) if n]
    if line and len(line) > 1:
        names.append(_OF_LINE.get(line, re.escape(line)))
    return f"(?:{'|'.join(names)})(?:局|委|所|分局|支队|大队|中队)?"


def _person_end(text: str, found: re.Match[str]) -> int:
    """Where the person ends who is named after the unit."""
    tail = text[found.start() : found.end() + 8]
    cut = re.split(r"[，。！？；,.!?\s]", tail)[0]
    officers = list(re.finditer(_OFFICER, cut))
    return found.start() + (officers[-1].end() if officers else found.end() - found.start())


def _passed_up(text: str, proposal: Proposal, units: Mapping[str, Unit]) -> Proposal:
    """The same for who stands above, where the unit or one of its people is accused."""
    clues = list(proposal.clues)
    unit = units[proposal.unit]
    passed: set[str] = set()
    while (found := accused(text, unit)) is not None:
        above = instead(unit, found.graft, units)
        passed.add(unit.unit)
        if above is None or above.unit in passed:
            break
        clues.insert(0, reasons.of_accused(unit, found.words, above))
        unit = above
        if unit.line == "纪委监委" or found.graft or unit.kind is Kind.CENTRE:
            break
        if unit.tier is Tier.CITY and not _names_city(text, unit):
            break
    return Proposal(unit.unit, proposal.probability, tuple(clues))


def _names_city(text: str, unit: Unit) -> bool:
    """Whether the city's own bureau is named: a line alone means the one of the place."""
    return unit.name in text or unit.short in text
