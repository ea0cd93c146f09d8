"""Names of the synthetic places: parts to make them of, and how people really call them.

Every name is invented from ordinary words; any likeness to a real one is chance.
"""

from random import Random
from typing import Final


def words(text: str) -> tuple[str, ...]:
    """The words of a text that are set apart by blanks."""
    return tuple(text.split())


# Heads that begin with the same character make near-identical names in one township.
_HEADS: Final = (
    "春江 春晖 春晓 春申 春华", "江景 江畔 江岸 江海 江韵", "濠景 濠滨 濠阳 濠韵 濠东",
    "金色 金桥 金水 金典 金禾", "锦绣 锦都 锦江 锦和 锦辰", "盛世 盛和 盛景 盛元",
    "文锦 文秀 文昌 文苑 文澜", "紫金 紫荆 紫薇 紫云 紫藤", "银河 银湖 银杏 银桂",
    "东方 东景 东晖 东升 东郊", "南园 南景 南苑 南濠", "星光 星湖 星河 星辰 星海",
    "翠湖 翠竹 翠苑 翠屏 翠微", "绿洲 绿茵 绿荫 绿野", "福星 福民 福泽 福源 福临",
    "海韵 海棠 海悦 海晏 海澜", "永和 永泰 永安 永福 永乐", "新华 新桥 新园 新丰 新港",
    "天和 天安 天元 天怡 天润", "华府 华景 华辰 华庭 华丰", "碧水 碧波 碧园 碧云",
    "御景 御江 御园 御水", "丽景 丽都 丽水 丽江 丽园", "学府 学士 学林 学苑",
    "望江 望湖 望海 望月", "和兴 和谐 和美 和平 和润", "龙腾 龙祥 龙泽 龙吟",
    "百合 百花 百福 百盛", "景秀 景园 景和 景瑞", "凤凰 凤鸣 凤仪 凤栖",
    "兴隆 兴旺 兴业 兴盛 兴宁", "长青 长泰 长乐 长桥", "平安 平湖 平阳 平桥",
    "古桥 古榆 古井 古渡", "北港 北苑 北辰 北园", "西苑 西园 西景 西港",
    "通海 通江 通运 通达 通源", "如意 如歌 如海", "九龙 九洲 九天 九如", "三元 三友 三里 三星桥",
)  # fmt: skip
_SIBLINGS: Final = tuple(words(group) for group in _HEADS)
HEADS: Final = tuple(head for group in _SIBLINGS for head in group)

SUFFIXES: Final[dict[str, tuple[str, ...]]] = {
    "estate": words("花园 新村 苑 雅苑 名邸 华庭 家园 公寓 小区 佳苑 花苑 府 里 南苑 北苑 东园 "
                    "西园 一村 二村 三村 人家 名都 半岛 水岸 公馆"),
    "road": words("路 路 路 大道 东路 西路 南路 北路 中路 街 巷 支路"),
    "building": ("大厦", "商务楼", "写字楼", "公寓楼", "中心大楼", "商务广场"),
    "site": ("二期工地", "三期工地", "安置房工地", "综合体工地", "厂房项目工地", "学校新建工地",
             "道路改造工地", "人才公寓工地"),
    "water": ("河", "港", "横河", "中心河", "界河", "沟", "竖河", "支河", "湖", "二号横河"),
    "shop": ("小吃店", "烧烤店", "火锅城", "超市", "音乐茶座", "理发店", "棋牌室", "浴室", "饭店",
             "便利店", "健身馆", "服装店", "大药房", "酒楼", "面馆", "汽修店"),
    "village": ("村", "村", "庄村", "桥村", "圩村", "港村"),
    "school": ("小学", "初级中学", "幼儿园", "中学", "实验学校", "实验小学"),
    "park": ("公园", "广场", "游园", "绿地", "体育公园"),
    "factory": ("家纺厂", "机械厂", "化工有限公司", "电子有限公司", "船舶配件厂", "钢绳厂",
                "食品厂", "塑料制品厂", "染整有限公司", "建材有限公司"),
    "market": ("农贸市场", "菜市场", "批发市场", "家纺市场", "建材市场"),
    "station": ("公交站", "公交首末站", "汽车站", "客运站"),
    "hospital": ("医院", "卫生院", "社区卫生服务中心", "康复医院"),
}  # fmt: skip
_OLD_HOSTS: Final = words(
    "棉纺厂 丝绸厂 农机厂 轮船公司 供销社 粮管所 油米厂 柴油机厂 针织厂 罐头厂 搪瓷厂 灯泡厂 "
    "酒厂 冷冻厂 砖瓦厂 酿造厂 化肥厂 电镀厂 印染厂 渔业队 水泥厂 工艺品厂"
)
_BYNAMES: Final[dict[str, tuple[str, ...]]] = {
    "estate": ("红房子", "蓝顶子", "黄楼", "白塔楼", "电梯房", "鸽子楼", "六层头", "水塔底下",
               "铁路宿舍", "教师楼", "回迁楼", "大杂院", "西瓜皮房", "高知楼", "十八层"),
    "road": ("香樟道", "梧桐路", "断头路", "电线杆路", "水泥大路", "战备路", "石子路", "花市路",
             "老坝埂", "车轮路"),
    "building": ("火柴盒", "玻璃楼", "剪刀楼", "双子楼", "老电信楼", "烂尾楼"),
    "site": ("吊塔那块", "绿网子围着的工地", "大坑", "原砖窑地块", "原汽配城地块", "老粮库地块"),
    "water": ("洗菜河", "门前河", "老龙沟", "臭水浜", "鸭子港", "大寨河", "摆渡河"),
    "shop": ("胖子家", "阿三家", "拐角那家", "绿招牌那家", "通宵那家", "大红灯笼那家",
             "老字号那家"),
    "village": ("庙头", "窑上", "坝头", "沙家埭", "高家埭", "缪家圩", "渔业队"),
    "school": ("红墙学校", "老师范", "钟楼学校", "河边小学堂", "新校区"),
    "park": ("跳舞的广场", "假山公园", "风车公园", "老体育场", "鸽子广场"),
    "factory": ("大烟囱", "蓝棚子厂", "机器厂", "原大队厂", "台湾人的厂"),
    "market": ("露水市", "大棚菜场", "早市", "河东菜场"),
    "junction": ("邮局十字口", "五岔口", "大转盘", "红绿灯口"),
    "station": ("老车站", "末班站", "桥头站"),
    "hospital": ("老医院", "五楼医院", "河西医院"),
}  # fmt: skip
_EATERIES: Final = ("小吃店", "烧烤店", "火锅城", "饭店", "酒楼", "面馆")
# Kinds that only some places of their type can have: what the place's name ends with.
_FITTING: Final[dict[str, tuple[str, ...]]] = {
    "food_safety": _EATERIES,
    "restaurant_fumes": _EATERIES,
    "expired_goods": ("超市", "便利店", "大药房"),
    "prepaid_card_runaway": ("理发店", "健身馆", "浴室", "音乐茶座"),
    "kindergarten_issue": ("幼儿园",),
    "bus_late": ("公交站", "公交首末站"),
    "taxi_overcharge": ("汽车站", "客运站"),
}
_SHOP_SIGNS: Final = (
    "好又加超市", "喜洋洋面馆", "老潘修车铺", "康民大药房", "红玫瑰理发", "聚贤酒家", "阿四早点",
    "顺达快递点", "彩虹幼儿园", "惠民浴室", "农商储蓄所", "利群五金", "大众驾校", "鲜丰水果摊",
    "黄桥烧饼店", "海门羊肉馆", "加油站", "变电所", "水塔", "邮政所", "老戏台", "石拱桥", "篮球场",
    "公共厕所", "电信铁塔", "土地庙", "充电站", "粮站", "老年活动室", "社区服务站", "废品站",
    "洗车行", "宝宝照相馆", "网红奶茶店", "花圈店", "驿站", "福彩亭", "泵站", "天桥", "地下通道口",
)  # fmt: skip


def pick_heads(rng: Random, count: int) -> list[str]:
    """Draw heads of names; about two in five come with a sibling of the same first character."""
    drawn: list[str] = []
    while len(drawn) < count:
        group = rng.choice(_SIBLINGS)
        drawn += rng.sample(group, k=2) if rng.random() < 0.4 else [rng.choice(group)]
    return drawn[:count]


def suffix_for(place: str, head: str, rng: Random) -> str:
    """A suffix that does not stutter after the head (not 西苑苑, not 金桥桥村)."""
    fitting = [s for s in SUFFIXES[place] if s[0] != head[-1] and s != head]
    return rng.choice(fitting)


def fits(slug: str, name: str) -> bool:
    """Whether a kind can happen at a place of this name."""
    return name.endswith(_FITTING.get(slug, ""))


def name_of(place: str, head: str, suffix: str, town: str, rng: Random) -> str:
    """Put a name together; public places often carry the township's name instead."""
    if place in ("school", "hospital", "market", "station") and rng.random() < 0.35:
        return f"{town}{suffix}" if rng.random() < 0.3 else f"{town}{head}{suffix}"
    if place == "shop" and rng.random() < 0.4:
        return f"{rng.choice('老小阿')}{rng.choice('王李周吴徐顾陆沈施季丁曹')}{suffix}"
    return head + suffix


def aliases_of(place: str, name: str, head: str, rng: Random) -> tuple[str, ...]:
    """Former, short and popular name of a place, in that order; none equals the name."""
    old = {
        "estate": f"老{rng.choice(_OLD_HOSTS)}宿舍",
        "road": f"{rng.choice(_OLD_HOSTS)}路",
        "village": f"{head}大队",
        "site": f"原{rng.choice(_OLD_HOSTS)}地块",
        "factory": f"原{rng.choice(_OLD_HOSTS)}",
        "water": f"老{head}河",
        "junction": f"老{rng.choice(_OLD_HOSTS)}路口",
    }.get(place, f"老{rng.choice(HEADS)}{_kind_word(name, place)}")
    short = {"junction": name.split("与")[0] + "口", "road": head + "那条路"}.get(place, head)
    popular = rng.choice(_BYNAMES[place])
    keep = rng.randint(1, 3)
    wanted = [old, short, popular] if keep == 3 else [old, rng.choice((short, popular))][:keep]
    return tuple(dict.fromkeys(alias for alias in wanted if alias != name))


def _kind_word(name: str, place: str) -> str:
    """The part of a name that says what the place is: 小吃店, 公园."""
    fitting = [suffix for suffix in SUFFIXES.get(place, ()) if name.endswith(suffix)]
    return max(fitting, key=len, default="")


def landmark_names(rng: Random, count: int) -> list[str]:
    """Shops and signs that stand in one township."""
    return rng.sample(_SHOP_SIGNS, k=count)
