"""`chengshu bench library`: how fast passages are found and added, beside library peers in the same run.

Passages are made here from a seed: matters of a city that never was, each with its own place and numbers. A question
is a passage told in other words: sentences dropped, characters left out, others put in. The passage it was made from
counts as right. Ours answers with 10,000, 100,000 and 1,000,000 passages held, the peers at the first two sizes, all in
one process on one core. The filled indexes are kept in the data folder.
"""

from __future__ import annotations

import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import numpy as np
import rjieba

from chengshu import library
from chengshu.kit.settings import Settings
from chengshu.library.index import FRESH, Index

Say = Callable[[str], None]
Search = Callable[[str], list[int]]  # a question to at most ten keys
SIZES: Final = (("10k", 10_000), ("100k", 100_000), ("1m", 1_000_000))
_SEED: Final = 6_061
_ADDED: Final = FRESH + 44  # one of them writes a segment
_WARM: Final = 50
_ASKED_S: Final = 20.0
_LEAST: Final = 20
_PEER_S: Final = (
    60.0  # what a peer may take to fill; those that took longer at 10k are not run at 100k
)
_FIRST: Final = (
    "东西南北长新安康永兴和平文德光明江海河湖龙凤山石金银花柳松竹梅桂云天中华盛泰福禄景秀翠碧青白红"
)
_LAST: Final = "苑园庄村里街路桥港湾渠塘湖坝镇坊巷城府台塔寺庙圩埠浦溪滩岗坡林场站口"
_THINGS: Final = (
    "路灯 井盖 人行道 垃圾桶 污水管 行道树 公交站牌 红绿灯 电梯 消防栓 燃气管 供水管 健身器材 停车位 围挡 绿化带 "
    "排水沟 护栏 监控探头 充电桩 化粪池 变压器 广告牌 渣土车 工地 网吧 烧烤摊 洗车店 养殖场 水塘"
).split()
_TROUBLES: Final = (
    "损坏多日无人修理 半夜发出很大的声音 气味难闻不敢开窗 被占用无法通行 积水很深 有安全隐患 停了两天没有通知 "
    "收费与公示的不一样 老人和孩子出行不便 倒在地上 冒黑烟 漏了一地 没有手续就动工 反复出现 晚上看不见"
).split()
_DONE: Final = (
    "已派人到现场查看 与物业公司协商 责令限期整改 更换了新的部件 约谈了负责人 列入下月的维修计划 联系产权单位处理 "
    "依法予以处罚 向居民说明了情况 加强日常巡查 回访时居民表示满意 暂时用围挡隔开"
).split()


def passages(start: int, end: int) -> Iterator[tuple[int, str]]:
    """Keys and texts of made passages; each depends on its key alone, in steps of a thousand."""
    for block in range(start // 1_000, -(-end // 1_000)):
        random = np.random.default_rng((_SEED, block))
        draws = random.integers(0, 1 << 30, (1_000, 16)).tolist()
        for offset, d in enumerate(draws):
            key = block * 1_000 + offset
            if start <= key < end:
                yield key, _passage(d)


def _pick(words: Sequence[str], number: int) -> str:
    return words[number % len(words)]


def _passage(d: Sequence[int]) -> str:
    place = _pick(_FIRST, d[0]) + _pick(_FIRST, d[1]) + _pick(_LAST, d[2])
    street = _pick(_FIRST, d[3]) + _pick(_FIRST, d[4]) + "路"
    return (
        f"{place}{d[5] % 60 + 1}号楼{_pick(_THINGS, d[6])}{_pick(_TROUBLES, d[7])}。"
        f"{street}{d[8] % 300 + 1}号附近的{_pick(_THINGS, d[9])}{_pick(_TROUBLES, d[10])},"
        f"{_pick(_TROUBLES, d[11])}。经核实,{_pick(_DONE, d[12])},{_pick(_DONE, d[13])}。"
        f"处理用时{d[14] % 30 + 1}天,编号{d[15] % 100_000}。"
    )


def questions(size: int, how_many: int) -> list[tuple[int, str]]:
    """Made questions and the key of the passage each was made from."""
    random = np.random.default_rng((_SEED, size, 1))
    keys = random.choice(size, how_many, replace=False)
    found = []
    for key in keys.tolist():
        text = next(passages(key, key + 1))[1].split("经核实")[0]
        letters = [c for c in text if random.random() > 0.12]
        for at in random.integers(0, len(letters), 3):
            letters[at] = _pick(_FIRST, int(random.integers(1 << 20)))
        found.append((key, "请问" + "".join(letters)))
    return found


def run(settings: Settings, say: Say, *, quick: bool) -> dict[str, float]:
    """The whole bench; figures as documented."""
    folder = settings.data_dir / "bench-library"
    folder.mkdir(parents=True, exist_ok=True)
    figures: dict[str, float] = {}
    how_many = 100 if quick else 400
    for label, size in SIZES[:1] if quick else SIZES:
        asked_here = questions(size, how_many)
        figures |= ours(folder, label, size, asked_here, say)
        if size <= SIZES[1][1]:
            figures |= beside(folder, label, size, asked_here, figures, say)
    return figures


# ------------------------------------------------------------------------- ours


def ours(
    folder: Path, label: str, size: int, asked_here: Sequence[tuple[int, str]], say: Say
) -> dict[str, float]:
    """Our index at one size: filled if it is not there, asked, added to, and put back as it was."""
    place = folder / f"ours-{label}-{_stamp()}"
    figures: dict[str, float] = {}
    if not (place / "manifest.json").exists():
        for old in folder.glob(f"ours-{label}-*"):
            shutil.rmtree(old)
        say(f"建索引 filling {size:,} passages …")
        began = time.perf_counter()
        rough = folder / f"rough-{label}"
        shutil.rmtree(rough, ignore_errors=True)
        with Index(rough) as index:
            index.build(_told(passages(0, size), size, say))
        rough.rename(place)
        figures[f"fill_{label}_s"] = time.perf_counter() - began
    with Index(place) as index:
        recall, p50, p95 = asked_of(lambda text: [h.key for h in index.search(text)], asked_here)
        figures |= {
            f"recall_10_{label}": recall,
            f"p50_ms_{label}": p50,
            f"p95_ms_{label}": p95,
        }
        ms = []
        for key, text in passages(size, size + _ADDED):
            began = time.perf_counter()
            index.add(key, text)
            ms.append((time.perf_counter() - began) * 1e3)
        for key in range(size, size + _ADDED):
            index.remove(key)
        figures["add_ms"] = float(np.percentile(ms, 95))
        figures["add_worst_ms"] = max(ms)
        figures["rss_mb"] = _rss_mb()
    figures["index_mb"] = sum(f.stat().st_size for f in place.iterdir()) / 1e6
    say(f"  {label}: recall_10 {recall:.3f}, p50 {p50:.1f} ms, p95 {p95:.1f} ms, add {figures['add_ms']:.1f} ms, "
        f"{figures['index_mb']:.0f} MB on disk")  # fmt: skip
    return figures


def _told(rows: Iterator[tuple[int, str]], size: int, say: Say) -> Iterator[tuple[int, str]]:
    for key, text in rows:
        if key and key % 200_000 == 0:
            say(f"  {key:,} of {size:,}")
        yield key, text


def asked_of(search: Search, asked_here: Sequence[tuple[int, str]]) -> tuple[float, float, float]:
    """Share of questions whose passage is among the first ten, and median and 95th percentile in ms.

    One that is slow is asked fewer: after `_ASKED_S` seconds nothing more, yet `_LEAST` at the least.
    """
    began = time.perf_counter()
    for _, text in asked_here[:_WARM]:
        if time.perf_counter() - began < _ASKED_S / 4:
            search(text)
    ms: list[float] = []
    hits, started = 0, time.perf_counter()
    for key, text in asked_here:
        began = time.perf_counter()
        if began - started > _ASKED_S and len(ms) >= _LEAST:
            break
        found = search(text)
        ms.append((time.perf_counter() - began) * 1e3)
        hits += key in found
    p50, p95 = (float(p) for p in np.percentile(ms, (50, 95)))
    return hits / len(ms), p50, p95


def _stamp() -> str:
    """Changes when what is kept may have changed."""
    files = [
        *sorted(Path(library.__file__).parent.glob("[gps]*.py")),
        Path(__file__),
        Path(library.__file__).with_name("index.py"),
    ]
    return sha256(b"".join(f.read_bytes() for f in files)).hexdigest()[:12]


def _rss_mb() -> float:
    """Memory of this process without mapped files, which the system takes back when it needs it."""
    told = Path("/proc/self/status")
    if not told.exists():
        return 0.0
    found = [line for line in told.read_text().splitlines() if line.startswith("RssAnon")]
    return float(found[0].split()[1]) / 1e3 if found else 0.0


# ------------------------------------------------------------------------ peers


def words(text: str) -> list[str]:
    """Words as the peers get them."""
    return [w for w in rjieba.cut(text) if w[0].isalnum()]


def by_bm25s(folder: Path, rows: Sequence[tuple[int, str]]) -> Search:
    """`bm25s` over words."""
    import bm25s

    untyped: Any = bm25s
    model = untyped.BM25()
    model.index([words(text) for _, text in rows], show_progress=False)

    def search(text: str) -> list[int]:
        found, _ = model.retrieve([words(text)], k=10, show_progress=False)
        return [rows[int(i)][0] for i in found[0]]

    return search


def by_tantivy(folder: Path, rows: Sequence[tuple[int, str]]) -> Search:
    """`tantivy` over words put in with spaces between."""
    import tantivy

    untyped: Any = tantivy
    builder = untyped.SchemaBuilder()
    builder.add_integer_field("key", stored=True, indexed=True)
    builder.add_text_field("text", stored=False, tokenizer_name="whitespace")
    index = untyped.Index(builder.build())
    writer = index.writer(heap_size=100_000_000, num_threads=1)
    for key, text in rows:
        writer.add_document(untyped.Document(key=key, text=" ".join(words(text))))
    writer.commit()
    writer.wait_merging_threads()
    index.reload()
    searcher = index.searcher()

    def search(text: str) -> list[int]:
        terms = [
            (
                untyped.Occur.Should,
                untyped.Query.term_query(index.schema, "text", w, index_option="freq"),
            )
            for w in set(words(text))
        ]
        hits = searcher.search(untyped.Query.boolean_query(terms), 10).hits
        return [int(searcher.doc(at)["key"][0]) for _, at in hits]

    return search


def by_fts5(folder: Path, rows: Sequence[tuple[int, str]]) -> Search:
    """SQLite FTS5, unicode61, over words put in with spaces between."""
    path = folder / "fts5.sqlite"
    path.unlink(missing_ok=True)
    connection = sqlite3.connect(path)
    connection.execute("create virtual table passage using fts5(text, content='')")
    with connection:
        connection.executemany(
            "insert into passage (rowid, text) values (?, ?)",
            ((key, " ".join(words(text))) for key, text in rows),
        )

    def search(text: str) -> list[int]:
        wanted = " OR ".join(f'"{w}"' for w in dict.fromkeys(words(text)))
        found = connection.execute(
            "select rowid from passage where passage match ? order by rank limit 10", (wanted,)
        )
        return [int(key) for (key,) in found]

    return search


PEERS: Final = (("bm25s", by_bm25s), ("tantivy", by_tantivy), ("sqlite_fts5", by_fts5))


def beside(
    folder: Path, label: str, size: int, asked_here: Sequence[tuple[int, str]], known: dict[str, float], say: Say
) -> dict[str, float]:  # fmt: skip
    """Every peer at one size; one that cannot run is named with the reason."""
    tail = "" if label == SIZES[0][0] else f"_{label}"
    rows = list(passages(0, size))
    figures: dict[str, float] = {}
    for name, make in PEERS:
        least = known.get(f"peers.{name}.fill_s", 0.0) * size / SIZES[0][1]
        if least > _PEER_S:
            say(f"  {name} at {label}: not run (filling would take {least:.0f} s)")
            continue
        began = time.perf_counter()
        try:
            search = make(folder, rows)
        except ImportError as missing:
            say(f"  {name}: not run ({missing.name} is not installed: it is in the extra [bench])")
            continue
        filled = time.perf_counter() - began
        recall, p50, p95 = asked_of(search, asked_here)
        figures |= {
            f"peers.{name}.recall_10{tail}": recall, f"peers.{name}.p50_ms{tail}": p50,
            f"peers.{name}.p95_ms{tail}": p95, f"peers.{name}.fill_s{tail}": filled,
        }  # fmt: skip
        say(f"  {name} at {label}: recall_10 {recall:.3f}, p50 {p50:.1f} ms, p95 {p95:.1f} ms")
    return figures
