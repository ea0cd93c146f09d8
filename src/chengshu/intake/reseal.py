"""After the keys were rotated: seal the reporters' personal data anew with the active key."""

from __future__ import annotations

from chengshu.kit.db import Connection
from chengshu.kit.sealing import Keyring


def reseal(conn: Connection, keyring: Keyring, limit: int) -> int:
    """Seal up to `limit` reporters anew that an older key sealed; returns how many, 0 at the end.

    Rows that another process holds are passed over. The caller's transaction ends a batch.

    Raises:
        CannotUnseal: The key that sealed one of them is not in the key file; nothing is changed.
    """
    rows = conn.execute(
        """select report, key_version, sealed from reporter
           where key_version < %s and erased_at is null
           order by report limit %s for update skip locked""",
        (keyring.active, limit),
    ).fetchall()
    fresh = [
        (
            *keyring.seal(keyring.unseal(version, bytes(sealed), _about(report)), _about(report)),
            report,
        )
        for report, version, sealed in rows
    ]
    with conn.cursor() as cursor:
        cursor.executemany(
            "update reporter set key_version = %s, sealed = %s where report = %s", fresh
        )
    return len(rows)


def _about(report: int) -> bytes:
    return str(report).encode()  # what intake.submit binds the sealed data to
