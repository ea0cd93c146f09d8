"""Which column of a table is what: known headings in Chinese and English, or a mapping that is given."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from enum import StrEnum

from chengshu.kit.errors import Invalid


class Column(StrEnum):
    """What a column may hold."""

    ID = "id"
    TIME = "time"
    TITLE = "title"
    TEXT = "text"
    PLACE = "place"
    AREA = "area"
    LON = "lon"
    LAT = "lat"
    NAME = "name"
    PHONE = "phone"
    NATURE = "nature"
    CHANNEL = "channel"
    ANONYMOUS = "anonymous"
    CONFIDENTIAL = "confidential"


# The better name first: where two columns would do, the one that stands earlier here is taken.
_HEADINGS: Mapping[Column, str] = {
    Column.ID: "工单编号 受理编号 诉求编号 事件编号 案件编号 任务号 工单号 受理单号 编号 流水号 id orderno caseid number no",
    Column.TIME: "来电时间 诉求时间 上报时间 发生时间 提交时间 留言时间 受理时间 登记时间 创建时间 发布时间 时间 日期 "
                 "time saidat createdat date datetime timestamp",
    Column.TITLE: "标题 诉求标题 工单标题 事件标题 主题 留言主题 title subject",
    Column.TEXT: "诉求内容 工单内容 来电内容 问题描述 事件描述 诉求描述 留言详情 留言内容 反映内容 主要内容 内容 描述 详情 "
                 "text content description message body",
    Column.PLACE: "事发地址 事发地点 发生地址 发生地点 事件地址 问题地址 诉求地址 详细地址 地址 地点 位置 place address location",
    Column.AREA: "所属区域 所属区县 所属县区 事发区域 区域 区县 县区 县市区 属地 镇街 街道 area county district",
    Column.LON: "经度 坐标经度 x坐标 lon lng longitude",
    Column.LAT: "纬度 坐标纬度 y坐标 lat latitude",
    Column.NAME: "诉求人姓名 诉求人 来电人姓名 来电人 反映人 联系人 市民姓名 姓名 name reporter caller",
    Column.PHONE: "联系电话 来电号码 诉求人电话 联系方式 手机号码 手机号 手机 电话 phone tel telephone mobile",
    Column.NATURE: "诉求性质 诉求类型 诉求类别 工单类型 事件类型 性质 类型 类别 nature type kind category",
    Column.CHANNEL: "诉求渠道 受理渠道 来源渠道 诉求来源 事件来源 信息来源 渠道 来源 channel source",
    Column.ANONYMOUS: "是否匿名 匿名 anonymous",
    Column.CONFIDENTIAL: "是否保密 保密 confidential",
}  # fmt: skip


def map_columns(headings: Sequence[str], given: Mapping[str, str] | None = None) -> dict[Column, int]:  # fmt: skip
    """Say which column holds what.

    Args:
        given: What to heading; beats the known names.

    Raises:
        Invalid: `given` names something unknown or a heading that is not there.

    Examples:
        >>> map_columns(["受理编号", "诉求内容(必填)", "点赞数"])
        {<Column.ID: 'id'>: 0, <Column.TEXT: 'text'>: 1}
    """
    found = {_column(what): _index(headings, name) for what, name in (given or {}).items()}
    plain = [_plain(heading) for heading in headings]
    for column, names in _HEADINGS.items():
        free = [n for n in names.split() if n in plain and plain.index(n) not in found.values()]
        if column not in found and free:
            found[column] = plain.index(free[0])
    return dict(sorted(found.items(), key=lambda pair: pair[1]))


def _column(name: str) -> Column:
    try:
        return Column(name)
    except ValueError:
        known = " ".join(Column)
        raise Invalid(
            "mapping", f"不认识字段 {name}；可用：{known}", f"unknown field {name}; known: {known}"
        ) from None


def _index(headings: Sequence[str], name: str) -> int:
    if name not in headings:
        seen = "、".join(h for h in headings if h)
        raise Invalid(
            "mapping", f"表里没有“{name}”这一列；现有：{seen}", f"the table has no column “{name}”"
        )
    return headings.index(name)


def _plain(heading: str) -> str:
    text = unicodedata.normalize("NFKC", heading).lower()
    return re.sub(r"\(.*?\)|[\s_*:\-]", "", text)
