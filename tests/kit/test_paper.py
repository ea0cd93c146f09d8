"""Papers: data are never markup, the same data are the same bytes, a machine without Chinese says so."""

from __future__ import annotations

from pathlib import Path

import pytest
import typst

from chengshu.kit import paper
from chengshu.kit.errors import CannotStart
from chengshu.kit.paper import chosen, render

TEMPLATE = "#set text(font: json(bytes(sys.inputs.fonts)))\n#json(bytes(sys.inputs.data)).words"


def test_the_same_data_are_the_same_bytes() -> None:
    assert render(TEMPLATE, {"words": "会商纪要"}) == render(TEMPLATE, {"words": "会商纪要"})
    assert render(TEMPLATE, {"words": "会商纪要"}) != render(TEMPLATE, {"words": "会商记录"})


@pytest.mark.parametrize(
    "words", ['#panic("x")', "*粗*", '#read("/etc/passwd")', '"\\', "$x$", "]", "\u0000\u202e"]
)
def test_what_people_wrote_is_never_markup(words: str) -> None:
    assert render(TEMPLATE, {"words": words}).startswith(b"%PDF-")


def test_a_template_reaches_no_file_of_the_machine(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("x")
    for wanted in (str(tmp_path / "secret"), "../secret", "/etc/hostname"):
        with pytest.raises(typst.TypstError):
            render(f'#read("{wanted}")', {})


def test_a_machine_without_chinese_fonts_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bare = typst.Fonts(include_system_fonts=False)
    monkeypatch.setattr(paper, "_found", lambda fonts: bare)
    with pytest.raises(CannotStart, match="fonts-noto-cjk"):
        render(TEMPLATE, {"words": "会商纪要"})


def test_the_most_readable_family_comes_first() -> None:
    assert chosen({"SimSun", "Noto Serif CJK SC"}) == ("Noto Serif CJK SC", "SimSun")
    assert chosen({"Libertinus Serif"}) == ()
