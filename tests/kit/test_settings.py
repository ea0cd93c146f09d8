"""Settings: environment before file before default, nothing unknown, everything documented."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from chengshu.kit.errors import CannotStart
from chengshu.kit.settings import Settings, load

OPERATIONS = Path(__file__).parents[2] / "docs" / "operations.md"


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [n for n in os.environ if n.startswith("CHENGSHU_")]:
        monkeypatch.delenv(name)


def _file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, text: str) -> None:
    path = tmp_path / "chengshu.toml"
    path.write_text(text)
    monkeypatch.setenv("CHENGSHU_SETTINGS", str(path))


# ---------------------------------------------------------------- documented
def _table() -> dict[str, tuple[str, str, str]]:
    """Name to environment, default and meaning, from the section «Settings»."""
    section = OPERATIONS.read_text("utf-8").split("\n## Settings\n")[1].split("\n## ")[0]
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in section.splitlines()
        if line.startswith("| `")
    ]
    return {row[0].strip("`"): (row[1].strip("`"), row[2], row[3]) for row in rows}


def _shown(name: str, value: object) -> str:
    if name == "data_dir":  # depends on who runs it
        return "`/var/lib/chengshu` for root, else `~/.local/share/chengshu`"
    if isinstance(value, dict) and value:
        return f"`{','.join(f'{kind}={days}' for kind, days in value.items())}`"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return "empty" if value in (None, "", {}) else f"`{value}`"


def test_every_setting_is_documented_as_it_is() -> None:
    assert _table() == {
        name: (
            f"CHENGSHU_{name.upper()}",
            _shown(name, field.get_default(call_default_factory=True)),
            field.description,
        )
        for name, field in Settings.model_fields.items()
    }


def test_the_kinds_of_retention_are_documented() -> None:
    section = OPERATIONS.read_text("utf-8").split("\n## Retention\n")[1].split("\n## ")[0]
    assert {line.split("`")[1] for line in section.splitlines() if line.startswith("| `")} == set(
        Settings().retention
    )


# ---------------------------------------------------------------- precedence
def test_environment_before_file_before_default(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    _file(monkeypatch, tmp_path, 'port = 9000\nhost = "0.0.0.0"\n')
    monkeypatch.setenv("CHENGSHU_PORT", "9001")
    settings = load()
    assert (settings.port, settings.host, settings.city) == (9001, "0.0.0.0", "nantong")


def test_values_are_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "DATA_DIR": "/srv/x", "SECURE_COOKIES": "true", "ASSIGN_ABOVE": "0.8", "RETENTION": "reporter=30, notice=0",
    }.items():  # fmt: skip
        monkeypatch.setenv(f"CHENGSHU_{name}", value)
    settings = load()
    assert (settings.data_dir, settings.secure_cookies, settings.assign_above) == (
        Path("/srv/x"),
        True,
        0.8,
    )
    assert settings.retention == {"reporter": 30, "session": 30, "notice": 0}


def test_retention_from_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    _file(monkeypatch, tmp_path, "[retention]\nsession = 7\n")
    assert load().retention == {"reporter": 1095, "session": 7, "notice": 365}


def test_settings_do_not_change() -> None:
    with pytest.raises(ValueError, match="frozen"):
        setattr(Settings(), "port", 1)  # noqa: B010


# ---------------------------------------------------------------- refusals
@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("prot = 9000", "prot"),  # a slip of the pen
        ("port = 'x'", "port"),
        ("port = 0", "port"),
        ("[retention]\naudit = 30", "audit: only reporter, session, notice"),
        ("[retention]\nreporter = -1", "negative"),
        ("cipher = 'rot13'", "cipher"),
        ("city = '../x'", "city"),
        ("port = = 1", "读不懂"),
    ],
)
def test_a_wrong_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, text: str, sentence: str
) -> None:
    _file(monkeypatch, tmp_path, text)
    with pytest.raises(CannotStart, match=sentence):
        load()


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("CHENGSHU_PROT", "9000", "CHENGSHU_PROT"),
        ("CHENGSHU_PORT", "ninety", "port"),
        ("CHENGSHU_RETENTION", "reporter", "retention"),
        ("CHENGSHU_RETENTION", "change=1", "change: only reporter, session, notice"),
        ("CHENGSHU_SETTINGS", "/nowhere/chengshu.toml", "不存在"),
    ],
)
def test_a_wrong_environment(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, sentence: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(CannotStart, match=sentence):
        load()
