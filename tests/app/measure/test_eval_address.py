"""Tagged addresses: read or refused with the line, scored strictly, measured beside a plain peer."""

from __future__ import annotations

from pathlib import Path

import pytest

from chengshu.app.measure import eval_address
from chengshu.kit.errors import Invalid

ROAD = "春 B-road\n江 I-road\n路 I-road\n88 B-roadno\n号 I-roadno\n\n"
NAMES = "春江 文昌 永和 青年 人民 濠西 世纪 星湖 长桥 金色".split()


def _file(folder: Path, text: str | bytes, name: str = "rows.txt") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_spans_of_both_schemes(tmp_path: Path) -> None:
    text = f"\ufeff{ROAD}\n请 O\n濠 B-devZone\n西 M-devzone\n区 E-devZone\n3 S-houseno"
    read = eval_address.read_tagged(_file(tmp_path, text))
    assert [s.spans for s in read] == [
        (("road", 0, 3), ("roadno", 3, 5)),
        (("devzone", 1, 4), ("houseno", 4, 5)),
    ]
    assert read[1].tokens == ("请", "濠", "西", "区", "3")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (ROAD + "春 X-road\n", "line 7 the tag X-road is none of"),
        (ROAD + "春 B-\n", "line 7 the tag B- is none of"),
        (ROAD + "春\n", "line 7 must hold a token and a tag: 春"),
        (ROAD + "春 江 B-road\n", "line 7 must hold a token and a tag: 春 江 B-road"),
        ("春 I-road\n", "line 1 the tag I-road goes on with what no B-road began"),
        ("春 B-poi\n江 I-road\n", "line 2 the tag I-road goes on"),
        ("春 B-poi\n\n江 I-poi\n", "line 3 the tag I-poi goes on"),  # not over an empty line
        (ROAD.encode() + "春 B-road\n".encode("gb18030"), "line 7 is not UTF-8"),
        ("\n\n", "holds no address"),
    ],
)
def test_what_cannot_be_read_is_said(tmp_path: Path, text: str | bytes, says: str) -> None:
    with pytest.raises(Invalid) as refused:
        eval_address.read_tagged(_file(tmp_path, text))
    assert says in refused.value.english
    assert "rows.txt" in (refused.value.english + refused.value.field)


def test_label_and_both_ends_must_be_right() -> None:
    counts = eval_address.counted(
        [[("road", 0, 3), ("poi", 3, 5)]], [[("road", 0, 2), ("poi", 3, 5), ("roadno", 5, 6)]]
    )
    assert counts == {"road": (0, 1, 1), "poi": (1, 1, 1), "roadno": (0, 0, 1)}


def test_learnt_from_a_file_beside_a_peer(tmp_path: Path) -> None:
    rows = [
        "".join(f"{c} {'B' if i == 0 else 'I'}-{label}\n" for label, text in
                (("road", f"{a}路"), ("poi", f"{b}花园")) for i, c in enumerate(text)) + "\n"
        for a in NAMES for b in NAMES if a != b
    ]  # fmt: skip
    test, train = (
        _file(tmp_path, "".join(rows[::5]), "t"),
        _file(tmp_path, "".join(rows[1::3]), "f"),
    )
    said: list[str] = []
    figures = eval_address.run(test, train, said.append)
    assert figures["entity_f1"] == figures["precision"] == figures["recall"] == 1.0
    assert figures["peer_entity_f1"] > 0.9
    assert figures["addresses"] == 18
    assert any("road 1.000 of 18" in line for line in said)


def test_the_shipped_model_without_a_file(tmp_path: Path) -> None:
    figures = eval_address.run(_file(tmp_path, ROAD), None, lambda line: None)
    assert figures["entity_f1"] == 1.0
    assert "peer_entity_f1" not in figures
