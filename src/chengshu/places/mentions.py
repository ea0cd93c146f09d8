"""Free mentions of places, read by their endings: streets, estates, schools, rivers.

No list of streets is needed, so it works in any city; in exchange a mention is a piece of
evidence for «the same place», not an address.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class MentionKind(StrEnum):
    """What sort of place an ending speaks of."""

    ROAD = "road"
    WATER = "water"
    BRIDGE = "bridge"
    ESTATE = "estate"
    VILLAGE = "village"
    BUILDING = "building"
    MARKET = "market"
    SCHOOL = "school"
    HOSPITAL = "hospital"
    PARK = "park"
    STATION = "station"
    COMPANY = "company"
    SITE = "site"


@dataclass(frozen=True, slots=True)
class Mention:
    """A place named at text[start:end]; never longer than eight characters."""

    start: int
    end: int
    text: str
    kind: MentionKind


_LONGEST: Final = 8

# Endings, each with what must not follow: 路灯 is a lamp, 市场监管 an office.
_ENDINGS: Final[dict[MentionKind, tuple[str, ...]]] = {
    MentionKind.ROAD: ("大道", "大街", "公路", "高架", "隧道", r"路(?![灯过人线由费况障子径程途])",
                       r"街(?![道坊头])", r"巷(?![子道])", "弄"),
    MentionKind.WATER: (r"河(?![长床路街]|[北南](?!岸))",
                        r"湖(?![北南路街]|[\u4e00-\u9fff]{1,2}河)", r"溪(?![流口谷路街]|水(?!系))",
                        "景观带", "水库"),
    MentionKind.BRIDGE: ("大桥", r"桥(?!梁)"),
    MentionKind.ESTATE: ("小区", r"花园(?!式)", "花苑", "新村", "家园", "公寓", "公馆", "名都",
                         "华庭", "雅苑", "佳苑", "嘉园", "华府", "别墅", "新苑", "苑"),
    MentionKind.VILLAGE: (r"社区(?!民警|书记|工作|医院|卫生)", "居委会",
                          r"村(?![委干支镇庄口官书])"),
    MentionKind.BUILDING: (r"广场(?!舞)", "大厦", "商城", "购物中心", "写字楼", "宾馆", "大酒店"),
    MentionKind.MARKET: (r"市场(?![监价主经化准秩])", "菜场", "超市"),
    MentionKind.SCHOOL: ("幼儿园", r"小学(?!生)", r"中学(?!生)", r"大学(?!生)", "学校", "学院",
                         "初中", "高中"),
    MentionKind.HOSPITAL: ("医院", "卫生院", "卫生室"),
    MentionKind.PARK: ("公园", "景区", "绿地"),
    MentionKind.STATION: ("加油站", "公交站", "地铁站", "车站", "高铁站", "泵站", "码头"),
    MentionKind.COMPANY: ("公司", r"厂(?![房家商区里长])", "集团", "产业园", "工业园"),
    MentionKind.SITE: ("工地", "项目部"),
}  # fmt: skip
_KIND: Final = {
    ending.split("(")[0].split("[")[0]: kind
    for kind, endings in _ENDINGS.items()
    for ending in endings
}
_ENDING: Final = "|".join(
    sorted((e for endings in _ENDINGS.values() for e in endings), key=len, reverse=True)
)
# A name may be followed at once by what it gave its name to: 文峰路小学, 虹桥新村.
_COMPOUND: Final = re.compile(
    "小区|花园|新村|家园|公寓|广场(?!舞)|大厦|市场|小学(?!生)|中学(?!生)|幼儿园|学校|医院|公园|社区(?!民警)"
    "|大桥|工业园"
)
_NAME: Final = re.compile(
    rf"(?P<body>[\u4e00-\u9fffA-Za-z0-9]{{1,{_LONGEST - 1}}}?)(?P<ending>{_ENDING})"
)
_DIRECTLY: Final = re.compile(_ENDING)
_STILL_ITSELF: Final = ("小区", "社区")  # 春江花园小区 is 春江花园

# Words that end a name on its left. Single characters carry the names they may stand in:
# 和平路, 向阳村, 为民桥, 将军路.
_STOP: Final = re.compile(
    "位于|对面|附近|旁边|门口|门前|交叉口|交叉|交汇处?|交界处?|以及|还有|反映|投诉|举报|发现|希望"
    "|建议|来电|市民|居民|村民|业主|我们|你们|他们|咱们|这个|那个|一个|路过|经过|途经|住在|家住|靠近"
    "|因为|由于|所以|但是|如果|现在|目前|最近|今天|昨天|昨晚|今晚|早上|上午|中午|下午|晚上|夜里|凌晨"
    "|长期|经常|一直|已经|多次|一家|一处|几个|多个|所有|整个|周边|旁的|旁|隔壁|附属|距离|沿线|沿"
    "|停在|停放|摔倒|堵在|倒在|开到|走到|看到|听到|来到|进入|通过|导致|造成|影响|占用|施工|修建"
    "|存在|出现|没有|无人|请问|请|咨询|求助|处理|解决|要求|联系|管理|负责|正在|进行|非法|私自|擅自"
    "|设置|设立|新建|规划|明确|规定|加快|挂牌|前往|取消|增设|开通|打造"
    "|先生|女士|老师|同志|师傅|居住|租住|购买|工作|上班|上学|就读|就诊|家长|小孩|孩子|老人|司机"
    "|乱停|乱扔|严重|大量|许多|很多|有人|有个|有一|某|该|各|每|本市|我市|我县|我区|本县|本区"
    "|东侧|西侧|南侧|北侧|东边|西边|南边|北边"
    "|镇(?![江长])"
    "|整治|治理|流入|排入|汇入|注入|流经|直排|排放|打捞|疏浚|清淤|污染|然而|否则|虽然|什么|多么|围绕|填埋|连接|加宽|满|漫|跨"
    "|见(?![山])|入(?![海口])|还(?![珠])|连(?![云])"
    "|[此其在于到从与跟往是被把的了着这那我你他她它们住及给让距离叫称说去不很没也又且]"
    "|(?<![太永中仁祥泰平人顺协安])和(?![平兴谐睦美顺畅园合])|向(?![阳荣前东西南北])|为(?!民)"
    "|将(?!军)|有(?![斐限])|至(?![善诚])|对|由(?!自)|经(?![济纬贸])"
)

# What is left of these endings is a word for a sort of thing, not a name.
_GENERIC_WORDS: Final = (
    "马 道 前面 后面 靠 沿 边 铁 线 电 网 管 水 走 思 问 修 出 回 迷 赶 拦 一 半 上 下 来 小"
    " 大 老 新 旧 里 外 前 后 门 主 主干 支 十字 丁字 三岔 柏油 水泥 石子 土 泥 泥巴 乡村 农村"
    " 村 村村通 非机动车 人行 机动车 高速 快速 公 条 座 个 段 多 两 几 全 本 农 城 乡 街 沿街"
    " 商业 步行 背 断头 必经 内 门外 家 家门口 盘山 弯 绕 过 顺 同 物业 自来水 燃气 天然气"
    " 公交 保洁 快递 建筑 装修 装潢 房产 房地产 开发 供电 保险 分 总 子 母 外卖 培训 搬家 网络"
    " 电信 科技 劳务 有限 股份有限 上市 物流 汽车 旅游 传媒 运输 贷款 中介 民办 公办 三甲 公立"
    " 私立 正规 农贸 菜 批发 二手 人才 劳动力 化工 工 化 农药 塑料 家具 服装 食品 加工 电镀"
    " 印染 砖 钢 楼盘 房建 老旧 封闭 开放式 安置 住宅 高档 商品房 居民 拆迁 天 高架 立交"
    " 过街天 小型 小区 大型 生鲜 便利 地下 中心 社区 街心 口袋 内河 小内 黑臭 护城 门前 母亲"
    " 排水 污水 污水提升 居 居民小区 单位 学校 工业 产业 校外 我 你 他 她 它 邻 邻近 就近 定点"
    " 附属 新建 在建 该工 建设 拆除 混凝土 城中 城市 全市 公共 露天 停车 乡镇 寄宿制 职业 重点"
    " 义务教育 中 高 初 国有 民营 外地 本地 知名"
)
_GENERIC: Final = frozenset(_GENERIC_WORDS.split())
_NO_WATER: Final = re.compile(  # any river, or any pond
    r"(?:内|小|臭|暗|死|大|整|全|人工|[一二三四五几]段|清理|部门|[这那此]条|现|断|处|下走|路|边|岸|时候)\Z"
)
# Bus route 12路, and 修道路 or 村水泥路 with a verb or an owner before the common word.
_NO_ROAD: Final = re.compile(r"^[0-9一二三四五六七八九十]+\Z|(?:道|水泥|柏油|高速|机动车)\Z")


def mentions_in(text: str, admin: Iterable[tuple[int, int]] = ()) -> list[Mention]:
    """Read all mentions from left to right, without overlaps; never raises.

    Args:
        text: Any text.
        admin: Half-open ranges of area names in it; a mention does not reach into them.
    """
    masked = _mask(text, admin)
    found: list[Mention] = []
    position = 0
    while match := _NAME.search(masked, position):
        mention, position = _read(text, masked, match, position)
        if mention is not None:
            found.append(mention)
    return found


def goes_on(text: str, end: int) -> bool:
    """Whether a name that ends there only gave its name to something else: 文峰路 in 文峰路小学.

    Examples:
        >>> [goes_on(text, 3) for text in ("文峰路小学", "文峰路和青年路", "文峰苑小区")]
        [True, False, False]
    """
    return bool(_DIRECTLY.match(text, end)) and not text.startswith(_STILL_ITSELF, end)


def _mask(text: str, admin: Iterable[tuple[int, int]]) -> str:
    """Blank out what no name reaches across, keeping every position."""
    masked = _STOP.sub(lambda stop: " " * len(stop[0]), text)
    for start, end in admin:
        # 海安路 and 南通大学 carry the area in their own name.
        if not _DIRECTLY.match(text, end):
            masked = masked[:start] + " " * (end - start) + masked[end:]
    return masked


def _read(
    text: str, masked: str, match: re.Match[str], free_from: int
) -> tuple[Mention | None, int]:
    """The mention of one match, and where to go on; nothing is read before `free_from`."""
    body, ending = match["body"], match["ending"]
    start, end = match.span()
    kind = _KIND[ending]
    longer = _COMPOUND.match(masked, end)
    if longer and longer.end() - start <= _LONGEST and body not in _GENERIC:
        end, kind = longer.end(), _KIND[longer[0]]
    elif (
        body in _GENERIC
        or (kind is MentionKind.ROAD and _NO_ROAD.search(body))
        or (kind is MentionKind.WATER and len(ending) == 1 and _NO_WATER.search(body))
    ):
        return None, end
    else:
        marked = start in (0, free_from) or not masked[start - 1].isalnum()
        start = max(start, match.start("ending") - _reach(body, ending, marked=marked))
        if text[start : match.start("ending")] in _GENERIC:
            return None, end
    return Mention(start, end, text[start:end], kind), end


def _reach(body: str, ending: str, *, marked: bool) -> int:
    """How many characters of the body to believe.

    Where nothing marks the left edge, the body has swallowed part of the sentence; most
    names of streets and estates have two characters before their ending.
    """
    if not marked:
        return 2
    if len(ending) == 1:
        return len(body) if len(body) <= 4 else 2
    return len(body) if len(body) <= 6 else 4
