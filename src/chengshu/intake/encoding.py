"""In which encoding a text file is written: tried on the whole file, in blocks."""

from __future__ import annotations

import codecs
from pathlib import Path

from charset_normalizer import from_bytes

_BLOCK = 2**20
_SAMPLE = 2**18
_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
# frequent enough that a few stand in any paragraph read rightly; simplified and traditional
_COMMON = frozenset(
    "的一是在不了有和人这這中大为為上个個国國我以要他时時来來用们們到地区區路市请請反映"
)


def guess_encoding(path: Path) -> tuple[str, bool]:
    """The encoding's name, and whether the whole file can be read in it.

    UTF-8 is taken when the whole file is valid in it: no other encoding of Chinese is by chance.
    GB18030 and Big5 read each other's bytes, so the one that gives more frequent characters wins.
    """
    with path.open("rb") as file:
        sample = file.read(_SAMPLE)
    for mark, name in _MARKS.items():
        if sample.startswith(mark):
            return name, _reads(path, name)
    if _reads(path, "utf-8"):
        return "utf-8", True
    chinese = [name for name in ("gb18030", "big5") if _reads(path, name)]
    if chinese:
        return max(chinese, key=lambda name: _common(sample, name)), True
    best = from_bytes(sample).best()
    name = best.encoding if best else "utf-8"
    if not _reads(path, name):
        name = max(("utf-8", "gb18030"), key=lambda name: _common(sample, name))
        return name, False
    return name, True


def _reads(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                decoder.decode(block)
        decoder.decode(b"", final=True)
    except (UnicodeDecodeError, LookupError):
        return False
    return True


def _common(sample: bytes, encoding: str) -> int:
    return sum(c in _COMMON for c in sample.decode(encoding, "ignore"))
