"""A grammar of Chinese addresses: makes them up part by part, so that the label of each part is known.

Most names are random characters with a word at their end that says what they are, so that what is
learnt is the form and not a list of names.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from random import Random

from chengshu.drill.names import HEADS, SUFFIXES
from chengshu.places import City, Level
from chengshu.places.tagging.scheme import Labelled, Sentence

Part = tuple[str, str]  # label, text

_PROVINCES = """
河北 石家庄 唐山 保定 邯郸 廊坊;山西 太原 大同 临汾;辽宁 沈阳 大连 鞍山;吉林 长春 吉林 四平;黑龙江 哈尔滨 大庆 齐齐哈尔
江苏 南京 苏州 无锡 常州 南通 徐州 扬州 盐城 镇江 泰州 淮安 连云港 宿迁
浙江 杭州 宁波 温州 嘉兴 湖州 绍兴 金华 衢州 舟山 台州 丽水
安徽 合肥 芜湖 蚌埠 安庆 黄山 阜阳;福建 福州 厦门 泉州 漳州 莆田 宁德;江西 南昌 九江 赣州 上饶;山东 济南 青岛 烟台 潍坊 临沂 淄博
河南 郑州 洛阳 开封 南阳 新乡;湖北 武汉 宜昌 襄阳 荆州 黄冈;湖南 长沙 株洲 湘潭 衡阳 岳阳 常德
广东 广州 深圳 珠海 佛山 东莞 中山 惠州 汕头
海南 海口 三亚;四川 成都 绵阳 德阳 南充 宜宾;贵州 贵阳 遵义 安顺;云南 昆明 大理 曲靖;陕西 西安 宝鸡 咸阳;甘肃 兰州 天水;青海 西宁
""".replace("\n", ";").strip(";").split(";")  # fmt: skip
_LONE = "北京 上海 天津 重庆".split()
_COMMON = (
    "安八白百柏宝北碧滨昌长常朝车陈城澄池赤崇川春翠大丹德店定东峨二方芳丰凤枫福富港高古谷关光广桂海"
    "汉航和河荷恒横红虹洪鸿湖虎花华槐黄汇吉继佳嘉建江蒋金锦景靖九菊聚军开康柯孔葵昆兰蓝乐雷黎李莲良"
    "梁林临灵柳六龙隆庐鹿罗洛马茂梅孟民名明牧南宁牛盘平浦七祺齐千前乾钱桥青清庆秋泉仁日荣瑞三沙山善"
    "上尚邵深沈胜盛石寿双水顺思松苏孙塔太泰唐塘桃天田铁通同万王旺望威为卫温文翁吴五武西夏仙咸香祥向"
    "萧小新信星兴徐许轩雪雅严盐阳杨姚叶伊宜义益银迎永友余俞玉元园袁源远月岳云运泽张章招赵振镇正郑政之"
    "芝中钟舟周朱竹庄卓紫祖左"
)
_POI = (*(s for kind in ("estate", "building", "shop", "school", "park", "factory", "market", "hospital")
          for s in SUFFIXES[kind]),
        *"大酒店 宾馆 科技园 工业园 工业区 工业园区 创业园 广场 国际广场 商业中心 商贸城 服装城 小商品市场 "
         "银行 派出所 有限公司 科技有限公司 贸易有限公司 服饰有限公司 大学 学院 医院 "
         "中心医院 国际大厦 城 嘉园 名苑 公馆 科创中心 物流园".split())  # fmt: skip
_INNER = (
    "A区 B区 C区 一区 二区 三区 四区 东区 西区 南区 北区 一期 二期 三期 东苑 "
    "南苑 南门 北门 东门 正门 西校区 食堂 门诊楼 住院部 车间"
).split()
_TENANTS = (
    "前台 门卫 传达室 财务部 办公室 收发室 门市部 服装店 便利店 理发店 "
    "快递柜 丰巢快递柜 菜鸟驿站 仓库 小卖部 人事部 专卖店"
).split()
_SIDES = (
    "对面 旁边 旁 附近 门口 东侧 西侧 南侧 北侧 隔壁 后面 斜对面 边上 楼下 往东 以西 内".split()
)
_ZONES = "开发区 经济开发区 高新区 经济技术开发区 新区".split()
_ROADS = "路 路 路 路 路 大道 东路 西路 南路 北路 中路 街 大街 巷 弄 支路 公路".split()
_CHINESE = "一 二 三 四 五 六 七 八 九 十 十一 十二".split()


class Grammar:
    """Makes up addresses of a seed. Half of the towns are the city's own, all other names are random."""

    def __init__(self, city: City, rng: Random) -> None:
        self._rng = rng
        self._towns = [a.name for a in city.areas if a.level is Level.TOWNSHIP]
        self._counties = [a.name for a in city.areas if a.level is Level.COUNTY]

    def addresses(self, count: int) -> list[Sentence]:
        """So many, none empty."""
        made: list[Sentence] = []
        while len(made) < count:
            if parts := self._parts():
                made.append(sentence(parts))
        return made

    def _maybe(self, chance: float) -> bool:
        return self._rng.random() < chance

    def _name(self, least: int = 2, most: int = 3) -> str:
        if self._maybe(0.2):
            return self._rng.choice(HEADS)
        size = 2 if self._maybe(0.75) else self._rng.randint(least, most)
        return "".join(self._rng.choices(_COMMON, k=size))

    def _number(self, most: int = 999) -> str:
        return str(int(10 ** self._rng.uniform(0, len(str(most)) - 0.001)))

    def _parts(self) -> list[Part]:
        parts = self._area()
        loci = self._rng.random()
        if loci < 0.12:
            parts += [
                *self._community(),
                *([("roadno", f"{self._number()}号")] if self._maybe(0.5) else []),
            ]
        elif loci < 0.4:
            parts += self._road()
            if self._maybe(0.5):
                parts += self._unit()
        elif loci < 0.65:
            parts += [*self._road(), *self._place(), *self._unit()]
        elif loci < 0.75:
            parts += [
                *self._community(),
                *self._road(),
                *(self._place() if self._maybe(0.5) else []),
            ]
        elif loci < 0.82:
            parts += [*self._place(), *self._road(), *self._unit()]
        else:
            parts += [*self._place(), *self._unit()]
        if self._maybe(0.1):
            parts.append(("assist", self._rng.choice(_SIDES)))
            if self._maybe(0.5):
                parts.append(("subpoi", self._name() + self._rng.choice(_POI)))
        if self._maybe(0.07):
            name = self._name() if self._maybe(0.4) else ""
            parts.append(("person", name + self._rng.choice(_TENANTS)))
        if self._maybe(0.06):
            parts.append(("redundant", self._rng.choice(["电联", "丰巢", "电话联系", "请电联"])))
        return parts

    def _area(self) -> list[Part]:
        line = self._rng.choice(_PROVINCES).split()
        province, city = line[0], self._rng.choice(line[1:])
        district = self._rng.choice(self._counties) if self._maybe(0.15) else (
            self._name() + self._rng.choice("区区区县县市市"))  # fmt: skip
        short = district[:-1] if len(district) > 2 and self._maybe(0.12) else district
        area: list[Part] = []
        if self._maybe(0.08):
            lone = self._rng.choice(_LONE)
            province, city = lone, lone
        chain: list[Part] = [
            ("prov", province + ("省" if self._maybe(0.75) and province not in _LONE else "")),
            ("city", city + ("市" if self._maybe(0.75) else "")),
            ("district", short),
        ]
        if self._maybe(0.25):
            chain.pop(1)
        start = self._rng.choices([0, 1, 2, 3], [45, 17, 18, 20])[0]
        area = chain[start:]
        if area and self._maybe(0.02):
            area.insert(0, ("country", "中国"))
        if len(area) > 1 and self._maybe(0.07):
            area = [p for part in area for p in (part, ("redundant", self._rng.choice("-_")))][:-1]
        elif area and self._maybe(0.1):
            again = [("redundant", text) for _, text in area[self._rng.randrange(len(area)) :]]
            area = [*again, *area] if self._maybe(0.5) else [*area, *again]
        if self._maybe(0.06):
            area.append(("devzone", self._name() + self._rng.choice(_ZONES)))
        if self._maybe(0.45):
            town = self._name() + self._rng.choice(["镇", "镇", "街道", "街道", "乡"])
            town = self._rng.choice(self._towns) if self._maybe(0.3) else town
            area.append(("town", town))
        return area

    def _community(self) -> list[Part]:
        name = self._name() + self._rng.choice(["村", "村", "村", "社区", "新村", "", "居委会"])
        parts = [("community", name)]
        if self._maybe(0.2):
            number = self._number(20) if self._maybe(0.6) else self._rng.choice(_CHINESE)
            parts.append(("road", f"{number}{self._rng.choice('组队')}"))
        return parts

    def _road(self) -> list[Part]:
        parts = [("road", self._name() + self._rng.choice(_ROADS))]
        if self._maybe(0.08):
            other = self._name() + self._rng.choice(_ROADS)
            parts += [("assist", self._rng.choice("与和跟")), ("subroad", other),
                      ("assist", self._rng.choice(["交叉口", "交汇处", "路口", "口"]))]  # fmt: skip
        elif self._maybe(0.88):
            number = self._number(2999)
            if self._maybe(0.06):
                number += f"-{self._number(99)}"
            parts.append(("roadno", number + self._rng.choices(["号", "", "弄"], [85, 9, 6])[0]))
            if self._maybe(0.04):
                parts += [("subroad", self._name() + "巷"), ("subroadno", f"{self._number()}号")]
        return parts

    def _place(self) -> list[Part]:
        parts = [("poi", self._name(2, 4) + self._rng.choice(_POI))]
        if self._maybe(0.12):
            parts = [("poi", parts[0][1] if self._maybe(0.5) else self._name())]
            parts.append(("subpoi", self._rng.choice(_INNER)))
        elif self._maybe(0.1):
            parts = [("poi", self._name() + self._rng.choice(["苑", "城", "小区", "", "里"]))]
        return parts

    def _house(self) -> str:
        if self._maybe(0.12):
            return self._rng.choice("ABCDEF") + (self._number(30) if self._maybe(0.3) else "")
        return self._number(199) if self._maybe(0.92) else self._rng.choice(_CHINESE)

    def _unit(self) -> list[Part]:
        form = self._rng.random()
        house, cell = self._house(), self._number(9)
        room = f"{self._rng.randint(1, 30)}0{self._rng.randint(1, 9)}"
        if self._maybe(0.4):
            room = self._number(2999)
        end = self._rng.choices(["室", "", "号", "房间"], [70, 18, 8, 4])[0]
        dash = ("redundant", "-")
        if form < 0.14:
            return [("houseno", house), dash, ("cellno", cell), dash, ("roomno", room + end)]
        if form < 0.24:
            return [("houseno", house), dash, ("roomno", room + end)]
        if form < 0.3:
            return (
                [("houseno", house + "号")]
                if self._maybe(0.5)
                else [("roadno", f"{self._number()}号")]
            )
        word = self._rng.choices(["幢", "栋", "号楼", "座", "楼"], [38, 26, 20, 12, 4])[0]
        parts: list[Part] = [("houseno", house + word)]
        if form < 0.55:
            parts.append(
                ("cellno", (cell if self._maybe(0.9) else self._rng.choice("东西")) + "单元")
            )
        elif form < 0.7:
            floor = self._number(30) if self._maybe(0.85) else self._rng.choice(_CHINESE)
            parts.append(("floorno", floor + self._rng.choice(["楼", "楼", "层", "F"])))
            if self._maybe(0.3):
                parts.pop(0)
        if self._maybe(0.75):
            parts.append(("roomno", room + end))
        return parts


def sentence(parts: Sequence[Part]) -> Sentence:
    """Cut into tokens, a run of digits one, and keep where each part lies."""
    tokens: list[str] = []
    spans: list[Labelled] = []
    for label, text in parts:
        start = len(tokens)
        tokens += re.findall(r"[0-9]+|\S", text)
        spans.append((label, start, len(tokens)))
    return Sentence(tuple(tokens), tuple(spans))
