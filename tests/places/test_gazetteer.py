"""Which area a text speaks of, and how surely."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chengshu.places import City, Gazetteer, Level


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("如皋市如城街道福寿路122号路灯不亮", "如城街道"),
        ("启东合作镇有人烧秸秆", "合作镇"),
        ("海门三厂一带停水", "三厂街道"),  # an ordinary word, but right after its county
        ("海安城东路灯不亮", "城东镇"),  # two 城东, the county decides
        ("城东街道垃圾没人清", "城东街道"),  # the full name decides
        ("狼山一带停车难", "狼山镇街道"),
        ("海门有人占道", "海门区"),  # the county before the subdistrict of the same name
        ("海门街道有人占道", "海门街道"),
        ("港闸万达附近堵车", "崇川区"),  # the district merged into 崇川 in 2020
        ("南通开发区小海街道", "小海街道"),
        ("能达商务区路面破损", "南通经济技术开发区"),
        ("锡通园区企业咨询", "苏锡通科技产业园区"),
        ("苏锡通园区张芝山镇", "苏锡通科技产业园区"),  # managed by the park, coded elsewhere
        ("通州湾有异味", "通州湾江海联动开发示范区"),  # not 通州
        ("启东一公司拒绝合作", "启东市"),  # 合作 is a word here
        ("如皋开发区有异味", "如皋市"),  # every county has a 开发区
        ("开发区有异味", "南通经济技术开发区"),
        ("近海镇道路破损", "启东市"),  # a town without a centre reaches its county
        ("南通市民想咨询", "南通市"),
    ],
)
def test_locates(gazetteer: Gazetteer, city: City, text: str, name: str) -> None:
    place = gazetteer.locate(text)
    assert place is not None
    assert city.area(place.code).name == name


@pytest.mark.parametrize(
    "text",
    [
        "",
        "路灯不亮",
        "与公司合作多年",  # 合作镇
        "先锋模范和幸福生活",  # 先锋街道, 幸福街道
        "注意上海安全",  # 海安
        "假如东边着火",  # 如东
        "城东有垃圾",  # two of them, no county
        "长江边有人钓鱼",  # 长江镇
        "北京通州",
        "石家庄",
    ],
)
def test_finds_nothing_in_words_that_only_look_like_names(gazetteer: Gazetteer, text: str) -> None:
    assert gazetteer.locate(text) is None


def test_a_road_named_after_a_county_says_little(gazetteer: Gazetteer) -> None:
    on_road = gazetteer.locate("海安路积水")
    in_county = gazetteer.locate("海安积水")
    assert on_road is not None
    assert in_county is not None
    assert on_road.confidence < 0.5 < in_county.confidence


def test_two_counties_make_either_less_sure(gazetteer: Gazetteer) -> None:
    both, one = gazetteer.locate("从如皋到海安"), gazetteer.locate("在如皋")
    assert both is not None
    assert one is not None
    assert both.confidence < one.confidence


def test_a_shared_full_name_gives_every_candidate(gazetteer: Gazetteer) -> None:
    beside = gazetteer.find("城东派出所")
    assert {span.code // 10**9 for span in beside} == {320613, 320685}
    assert sum(span.confidence for span in beside) < 1
    here = gazetteer.find("崇川城东派出所")
    assert [span.code for span in here if span.level is Level.TOWNSHIP] == [320613001000000]


def test_every_full_name_finds_its_area(gazetteer: Gazetteer, city: City) -> None:
    for area in city.areas:
        spans = gazetteer.find(f"反映{area.name}有问题")
        assert [span.code for span in spans] == [area.code], area.name
        assert spans[0].text == area.name


@given(st.text())
def test_no_text_breaks_it(gazetteer: Gazetteer, text: str) -> None:
    for span in gazetteer.find(text):
        assert text[span.start : span.end] == span.text
        assert 0 < span.confidence <= 1
    gazetteer.locate(text)


NAMES = st.sampled_from(["如皋", "城东", "合作", "镇", "街道", "海安", "路", "开发区", "与", "的"])


@given(st.lists(NAMES, max_size=12).map("".join))
def test_no_mixture_of_names_breaks_it(gazetteer: Gazetteer, text: str) -> None:
    spans = gazetteer.find(text)
    assert [s.start for s in spans] == sorted(s.start for s in spans)
    place = gazetteer.locate(text)
    assert (place is None) == (not spans)


def test_an_empty_gazetteer_finds_nothing() -> None:
    assert Gazetteer([]).locate("如皋市") is None
