"""Places that a text names, by their endings."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chengshu.places import Gazetteer, MentionKind, mentions_in


@pytest.mark.parametrize(
    ("text", "mentions"),
    [
        ("文峰路与青年路交叉口", ["文峰路", "青年路"]),
        ("文峰路青年路口", ["文峰路", "青年路"]),
        ("文峰路路灯不亮", ["文峰路"]),  # the second 路 belongs to a lamp
        ("如皋市如城街道福寿路122号", ["福寿路"]),  # the area's name is not part of it
        ("虹桥新村对面工地夜间施工", ["虹桥新村"]),
        ("和平路碧桂园小区3号楼", ["和平路", "碧桂园小区"]),  # 和 may stand in a name
        ("向阳村村民反映", ["向阳村"]),
        ("通州区金沙街道新金路小学门口", ["新金路小学"]),  # named after the road
        ("文峰公园广场舞扰民", ["文峰公园"]),
        ("海安路附近积水", ["海安路"]),  # keeps the county it is named after
        ("张先生反映车辆经常乱停文峰路", ["文峰路"]),
        ("如东县栟茶镇杨湾村三组", ["杨湾村"]),
        ("通扬河河水发黑", ["通扬河"]),
        ("世纪大道和工农路", ["世纪大道", "工农路"]),
        ("自己出钱修道路", []),
        ("双凫铺镇合轩村的水泥路", ["合轩村"]),
        ("通州某有限公司", []),
        ("我们小区停水了", []),
        ("文峰路段塌陷", ["文峰路"]),
        ("前面路口堵车", []),
        ("这条路坑坑洼洼", []),
        ("马路上积水", []),
        ("老旧小区改造", []),
        ("物业公司不作为", []),
        ("12路公交车不停", []),
        ("学校周边有摊贩", []),
        ("请市场监管局查处", []),
        ("厂家不负责", []),
        ("", []),
    ],
)
def test_reads_mentions(gazetteer: Gazetteer, text: str, mentions: list[str]) -> None:
    assert [mention.text for mention in gazetteer.places_in(text)] == mentions


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("青年路", MentionKind.ROAD),
        ("通吕运河", MentionKind.WATER),
        ("天鹅桥", MentionKind.BRIDGE),
        ("文峰花园", MentionKind.ESTATE),
        ("杨湾村", MentionKind.VILLAGE),
        ("万达广场", MentionKind.BUILDING),
        ("八仙城市场", MentionKind.MARKET),
        ("实验小学", MentionKind.SCHOOL),
        ("人民医院", MentionKind.HOSPITAL),
        ("滨河公园", MentionKind.PARK),
        ("流花溪", MentionKind.WATER),
        ("龙津河北岸", MentionKind.WATER),
        ("火车站", MentionKind.STATION),
        ("华能公司", MentionKind.COMPANY),
        ("通沪高铁站", MentionKind.STATION),
        ("金鹰工地", MentionKind.SITE),
    ],
)
def test_knows_the_sort(text: str, kind: MentionKind) -> None:
    found = mentions_in(text)
    assert [mention.kind for mention in found] == [kind]


@pytest.mark.parametrize("text", ["小区旁边的内河", "河水漫街", "黑臭的小河", "人工湖"])
def test_any_water_and_what_water_does_are_no_names(text: str) -> None:
    assert not [m for m in mentions_in(text) if m.kind in (MentionKind.WATER, MentionKind.ROAD)]


def test_a_verb_before_a_river_is_no_part_of_it() -> None:
    found = [m.text for m in mentions_in("污水流入龙津河，还磨洋河一片清")]
    assert found == ["龙津河", "磨洋河"]


PIECES = st.sampled_from(
    ["文峰", "路", "小区", "街道", "与", "的", "村", "新", "花园", "如皋", "3号", "，", "A", "广场"]
)


@given(st.one_of(st.text(), st.lists(PIECES, max_size=20).map("".join)))
def test_mentions_are_short_in_order_and_where_they_say(gazetteer: Gazetteer, text: str) -> None:
    last = 0
    for mention in gazetteer.places_in(text):
        assert text[mention.start : mention.end] == mention.text
        assert 2 <= len(mention.text) <= 8
        assert mention.start >= last
        last = mention.end
