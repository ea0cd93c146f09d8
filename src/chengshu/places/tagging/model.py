"""What a part of an address is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class PartKind(StrEnum):
    """What a part of an address is; the values are the labels that a file of addresses uses."""

    COUNTRY = "country"  # 国家
    PROVINCE = "prov"  # 省
    CITY = "city"  # 市
    DISTRICT = "district"  # 区县
    ZONE = "devzone"  # 开发区
    TOWN = "town"  # 街道、乡镇
    COMMUNITY = "community"  # 社区、村
    ROAD = "road"  # 道路
    ROAD_NUMBER = "roadno"  # 门牌号
    SIDE_ROAD = "subroad"  # 支路
    SIDE_ROAD_NUMBER = "subroadno"  # 支路门牌号
    PLACE = "poi"  # 小区、单位、场所
    INNER_PLACE = "subpoi"  # 场所内的区、门
    BUILDING = "houseno"  # 楼幢
    ENTRANCE = "cellno"  # 单元
    FLOOR = "floorno"  # 楼层
    ROOM = "roomno"  # 室
    TENANT = "person"  # 户、店、部门
    RELATION = "assist"  # 方位
    REPEATED = "redundant"  # 重复、多余
    OTHER = "otherinfo"  # 其他


@dataclass(frozen=True, slots=True)
class AddressPart:
    """A part of a text.

    Attributes:
        start: First character.
        end: Character after the last.
    """

    kind: PartKind
    start: int
    end: int
    text: str
