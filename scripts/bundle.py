"""One archive that installs without a network: wheels, built pages, cities, units, settings, installer.

Wheels are those that requirements.lock pins, without the extras, for this Python and this machine.
"""

from __future__ import annotations

import argparse
import hashlib
import platform
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from collections.abc import Iterable, Iterator
from importlib import metadata
from itertools import pairwise
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
_PINNED = re.compile(r"^([A-Za-z0-9._-]+)==\S+", re.MULTILINE)


def needed(lines: Iterable[str]) -> Iterator[str]:
    """Names of the packages that these requirements need, those behind them too; extras only when asked for."""
    seen: set[tuple[str, frozenset[str]]] = set()
    waiting = [(line, frozenset[str]()) for line in lines]
    while waiting:
        line, extras = waiting.pop()
        need = Requirement(line)
        if need.marker and not any(need.marker.evaluate({"extra": e}) for e in ("", *extras)):
            continue
        package = (canonicalize_name(need.name), frozenset(need.extras))
        if package not in seen:
            seen.add(package)
            yield package[0]
            waiting += [(behind, package[1]) for behind in metadata.requires(package[0]) or []]


def pinned(lock: str, names: set[str]) -> str:
    """The part of a lock that is about these packages, hashes included."""
    starts = [*_PINNED.finditer(lock), None]
    blocks = []
    for here, following in pairwise(starts):
        if here and canonicalize_name(here[1]) in names:
            blocks.append(lock[here.start() : following.start() if following else len(lock)])
    return "".join(blocks)


def wheels(into: Path, cache: Path) -> None:
    """The wheels of all run-time dependencies; kept in `cache` as long as the lock stays the same."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    names = set(needed(project["dependencies"]))
    text = pinned((ROOT / "requirements.lock").read_text(encoding="utf-8"), names)
    if missing := names - {canonicalize_name(m[1]) for m in _PINNED.finditer(text)}:
        raise SystemExit(f"requirements.lock lacks {', '.join(sorted(missing))}: run make lock")
    kept = (
        cache / hashlib.sha256(f"{PYTHON} {platform.machine()}\n{text}".encode()).hexdigest()[:16]
    )
    if not kept.is_dir():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as folder:
            wanted = Path(folder) / "wanted.txt"
            wanted.write_text(text, encoding="utf-8")
            _pip(
                "wheel",
                "--require-hashes",
                "--no-deps",
                "-r",
                str(wanted),
                "-w",
                f"{folder}/wheels",
            )
            try:
                (Path(folder) / "wheels").rename(kept)
            except OSError:  # another build was first
                if not kept.is_dir():
                    raise
    shutil.copytree(kept, into, dirs_exist_ok=True)


def _pip(*args: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pip", "-qq", "--disable-pip-version-check", *args], cwd=ROOT
    )
    if done.returncode:
        raise SystemExit(
            "pip could not make the wheels; the lines above say why. Is PyPI reachable?"
        )


def bundle(out: Path, cache: Path) -> Path:
    """Write the archive into `out`; returns its path."""
    if not (ROOT / "src/chengshu/app/static/index.html").is_file():
        raise SystemExit("The front end is not built: run make web first.")
    version = metadata.version("chengshu")
    name = f"chengshu-{version}"
    with tempfile.TemporaryDirectory() as folder:
        room = Path(folder) / name
        wheels(room / "wheels", cache)
        _pip("wheel", "--no-build-isolation", "--no-deps", str(ROOT), "-w", str(room / "wheels"))
        values = {"@VERSION@": version, "@PYTHON@": PYTHON, "@MACHINE@": platform.machine()}
        for source in ("install.sh", "README.txt"):
            text = (ROOT / "packaging" / source).read_text(encoding="utf-8")
            for mark, value in values.items():
                text = text.replace(mark, value)
            (room / source).write_text(text, encoding="utf-8")
        (room / "install.sh").chmod(0o755)
        shutil.copy(ROOT / "packaging/settings.toml", room)
        shutil.copytree(ROOT / "packaging/systemd", room / "systemd")
        for paper in ("LICENSE", "NOTICE"):
            shutil.copy(ROOT / paper, room)
        out.mkdir(parents=True, exist_ok=True)
        target = out / f"{name}-bundle.tar.gz"
        part = target.with_suffix(".part")
        with tarfile.open(
            part, "w:gz", compresslevel=1
        ) as archive:  # wheels are compressed already
            archive.add(room, name, filter=_nobody)
        part.replace(target)
    return target


def _nobody(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    member.uname = member.gname = "root"
    return member


if __name__ == "__main__":
    options = argparse.ArgumentParser(
        description="Write one archive that installs without a network."
    )
    options.add_argument("--out", type=Path, default=ROOT / "dist")
    options.add_argument("--cache", type=Path, default=ROOT / "build/wheels")
    chosen = options.parse_args()
    made = bundle(chosen.out, chosen.cache)
    print(f"{made} ({made.stat().st_size / 2**20:.0f} MB)")
