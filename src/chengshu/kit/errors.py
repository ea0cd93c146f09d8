"""Refusals: what a caller may be told. Everything else that is raised is a bug."""

from __future__ import annotations


class Refused(Exception):
    """A request that cannot be granted.

    `code` is stable and safe to show; the message is a sentence for a person. Chinese is
    the product's first language; `english` carries the other one.
    """

    code = "refused"

    def __init__(self, chinese: str, english: str = "") -> None:
        super().__init__(chinese)
        self.chinese = chinese
        self.english = english or chinese


class NotFound(Refused):
    """There is no such thing, or the caller may not know of it: the two answers are the same."""

    code = "not_found"

    def __init__(self, kind: str, key: object) -> None:
        super().__init__(f"没有找到{kind}:{key}", f"nothing found under {key}")
        self.kind, self.key = kind, key


class Conflict(Refused):
    """Somebody was first, or the thing is not in a state that allows the request."""

    code = "conflict"


class Forbidden(Refused):
    """The caller is known, and may not do this."""

    code = "forbidden"


class Unauthenticated(Refused):
    """The caller is not known."""

    code = "unauthenticated"

    def __init__(self, chinese: str = "请先登录", english: str = "please log in") -> None:
        super().__init__(chinese, english)


class Invalid(Refused):
    """A value cannot be read or lies outside what is possible.

    Attributes:
        field: The name of the value as the caller knows it.
    """

    code = "invalid"

    def __init__(self, field: str, chinese: str, english: str = "") -> None:
        super().__init__(chinese, english)
        self.field = field


class TooMany(Refused):
    """A limit on frequency was reached; try again after `retry_after_s` seconds."""

    code = "too_many"

    def __init__(self, chinese: str, english: str, retry_after_s: int) -> None:
        super().__init__(chinese, english)
        self.retry_after_s = retry_after_s


class CannotStart(Refused):
    """The machine or its settings do not let the program run; the message says what to do."""

    code = "cannot_start"
