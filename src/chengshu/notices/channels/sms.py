"""An SMS gateway by HTTP. Gateways differ in the shape of the request; the shape is a setting."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from chengshu.notices.model import Message
from chengshu.notices.sender import Undelivered

_REFUSED = frozenset({400, 403, 404, 410, 413, 415, 422})
DEFAULT_BODY = '{"id": "{key}", "phone": "{phone}", "text": "{text}"}'
_FIELDS = ("key", "phone", "text", "at")


@dataclass(frozen=True, slots=True)
class SmsGateway:
    """POST of JSON, whose strings hold {key}, {phone}, {text} and {at} where the gateway wants them.

    Attributes:
        secret: Sent as `Authorization: Bearer …`; empty for none.
        body: JSON text of the request's shape.
        taken: Name and value that an answer of 2xx must carry, such as ("code", "0"); None: 2xx is enough.
    """

    url: str
    secret: str = ""
    body: str = DEFAULT_BODY
    taken: tuple[str, str] | None = None
    timeout_s: float = 10.0
    headers: Mapping[str, str] = field(default_factory=dict)

    def send(self, message: Message) -> None:
        """See `Sender.send`."""
        if not message.address:
            raise Undelivered("no telephone number", final=True)
        headers = {**self.headers, "Idempotency-Key": message.key}
        if self.secret:
            headers["Authorization"] = f"Bearer {self.secret}"
        values = {
            "key": message.key,
            "phone": message.address,
            "text": message.text,
            "at": message.at.isoformat(),
        }
        try:
            answer = httpx.post(self.url, json=_filled(json.loads(self.body), values), headers=headers,
                                timeout=self.timeout_s, trust_env=False)  # fmt: skip
        except httpx.HTTPError as failure:
            raise Undelivered(type(failure).__name__) from failure
        if answer.status_code in _REFUSED:
            raise Undelivered(f"HTTP {answer.status_code}", final=True)
        if not answer.is_success:
            raise Undelivered(f"HTTP {answer.status_code}")
        if self.taken is not None and not _says(answer, *self.taken):
            raise Undelivered("the gateway's answer is not the agreed one")


def _filled(shape: Any, values: Mapping[str, str]) -> Any:
    """The shape with its named fields in place; whatever else stands in it stays as it is."""
    if isinstance(shape, str):
        for name in _FIELDS:  # in one pass over the shape's own text: a message may hold braces
            if shape == "{" + name + "}":
                return values[name]
        return _inside(shape, values)
    if isinstance(shape, list):
        return [_filled(one, values) for one in shape]
    if isinstance(shape, dict):
        return {key: _filled(one, values) for key, one in shape.items()}
    return shape


def _inside(shape: str, values: Mapping[str, str]) -> str:
    parts, rest = [], shape
    while rest:
        at, name = min(
            ((rest.find("{" + n + "}"), n) for n in _FIELDS if "{" + n + "}" in rest),
            default=(-1, ""),
        )
        if at < 0:
            break
        parts += [rest[:at], values[name]]
        rest = rest[at + len(name) + 2 :]
    return "".join([*parts, rest])


def _says(answer: httpx.Response, name: str, value: str) -> bool:
    try:
        body = answer.json()
    except ValueError:
        return False
    return isinstance(body, dict) and str(body.get(name)) == value
