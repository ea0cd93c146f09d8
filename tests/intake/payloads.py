"""One sample of what each channel sends."""

from __future__ import annotations

from typing import Any

HOTLINE: dict[str, Any] = {
    "channel": "hotline",
    "title": "路灯不亮",
    "text": "崇川区文峰街道的路灯三天没亮了,晚上看不见路。",
    "nature": "complaint",
    "place": "文峰街道",
    "reporter": {"name": "陈小明", "phone": "13812345678"},
    "call": {"id": "C-20260714-0007", "recording": "rec://pbx1/7"},
}
GRID: dict[str, Any] = {
    "channel": "grid",
    "channel_id": "phone-1-0001",
    "text": "路面塌陷,已放警示桩",
    "lon": 120.566,
    "lat": 32.392,
    "accuracy_m": 12,
}
POLICE110: dict[str, Any] = {
    "channel_id": "J3206822026071400012",
    "text": "如皋市如城街道,邻居装修噪音,非警务,请移交处理",
    "said_at": "2026-07-14T18:40:00+08:00",
    "handed_over_at": "2026-07-14T18:55:00+08:00",
    "officer": "如城派出所值班民警",
    "category": "噪音扰民",
    "reporter": {"name": "王芳", "phone": "13900001111"},
}
WEB: dict[str, Any] = {"channel_id": "W-1", "text": "海安市公园的健身器材坏了", "confidential": True,
                       "reporter": {"name": "李雷", "phone": "13700002222"}}  # fmt: skip
OTHER: dict[str, Any] = {"channel_id": "S/2026/9", "system": "数字城管", "text": "井盖缺失", "lon": 120.56, "lat": 32.39,
                         "datum": "gcj02", "extra": {"camera": "K7", "层级": [1, {"a": None}]}}  # fmt: skip
PUBLIC: dict[str, Any] = {"client_id": "f3b1c2d4e5f60718", "text": "楼下烧烤油烟太大", "place": "启东市汇龙镇",
                          "name": "赵敏", "phone": "13600003333"}  # fmt: skip
