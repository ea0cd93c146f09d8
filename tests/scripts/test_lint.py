"""The checks of our own: green on the tree as it is, red on what they are for."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
LINTS = ("file_size", "no_drawers", "lock_has_no_host", "store_only_sql")


def _lint(name: str, tree: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, ROOT / f"scripts/lint/{name}.py", tree],
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """The least tree on which all checks are green."""
    for name in ("requirements.lock", "web/package-lock.json", "src/chengshu/kit/times.py", "src/chengshu/board/store.py",
                 *(f"src/chengshu/{p}" for p in _exceptions())):  # fmt: skip
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def _exceptions() -> list[str]:
    lines = (ROOT / "scripts/lint/store_only_sql.py").read_text(encoding="utf-8").splitlines()
    return [line.split('"')[1] for line in lines if line.startswith('    "') and '.py": ' in line]


@pytest.mark.parametrize("name", LINTS)
def test_the_least_tree_is_green(name: str, tree: Path) -> None:
    done = _lint(name, tree)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


RED = [
    # check, file, text, what it says
    ("file_size", "src/chengshu/kit/long.py", "X = 1\n" * 501, "501 lines, at most 500"),
    ("file_size", "tests/test_long.py", "X = 1\n" * 801, "801 lines, at most 800"),
    ("file_size", "web/src/ui/Long.vue", "<!-- -->\n" * 401, "401 lines, at most 400"),
    (
        "file_size",
        "src/chengshu/kit/long.py",
        "def f():\n" + "    f()\n" * 80,
        "f has 81 lines, at most 80",
    ),
    (
        "file_size",
        "src/chengshu/kit/long.py",
        "class C:\n  async def g(self):\n" + "    g()\n" * 80,
        "g has 81",
    ),
    ("no_drawers", "src/chengshu/kit/utils.py", "", "utils.py"),
    ("no_drawers", "src/chengshu/intake/helpers/reading.py", "", "helpers"),
    ("no_drawers", "web/src/map/common.ts", "", "common.ts"),
    (
        "lock_has_no_host",
        "requirements.lock",
        "--index-url https://pypi.example/simple\n",
        "names a host",
    ),
    ("lock_has_no_host", "requirements.lock", "thing @ file:///tmp/thing.whl\n", "names a host"),
    ("lock_has_no_host", "requirements.lock", "thing==1.0\n", "no hash"),
    ("lock_has_no_host", "web/package-lock.json", '  "resolved": "x"\n', "names a host"),
    (
        "store_only_sql",
        "src/chengshu/board/routes.py",
        'X = "select id from report"\n',
        "routes.py:1",
    ),
    (
        "store_only_sql",
        "src/chengshu/board/routes.py",
        'X = f"""\n  Update report SET text = {1}"""\n',
        "routes.py:1",
    ),
    (
        "store_only_sql",
        "src/chengshu/board/routes.py",
        'c.execute("delete from step")\n',
        "routes.py:1",
    ),
]


@pytest.mark.parametrize(("name", "path", "text", "says"), RED)
def test_a_violation_is_red(name: str, path: str, text: str, says: str, tree: Path) -> None:
    (tree / path).parent.mkdir(parents=True, exist_ok=True)
    with (tree / path).open("a", encoding="utf-8") as file:
        file.write(text)
    done = _lint(name, tree)
    assert done.returncode == 1
    assert says in done.stderr


GREEN = [
    # check, file, text: what must not be taken for a violation
    ("file_size", "src/chengshu/kit/long.py", "X = 1\n" * 500),
    ("file_size", "web/src/api/schema.ts", "//\n" * 9000),
    ("no_drawers", "src/chengshu/kit/utilities_of_the_city.py", ""),
    (
        "store_only_sql",
        "src/chengshu/board/figures.py",
        '"""Select what is shown from the counts."""\nX = "select one"\n',
    ),
    ("store_only_sql", "src/chengshu/kit/changes.py", 'X = "select id from change"\n'),
]


@pytest.mark.parametrize(("name", "path", "text"), GREEN)
def test_what_is_allowed_is_green(name: str, path: str, text: str, tree: Path) -> None:
    (tree / path).parent.mkdir(parents=True, exist_ok=True)
    (tree / path).write_text(text, encoding="utf-8")
    assert _lint(name, tree).returncode == 0


def test_an_exception_that_is_none_any_more_is_red(tree: Path) -> None:
    path = tree / "src/chengshu" / _exceptions()[0]
    path.write_text("X = 1\n")
    assert "take it off the list" in _lint("store_only_sql", tree).stderr
