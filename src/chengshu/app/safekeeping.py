"""Backup and restore from the command line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from chengshu.kit import sealing
from chengshu.kit.backup import backup, client_program, restore
from chengshu.kit.embedded import Embedded
from chengshu.kit.sealing import Keyring
from chengshu.kit.settings import Settings
from chengshu.kit.times import utc_now


def _program(settings: Settings, name: str) -> Path:
    """The embedded server's own program, or the machine's for another server."""
    return (
        client_program(name) if settings.database_url else Embedded(settings.data_dir).program(name)
    )


def _keyring(settings: Settings) -> Keyring | None:
    path = settings.data_dir / "keys.json"
    return sealing.read(path, settings.cipher) if path.exists() else None


def keep(settings: Settings, dsn_owner: str, target: Path, say: Callable[[str], None]) -> None:
    """Write a backup."""
    keyring = sealing.read(settings.data_dir / "keys.json", settings.cipher)
    backup(
        dsn_owner,
        target,
        pg_dump=_program(settings, "pg_dump"),
        keyring=keyring,
        now=utc_now(),
        say=say,
    )


def bring_back(
    settings: Settings, dsn_owner: str, archive: Path, say: Callable[[str], None]
) -> None:
    """Restore a backup into an empty database."""
    restore(
        archive,
        dsn_owner,
        pg_restore=_program(settings, "pg_restore"),
        keyring=_keyring(settings),
        say=say,
    )
