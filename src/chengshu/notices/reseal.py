"""After the keys were rotated: seal telephones of people on duty and secrets of hooks anew."""

from __future__ import annotations

from chengshu.kit.db import Connection
from chengshu.kit.sealing import Keyring
from chengshu.notices import store


def reseal_notices(conn: Connection, keyring: Keyring, limit: int) -> int:
    """Seal up to `limit` rows anew that an older key sealed; returns how many, 0 at the end.

    Raises:
        CannotUnseal: The key that sealed one of them is not in the key file; nothing is changed.
    """
    rows = store.outdated(conn, keyring.active, limit)
    for table, row, version, sealed, token in rows:
        plain = keyring.unseal(version, sealed, token.encode())
        store.sealed_anew(conn, table, row, keyring.seal(plain, token.encode()))
    return len(rows)
