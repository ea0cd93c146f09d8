"""What the documents say is what the code says."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.main import get_command

from chengshu.app.cli import app
from chengshu.dispatch.workflow import MOVES

ROOT = Path(__file__).parent.parent.parent
DOCUMENTS = sorted(
    p for p in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("cities/*/*.md")]
)
MODELS = [
    *sorted((ROOT / "src/chengshu").glob("**/model.py")),
    ROOT / "src/chengshu/dispatch/workflow.py",
]


def _words() -> Iterator[str]:
    """Every public class of the models, and every member of their enumerations."""
    for path in MODELS:
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if not isinstance(node, ast.ClassDef) or node.name.startswith("_"):
                continue
            yield node.name
            if any(isinstance(base, ast.Name) and base.id == "StrEnum" for base in node.bases):
                for line in node.body:
                    if isinstance(line, ast.Assign) and isinstance(line.targets[0], ast.Name):
                        yield f"{node.name}.{line.targets[0].id}"


def _glossary() -> list[list[str]]:
    text = (ROOT / "docs/glossary.md").read_text(encoding="utf-8")
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in text.splitlines()
        if line.startswith("|")
    ]
    return [row for row in rows if row[0] not in ("中文", "---")]


def test_every_word_of_the_models_is_in_the_glossary() -> None:
    named = {name for row in _glossary() for name in re.findall(r"`([^`]+)`", row[1])}
    missing = sorted(set(_words()) - named)
    assert not missing


def test_the_glossary_has_no_word_that_is_gone() -> None:
    members = {
        name for row in _glossary() for name in re.findall(r"`([A-Z]\w*\.[A-Z_0-9]+)`", row[1])
    }
    gone = sorted(members - set(_words()))
    assert not gone


def test_each_word_has_one_meaning_and_one_sentence() -> None:
    seen: set[str] = set()
    for row in _glossary():
        assert len(row) == 4, row
        assert row[0], row
        assert row[3].endswith("."), row
        assert row[1] not in seen, row
        seen.add(row[1])


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(document: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)", document.read_text(encoding="utf-8")):
        if "://" not in target and not target.startswith("mailto:"):
            assert (document.parent / target).exists(), target


@pytest.mark.parametrize("readme", ["README.md", "README.zh-CN.md"])
def test_every_command_is_in_the_readme_and_the_other_way_round(readme: str) -> None:
    text = (ROOT / readme).read_text(encoding="utf-8")
    root = get_command(app)
    known = set(root.commands)  # type: ignore[attr-defined]
    named = set(re.findall(r"`chengshu ([a-z]+)", text)) | set(
        re.findall(r"· `(?!chengshu)([a-z]+) ", text)
    )
    assert named <= known
    assert known - named <= {"version", "drill", "eval"}


@pytest.mark.parametrize("readme", ["README.md", "README.zh-CN.md", "CONTRIBUTING.md"])
def test_every_make_target_that_is_named_exists(readme: str) -> None:
    targets = set(
        re.findall(
            r"^([a-z]+):.*## ", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE
        )
    )
    assert (
        set(
            re.findall(
                r"(?:^|`)make ([a-z]+)", (ROOT / readme).read_text(encoding="utf-8"), re.MULTILINE
            )
        )
        <= targets
    )


def test_the_state_diagram_names_every_move() -> None:
    drawn = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    for verb, move in MOVES.items():
        for stage in move.at:
            assert f"  {stage} --> {move.to or stage}: {verb} {move.label} ({move.party})" in drawn


def test_the_layers_in_the_architecture_are_those_of_the_build() -> None:
    pyproject = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    found = re.search(r"^layers = \[(.*?)\]", pyproject, re.MULTILINE | re.DOTALL)
    assert found
    layers = re.findall(r"[a-z]+", found[1])  # "board | warning" stand side by side
    rows = re.findall(
        r"^\| `([a-z]+)` \|", (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert rows == layers
