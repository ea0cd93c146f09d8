"""`chengshu eval address`: how well the parts of addresses are read, on a file of addresses with known parts.

A part counts when its label and both its ends are right, as in the shared tasks on named entities.
With a file to learn from, a plain chain (a window of two characters) learns and reads the same beside it.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from chengshu.kit.errors import Invalid
from chengshu.places.tagger import Tagger, shipped
from chengshu.places.tagging.learning import Manner
from chengshu.places.tagging.scheme import OUTSIDE, Labelled, Sentence

Say = Callable[[str], None]
_PLAIN: Final = Manner(passes=4, left_out=0.0, shrink=0.01, step=0.1, trusted=1.0, least=1)
_OPENS: Final = "BS"
_GOES_ON: Final = "IME"


def run(test: Path, train: Path | None, say: Say) -> dict[str, float]:
    """Figures by name: of the shipped model, or of one learnt from `train`, then with a peer's beside them.

    Raises:
        Invalid: A file cannot be read; says which line.
    """
    truth = read_tagged(test)
    taught = read_tagged(train) if train else None
    if taught is None:
        return _measured(shipped(), truth, "", say)
    say(f"learns from {len(taught)} addresses")
    figures = _measured(Tagger.learnt(taught, say=say), truth, "", say)
    say("the peer: a plain chain, a window of two characters")
    peer = _measured(Tagger.learnt(taught, _PLAIN, simple=True), truth, "peer_", lambda line: None)
    return figures | {name: peer[name] for name in ("peer_entity_f1", "peer_per_second")}


def read_tagged(path: Path) -> list[Sentence]:
    """Lines of a token, a blank and a tag (B-, I-, E-, S- with a label, or O); an empty line ends an address.

    Labels are read without regard to capitals.

    Raises:
        Invalid: A line has no tag, a tag is none of the scheme or follows none it can, bytes are not
            UTF-8, or there is no address.
    """
    found: list[Sentence] = []
    tokens: list[str] = []
    spans: list[Labelled] = []
    going = ""  # the label that may go on
    for number, raw in enumerate([*path.read_bytes().splitlines(), b""], 1):
        try:
            line = raw.decode("utf-8-sig" if number == 1 else "utf-8").strip()
        except UnicodeDecodeError:
            raise _wrong(path, number, "不是 UTF-8 编码", "is not UTF-8") from None
        if not line:
            if tokens:
                found.append(Sentence(tuple(tokens), tuple(spans)))
            tokens, spans, going = [], [], ""
            continue
        fields = line.split()
        if len(fields) != 2:
            raise _wrong(path, number, f"应为“字 标记”两项：{line[:40]}",
                         f"must hold a token and a tag: {line[:40]}")  # fmt: skip
        going = _read(path, number, fields[1], going, len(tokens), spans)
        tokens.append(fields[0])
    if not found:
        raise Invalid(path.name, "文件中没有地址", "the file holds no address")
    return found


def _read(path: Path, number: int, tag: str, going: str, at: int, spans: list[Labelled]) -> str:  # fmt: skip
    """Note a tag, and say which label may go on after it."""
    if tag == OUTSIDE:
        return ""
    kind, dash, label = tag.partition("-")
    label = label.lower()
    if not dash or not label or len(kind) != 1 or kind not in _OPENS + _GOES_ON:
        raise _wrong(path, number, f"标记 {tag} 不属于 BIO 或 BIOES",
                     f"the tag {tag} is none of BIO or BIOES")  # fmt: skip
    if kind in _OPENS:
        spans.append((label, at, at + 1))
        return label if kind == "B" else ""
    if label != going:
        raise _wrong(path, number, f"标记 {tag} 之前没有 B-{label}",
                     f"the tag {tag} goes on with what no B-{label} began")  # fmt: skip
    spans[-1] = (label, spans[-1][1], at + 1)
    return label if kind in "IM" else ""


def _wrong(path: Path, line: int, chinese: str, english: str) -> Invalid:
    return Invalid(path.name, f"{path.name} 第 {line} 行{chinese}", f"{path.name}, line {line} {english}")  # fmt: skip


def _measured(tagger: Tagger, truth: Sequence[Sentence], prefix: str, say: Say) -> dict[str, float]:
    tokens = [s.tokens for s in truth]
    tagger.tag_many(tokens[:1])  # the first call fills caches
    began = time.perf_counter()
    read = tagger.tag_many(tokens)
    took = time.perf_counter() - began
    counts = counted([s.spans for s in truth], read)
    for label, (right, wanted, given) in sorted(counts.items(), key=lambda i: -i[1][1]):
        say(f"{label:>12} {_f1(right, wanted, given):.3f} of {wanted}")
    right, wanted, given = (sum(c[i] for c in counts.values()) for i in range(3))
    return {
        f"{prefix}entity_f1": _f1(right, wanted, given),
        f"{prefix}precision": right / max(given, 1),
        f"{prefix}recall": right / max(wanted, 1),
        f"{prefix}addresses": float(len(truth)),
        f"{prefix}per_second": len(truth) / max(took, 1e-9),
    }


def counted(
    truth: Sequence[Sequence[Labelled]], read: Sequence[Sequence[Labelled]]
) -> dict[str, tuple[int, int, int]]:
    """Per label how many parts are right, wanted and given."""
    right, wanted, given = Counter[str](), Counter[str](), Counter[str]()
    for known, said in zip(truth, read, strict=True):
        right.update(label for label, _, _ in set(known) & set(said))
        wanted.update(label for label, _, _ in known)
        given.update(label for label, _, _ in said)
    return {label: (right[label], wanted[label], given[label]) for label in wanted | given}


def _f1(right: int, wanted: int, given: int) -> float:
    return 2 * right / (wanted + given) if wanted + given else 0.0
