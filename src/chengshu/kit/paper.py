"""Paper: a Typst template and data to a PDF, the same bytes for the same data.

Data reach the template as JSON and nowhere else, so that no text of a report is ever read as markup. A template
reads them with `#let data = json(bytes(sys.inputs.data))`; it may read no file and fetch no package.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Final

import typst

from chengshu.kit.errors import CannotStart

# Families that hold the characters of GB 18030's common part, the best readable on paper first.
CHINESE: Final = (
    "Noto Serif CJK SC", "Source Han Serif SC", "Noto Sans CJK SC", "Source Han Sans SC", "SimSun", "FangSong",
    "Songti SC", "WenQuanYi Zen Hei", "WenQuanYi Micro Hei", "AR PL UMing CN",
)  # fmt: skip
_EPOCH: Final = 0  # written into the PDF instead of the hour: the same data are the same bytes


def render(template: str, data: Mapping[str, object], *, fonts: Path | None = None) -> bytes:
    """Set a document.

    Args:
        template: Typst source; `data` and `fonts` stand in `sys.inputs`, the latter a JSON list of the
            families to set in.
        data: Plain values: texts, numbers, lists, mappings, None.
        fonts: A folder with fonts beside those of the machine.

    Returns:
        A PDF.

    Raises:
        CannotStart: This machine has no Chinese font; the sentence says which to install.
        typst.TypstError: The template is wrong; never because of what the data say.

    Examples:
        >>> render('#set text(font: "New Computer Modern")\\n#json(bytes(sys.inputs.data)).at("x")', {"x": "#a"})[:5]
        b'%PDF-'
    """
    families = _families(fonts)
    inputs = {
        "data": json.dumps(data, ensure_ascii=False, sort_keys=True),
        "fonts": json.dumps(list(families), ensure_ascii=False),
    }
    # a folder with nothing else in it as the root: a template reaches no file, whatever it asks for
    with tempfile.TemporaryDirectory(prefix="chengshu-paper-") as folder:
        root = Path(folder)
        source = root / "paper.typ"
        source.write_text(template, "utf-8")
        made: bytes = typst.compile(
            source, root=root, font_paths=_found(fonts), sys_inputs=inputs, format="pdf", package_path=root,
            package_cache_path=root, timestamp=_EPOCH,
        )  # fmt: skip
    return made


@lru_cache(maxsize=4)
def _found(fonts: Path | None) -> typst.Fonts:
    """The fonts of the machine; looking for them takes a while."""
    return typst.Fonts(font_paths=[fonts] if fonts else [])


def _families(fonts: Path | None) -> tuple[str, ...]:
    known = set(_found(fonts).families())
    chinese = chosen(known)
    if not chinese:
        raise CannotStart(
            "本机没有中文字体，打不出文书；请安装 fonts-noto-cjk 或把字体放进 fonts 文件夹",
            "this machine has no Chinese font to print with: install fonts-noto-cjk or put one into the folder of fonts",
        )
    return chinese


def chosen(known: set[str]) -> tuple[str, ...]:
    """Which of the families of a machine can set Chinese, best first.

    Examples:
        >>> chosen({"Libertinus Serif", "SimSun", "Noto Sans CJK SC"})
        ('Noto Sans CJK SC', 'SimSun')
    """
    return tuple(name for name in CHINESE if name in known)
