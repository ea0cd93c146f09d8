"""The archive of `make bundle` installs where no network is, and the program in it works."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest

from chengshu.kit.settings import Settings

ROOT = Path(__file__).parent.parent.parent
NOWHERE = "http://127.0.0.1:9"


def _alone() -> list[str]:
    """What runs a command without any network; nothing where a user may not."""
    for command in (["unshare", "-n"], ["unshare", "-r", "-n"]):
        if os.geteuid() == 0 or "-r" in command:
            tried = subprocess.run([*command, "true"], capture_output=True, check=False)
            if tried.returncode == 0:
                return command
    return []


def _run(*command: object, data: Path) -> str:
    env = {k: v for k, v in os.environ.items() if not k.startswith(("PIP_", "CHENGSHU_", "PYTHON"))}
    env |= dict.fromkeys(
        ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"), NOWHERE
    )
    env |= {
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_NO_INDEX": "1",
        "PIP_COMPILE": "0",
        "CHENGSHU_DATA_DIR": str(data),
    }
    done = subprocess.run(
        [*_alone(), *map(str, command)], env=env, cwd="/", stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    return done.stdout


@pytest.fixture
def room() -> Iterator[Path]:
    """A folder that the database's own user may enter, unlike pytest's."""
    folder = Path(tempfile.mkdtemp(prefix="chengshu-bundle-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.mark.slow
@pytest.mark.db
def test_it_installs_and_founds_a_city_without_a_network(room: Path) -> None:
    version = metadata.version("chengshu")
    subprocess.run([sys.executable, ROOT / "scripts/bundle.py", "--out", room], check=True, cwd="/")
    archive = room / f"chengshu-{version}-bundle.tar.gz"
    with tarfile.open(archive) as tar:
        tar.extractall(room, filter="data")
    archive.unlink()

    unpacked, data = room / f"chengshu-{version}", room / "data"
    _run(unpacked / "install.sh", "--prefix", room / "opt", "--python", sys.executable, data=data)
    shutil.rmtree(unpacked)  # what was installed must not need it any more
    program = room / "opt/venv/bin/chengshu"
    assert _run(program, "version", data=data).strip() == version

    data.mkdir(mode=0o755)
    said = _run(program, "init", "--city", "nantong", data=data)
    assert "南通市" in said
    assert "auditor" in said
    assert oct((data / "keys.json").stat().st_mode & 0o777) == "0o600"
    inside = next((room / "opt/venv/lib").glob("python3.*/site-packages/chengshu"))
    assert (inside / "app/static/index.html").is_file()


def test_every_setting_is_in_the_example() -> None:
    text = (ROOT / "packaging/settings.toml").read_text(encoding="utf-8")
    named = {line.lstrip("# ").split(" = ")[0] for line in text.splitlines() if " = " in line}
    assert named >= set(Settings.model_fields)


def test_the_example_is_right(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """As it is, and with every comment that is a setting taken for one."""
    example = (ROOT / "packaging/settings.toml").read_text(encoding="utf-8")
    for name in Settings.model_fields:
        monkeypatch.delenv(f"CHENGSHU_{name.upper()}", raising=False)
    shown = "\n".join(
        line.removeprefix("# ") if line.startswith("# ") and " = " in line else line
        for line in example.splitlines()
    )
    for number, text in enumerate((example, shown)):
        file = tmp_path / f"{number}.toml"
        file.write_text(text, encoding="utf-8")
        monkeypatch.setenv("CHENGSHU_SETTINGS", str(file))
        assert Settings().secure_cookies is True
    changed = {
        "data_dir",
        "city",
        "cities_dir",
        "fonts_dir",
        "secure_cookies",
        "database_url",
        "worker_database_url",
        "owner_database_url",
    }
    for name in Settings.model_fields.keys() - changed:  # what a comment calls the default is it
        assert getattr(Settings(), name) == Settings.model_fields[name].get_default(
            call_default_factory=True
        ), name


@pytest.mark.parametrize("unit", ["chengshu-api.service", "chengshu-worker@.service"])
def test_a_unit_is_hardened_and_comes_back(unit: str) -> None:
    lines = set((ROOT / "packaging/systemd" / unit).read_text(encoding="utf-8").splitlines())
    assert {
        "Restart=always",
        "User=chengshu",
        "NoNewPrivileges=yes",
        "ProtectSystem=strict",
        "CapabilityBoundingSet=",
    } <= lines
