"""Keys and what they protect: sealing personal data, keyed hashes. Keys live in a file outside the database."""

from __future__ import annotations

import base64
import hmac
import json
import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from chengshu.kit.errors import CannotStart, Refused

_NONCE = 12
_TAG = 16


class CannotUnseal(Refused):
    """The key that sealed the data is not in the key file."""

    code = "key_missing"


@dataclass(frozen=True, slots=True)
class Keyring:
    """All keys that were ever active, and the one that seals now.

    Attributes:
        active: Version of the key that seals.
        keys: Version to 32 secret bytes.
        pepper: Secret of the keyed hashes; it never rotates, or nobody would be found again.
        cipher: "aes" (AES-256-GCM) or "sm4" (SM4-GCM with the key's first 16 bytes).
    """

    active: int
    keys: Mapping[int, bytes]
    pepper: bytes
    cipher: str = "aes"

    def seal(self, plain: bytes, about: bytes) -> tuple[int, bytes]:
        """Encrypt; `about` (for instance the row's id) is bound to it and must be given again.

        Returns:
            The key's version, and one byte of cipher name + nonce + ciphertext + tag.
        """
        nonce = secrets.token_bytes(_NONCE)
        key = self.keys[self.active]
        if self.cipher == "sm4":
            box = Cipher(algorithms.SM4(key[:16]), modes.GCM(nonce)).encryptor()
            box.authenticate_additional_data(about)
            return self.active, b"s" + nonce + box.update(plain) + box.finalize() + box.tag
        return self.active, b"a" + nonce + AESGCM(key).encrypt(nonce, plain, about)

    def unseal(self, version: int, sealed: bytes, about: bytes) -> bytes:
        """Decrypt.

        Raises:
            CannotUnseal: The key is missing, or it is not the key that sealed this.
        """
        key = self.keys.get(version)
        if key is None:
            raise CannotUnseal(
                f"密钥文件里没有第 {version} 版密钥，无法解开个人信息；请把备份时的 keys.json 放回数据目录",
                f"key version {version} is not in the key file: put back the keys.json of the backed-up system",
            )
        kind, nonce, rest = sealed[:1], sealed[1 : 1 + _NONCE], sealed[1 + _NONCE :]
        try:
            if kind == b"s":
                box = Cipher(algorithms.SM4(key[:16]), modes.GCM(nonce, rest[-_TAG:])).decryptor()
                box.authenticate_additional_data(about)
                return box.update(rest[:-_TAG]) + box.finalize()
            return AESGCM(key).decrypt(nonce, rest, about)
        except (InvalidTag, ValueError) as wrong:  # ValueError: what was cut off has no whole tag
            raise CannotUnseal(
                "密钥不对，无法解开个人信息；请把备份时的 keys.json 放回数据目录",
                "this is not the key that sealed the data: put back the keys.json of the backed-up system",
            ) from wrong

    def keyed_hash(self, value: str) -> str:
        """A hash that only this installation can make, 32 hex digits."""
        return hmac.new(self.pepper, value.encode(), sha256).hexdigest()[:32]

    def fingerprint(self) -> str:
        """Says whether two key files belong to one installation, without giving either away."""
        return sha256(b"chengshu" + self.pepper).hexdigest()[:16]


def _write(path: Path, ring: Keyring) -> None:
    text = json.dumps({
        "active": ring.active,
        "keys": {str(v): base64.b64encode(k).decode() for v, k in ring.keys.items()},
        "pepper": base64.b64encode(ring.pepper).decode(),
    })  # fmt: skip
    fresh = path.with_suffix(f".{secrets.token_hex(4)}.new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    fresh.replace(path)


def make(path: Path, cipher: str = "aes") -> Keyring:
    """Make the first key file; leave an existing one alone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        ring = Keyring(1, {1: secrets.token_bytes(32)}, secrets.token_bytes(32), cipher)
        fresh = path.with_suffix(f".{secrets.token_hex(4)}.first")
        _write(fresh, ring)
        with suppress(FileExistsError):  # atomic: refuses when another process was first
            os.link(fresh, path)
        fresh.unlink()
    return read(path, cipher)


def read(path: Path, cipher: str = "aes") -> Keyring:
    """Read the key file.

    Raises:
        CannotStart: It is missing or damaged.
    """
    try:
        data = json.loads(path.read_text())
        ring = Keyring(
            int(data["active"]),
            {int(v): base64.b64decode(k) for v, k in data["keys"].items()},
            base64.b64decode(data["pepper"]),
            cipher,
        )
        if ring.active not in ring.keys or any(len(key) != 32 for key in ring.keys.values()):
            raise ValueError("the active key is missing or a key has the wrong length")
        return ring
    except FileNotFoundError as missing:
        raise CannotStart(
            f"密钥文件 {path} 不存在；没有它无法读取个人信息，请从安全的备份放回",
            f"the key file {path} is missing: personal data cannot be read without it; restore it from its own backup",
        ) from missing
    except (ValueError, KeyError, TypeError, AttributeError) as damaged:
        raise CannotStart(f"密钥文件 {path} 已损坏", f"the key file {path} is damaged") from damaged


def rotate(path: Path, cipher: str = "aes") -> Keyring:
    """Add a new active key; older ones stay to read what they sealed."""
    old = read(path, cipher)
    version = max(old.keys) + 1
    ring = Keyring(version, {**old.keys, version: secrets.token_bytes(32)}, old.pepper, cipher)
    _write(path, ring)
    return ring
