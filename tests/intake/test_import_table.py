"""Imports: counted, idempotent, and with every bad row kept for mending."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from chengshu.intake.import_table import Summary, import_table
from chengshu.kit.errors import Invalid
from tests.conftest import Home
from tests.intake.conftest import rows

pytestmark = pytest.mark.db
Import = Callable[..., Summary]

GOOD = """受理编号,来电时间,诉求内容,事发地址,诉求人,联系电话,诉求性质,是否保密,备注
A1,2026-07-01 08:00:00,路灯不亮,如皋市如城街道,陈小明,13812345678,投诉,是,
A2,2026/7/2 9:30,"井盖坏了,
很危险",海安市,,,咨询,否,急
A3,2026年7月3日 10时,公园里的鸟好多,,王芳,,感谢,,
"""
BAD = """编号,时间,内容,地址,经度,纬度,电话
B1,2026-07-01 08:00,好的一行,如皋市,,,
B2,13月5日,时间不对,如皋市,,,
B3,2026-07-01 08:00,,没有内容,,,
B4,2026-07-01 08:00,只有经度,如皋市,120.5,,
B5,2026-07-01 08:00,写反了,如皋市,32.4,120.5,
B6,2030-01-01 08:00,在未来,如皋市,,,
B1,2026-07-01 08:00,同一编号另一内容,如皋市,,,
B7,2026-07-01 08:00,多了一格,如皋市,,,,意外
B8,2026-07-01 08:00,经度是字,如皋市,东经,32,
B9,2026-07-01 08:00,没有坐标,如皋市,0,0,
B1,2026-07-01 08:00,好的一行,如皋市,,,
"""


@pytest.fixture
def bring(db: Home, now: datetime) -> Import:
    def run(path: Path, **chosen: Any) -> Summary:
        return import_table(path, transaction=db.worker.transaction, keyring=db.keyring, locator=db.world.locator,
                            now=now, **chosen)  # fmt: skip

    return run


def _write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def _counts(summary: Summary) -> tuple[int, int, int, int]:
    return summary.read, summary.new, summary.duplicate, summary.errors


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_good_table(db: Home, bring: Import, tmp_path: Path, encoding: str) -> None:
    summary = bring(_write(tmp_path / "六月.csv", GOOD, encoding))
    assert (_counts(summary), summary.encoding, summary.name) == ((3, 3, 0, 0), encoding, "六月")
    assert summary.columns["time"] == "来电时间"
    assert summary.ignored == ("备注",)
    assert summary.errors_file is None
    assert rows(
        db,
        "select channel_id, source, channel, nature, imported, text from report order by channel_id",
    ) == [
        ("A1", "table:六月", "table", "complaint", True, "路灯不亮"),
        ("A2", "table:六月", "table", "inquiry", True, "井盖坏了,\n很危险"),
        ("A3", "table:六月", "table", "praise", True, "公园里的鸟好多"),
    ]
    assert rows(db, "select masked, confidential from reporter order by masked") == [
        ("王**", False), ("陈** 138****5678", True)]  # fmt: skip
    areas = [r[0] for r in rows(db, "select area from report order by channel_id")]
    assert areas[1:] == [320685000000000, 320600000000000]  # no place: the city's own queue
    assert areas[0] // 10**9 == 320682
    assert rows(db, "select said_at < received_at from report") == [(True,)] * 3
    assert len(rows(db, "select 1 from outbox where topic = 'report.received'")) == 3


def test_twice_doubles_nothing(db: Home, bring: Import, tmp_path: Path) -> None:
    path = _write(tmp_path / "t.csv", GOOD)
    bring(path)
    assert _counts(bring(path)) == (3, 0, 3, 0)
    assert _counts(bring(_write(tmp_path / "other.csv", GOOD), name="t")) == (3, 0, 3, 0)
    assert rows(db, "select count(*) from outbox") == [(3,)]


def test_rows_without_id_are_known_by_their_content(bring: Import, tmp_path: Path) -> None:
    path = _write(
        tmp_path / "t.csv",
        "时间,内容\n2026-07-01,一\n2026-07-01,二\n2026-07-02,一\n2026-07-01,一\n",
    )
    assert _counts(bring(path)) == (4, 3, 1, 0)
    assert _counts(bring(path)) == (4, 0, 4, 0)


def test_bad_rows_are_kept_mended_and_imported(db: Home, bring: Import, tmp_path: Path) -> None:
    path = _write(tmp_path / "七月.csv", BAD)
    summary = bring(path)
    assert _counts(summary) == (11, 2, 1, 8)
    assert summary.errors_file == tmp_path / "import-errors.csv"
    with summary.errors_file.open(encoding="utf-8-sig", newline="") as file:
        kept = list(csv.DictReader(file))
    reasons = {r["编号"]: r["导入_原因"] for r in kept}
    assert reasons["B2"] == "第 3 行：时间“13月5日”读不懂"
    assert reasons["B3"] == "第 4 行：没有内容"
    assert "写反" in reasons["B5"]
    assert "未来" in reasons["B6"]
    assert reasons["B1"] == "第 8 行：编号“B1”已用于另一条内容"
    assert reasons["B8"] == "第 10 行：经度“东经”读不懂"

    mended = (
        summary.errors_file.read_text("utf-8-sig")
        .replace("13月5日", "2026-07-05")
        .replace("32.4,120.5", "120.5,32.4")
    )
    summary.errors_file.write_text(mended.replace("\nB1,", "\nB11,"), "utf-8-sig")
    again = bring(summary.errors_file)
    assert (_counts(again), again.name) == (
        (8, 4, 0, 4),
        "七月",
    )  # the overflowing cell is gone: B7 is good
    assert again.errors_file == tmp_path / "import-errors-2.csv"  # the one being read stays
    assert "导入_原因" not in again.ignored
    assert _counts(bring(path)) == (11, 0, 3, 8)
    assert rows(db, "select count(*) from report where channel_id = 'B2'") == [(1,)]


def test_a_dry_run_writes_nothing_and_counts_the_same(
    db: Home, bring: Import, tmp_path: Path
) -> None:
    path = _write(tmp_path / "t.csv", BAD)
    dry = bring(path, dry_run=True)
    assert (
        rows(db, "select count(*) from report") == rows(db, "select count(*) from outbox") == [(0,)]
    )
    assert _counts(dry) == _counts(bring(path))
    assert dry.dry_run


def test_a_dry_run_sees_doubles_across_chunks(bring: Import, tmp_path: Path) -> None:
    lines = [f"{n % 700},内容{n % 700}\n" for n in range(1400)]
    path = _write(tmp_path / "t.csv", "编号,内容\n" + "".join(lines))
    assert _counts(bring(path, dry_run=True)) == _counts(bring(path)) == (1400, 700, 700, 0)


def test_a_workbook_and_json_lines(db: Home, bring: Import, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    page = book.worksheets[0]
    page.append(["编号", "时间", "内容", "电话"])
    page.append([20260701001.0, datetime(2026, 7, 1, 8), "来自表格", 13812345678])  # noqa: DTZ001 - a cell
    page.append(["X2", 46204.5, "日期序列号", None])
    page.append(["X3", "13月5日", "坏", None])
    book.save(tmp_path / "b.xlsx")
    assert _counts(bring(tmp_path / "b.xlsx")) == (3, 2, 0, 1)
    first = {"id": 7, "time": "2026-07-01T08:00:00Z", "text": "a", "tags": ["x"]}
    lines = [json.dumps(first), "{broken", '{"text": "b", "lat": 1}']
    summary = bring(_write(tmp_path / "j.jsonl", "\n".join(lines)))
    assert (_counts(summary), summary.ignored) == ((3, 1, 0, 2), ("tags",))
    found = rows(
        db, "select channel_id, said_at::text from report where channel_id <> '7' order by said_at"
    )
    assert [f[0] for f in found] == ["20260701001", "X2"]
    assert rows(db, "select caller <> '' from report where channel_id = '20260701001'") == [(True,)]


def test_a_mapping_a_nature_and_a_datum(db: Home, bring: Import, tmp_path: Path) -> None:
    path = _write(tmp_path / "t.csv", "正文,x,y,类型\n路坏了,120.566,32.392,市政\n")
    with pytest.raises(Invalid):
        bring(path)
    summary = bring(path, mapping={"text": "正文", "lon": "x", "lat": "y"}, datum="gcj02")
    assert _counts(summary) == (1, 1, 0, 0)
    ((lon, nature, extra),) = rows(db, "select lon, nature, extra from report")
    assert abs(lon - 120.566) > 0.003
    assert (nature, extra) == ("help", {"no_time": True, "category": "市政"})


def test_positions_outside_and_anonymous_rows(db: Home, bring: Import, tmp_path: Path) -> None:
    text = "编号,内容,经度,纬度,电话,匿名\n1,在北京,116.4,39.9,,\n2,匿名者,,,13812345678,是\n3,看不懂,,,,也许\n"
    assert _counts(bring(_write(tmp_path / "t.csv", text))) == (3, 2, 0, 1)
    assert rows(db, "select extra->'outside', lon from report where channel_id = '1'") == [
        (True, 116.4)
    ]
    assert rows(db, "select anonymous, caller from report where channel_id = '2'") == [(True, "")]
    assert rows(db, "select 1 from reporter") == []


def test_unreadable_bytes_become_bad_rows(bring: Import, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes("编号,内容\n1,好的,\n".encode() + b"2,\xff\xfe\x80\n")
    summary = bring(path)
    assert _counts(summary) == (2, 1, 0, 1)


def test_an_unclosed_quote_does_not_swallow_the_file(
    db: Home, bring: Import, tmp_path: Path
) -> None:
    text = '编号,内容\n1,"没有结束的引号' + "\n很长很长的一行" * 26_000 + "\n2,好的\n"
    summary = bring(_write(tmp_path / "t.csv", text))
    assert summary.errors >= 1
    assert rows(db, "select channel_id, text from report") == [("2", "好的")]
    assert "引号" in (tmp_path / "import-errors.csv").read_text("utf-8-sig").splitlines()[1]


def test_the_same_import_twice_at_once(db: Home, bring: Import, tmp_path: Path) -> None:
    lines = "".join(f"{n},内容 {n}\n" for n in range(1200))
    path = _write(tmp_path / "t.csv", "编号,内容\n" + lines)
    with ThreadPoolExecutor(3) as pool:
        found = list(pool.map(lambda _: bring(path), range(3)))
    assert sum(s.new for s in found) == 1200
    assert [s.new + s.duplicate for s in found] == [1200] * 3
    assert (
        rows(db, "select count(*) from report")
        == rows(db, "select count(*) from outbox")
        == [(1200,)]
    )


def test_progress_is_told(bring: Import, tmp_path: Path) -> None:
    told: list[tuple[int, int | None]] = []
    path = _write(tmp_path / "t.csv", "内容\n" + "".join(f"第{n}条\n" for n in range(1100)))
    bring(path, progress=lambda read, total: told.append((read, total)))
    assert told == [(500, None), (1000, None), (1100, 1100)]
