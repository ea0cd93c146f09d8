"""Passwords: argon2id hashes and the least a password must be."""

from __future__ import annotations

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from chengshu.kit.errors import Invalid

LEAST = 10
_MOST = 200
_hasher = PasswordHasher()
_NOBODY = _hasher.hash("nobody has this password")


def hash_password(password: str, login: str) -> str:
    """Hash a new password.

    Raises:
        Invalid: It is too short or too long, holds the login name, or is one character repeated.
    """
    if not LEAST <= len(password) <= _MOST:
        raise Invalid(
            "password",
            f"密码需要 {LEAST} 到 {_MOST} 个字符",
            f"a password has {LEAST} to {_MOST} characters",
        )
    if login.lower() in password.lower() or len(set(password)) < 4:
        raise Invalid(
            "password",
            "密码不能包含登录名，也不能只是几个重复字符",
            "a password must not hold the login name or repeat a few characters",
        )
    return _hasher.hash(password)


def matches(password: str, hashed: str | None) -> bool:
    """Whether it is the password; as slow for an unknown account as for a known one."""
    try:
        return _hasher.verify(hashed or _NOBODY, password) and hashed is not None
    except (VerifyMismatchError, InvalidHashError):
        return False
