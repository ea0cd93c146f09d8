"""HTTP of hooks, for the system administrator."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, ConfigDict, Field

from chengshu.agencies import store as agency_store
from chengshu.agencies.gate import AtGate, Caller
from chengshu.agencies.model import Role
from chengshu.kit.errors import Invalid, NotFound
from chengshu.kit.problem import problems
from chengshu.notices.channels.webhook import allowed
from chengshu.notices.hooks import store
from chengshu.notices.hooks.store import Hook
from chengshu.notices.rules import EVENTS

router = APIRouter(prefix="/api/v1")

_ACT = problems(400, 401, 403, 404, 422)
_Id = Annotated[int, Path(ge=0, lt=2**63)]


class HookBody(BaseModel):
    """A system that wants to hear: of notices to this unit and those under it, of these events (none: all)."""

    model_config = ConfigDict(extra="forbid")
    name: Annotated[str, Field(min_length=1, max_length=120)]
    url: Annotated[str, Field(min_length=8, max_length=500)]
    unit: Annotated[str, Field(min_length=1, max_length=120)]
    events: Annotated[
        list[Annotated[str, Field(max_length=40)]], Field(max_length=20, default_factory=list)
    ]


class HookSwitchBody(BaseModel):
    """On or off."""

    model_config = ConfigDict(extra="forbid")
    active: bool


class HookView(BaseModel):
    """A system that hears; `secret` is shown once, when it was made."""

    id: str
    name: str
    url: str
    unit: str
    events: list[str]
    active: bool
    created_at: datetime
    secret: str = ""


def _view(one: Hook, secret: str = "") -> HookView:
    return HookView(id=str(one.id), name=one.name, url=one.url, unit=one.unit, events=list(one.events),
                    active=one.active, created_at=one.created_at, secret=secret)  # fmt: skip


@router.get("/admin/hooks", response_model=list[HookView], responses=problems(401, 403))
def list_hooks(gate: AtGate) -> list[HookView]:
    """Systems that hear of notices."""
    with gate.person(Role.SYSTEM_ADMIN) as caller:
        return [_view(one) for one in store.hooks(caller.conn)]


@router.post("/admin/hooks", response_model=HookView, status_code=201, responses=_ACT)
def add_hook(gate: AtGate, request: Request, body: HookBody) -> HookView:
    """Let a system hear; the secret that signs is in the answer, and never again."""
    with gate.person(Role.SYSTEM_ADMIN) as caller:
        hosts = frozenset(
            h.strip() for h in request.app.state.settings.webhook_hosts.split(",") if h.strip()
        )
        if not allowed(body.url, hosts):
            raise Invalid(
                "url",
                "这个主机不在设置 webhook_hosts 里",
                "its host is not in the setting webhook_hosts",
            )
        if strange := sorted(set(body.events) - EVENTS):
            raise Invalid(
                "events",
                f"没有这些事件：{', '.join(strange)}",
                f"no such events: {', '.join(strange)}",
            )
        if agency_store.unit(caller.conn, body.unit) is None:
            raise NotFound("单位", body.unit)
        secret, token = secrets.token_urlsafe(32), secrets.token_hex(16)
        made = store.add(caller.conn, body.name, body.url, body.unit, body.events,
                         caller.keyring.seal(secret.encode(), token.encode()), token, caller.now)  # fmt: skip
        _record(caller, "hook_added", made, {"url": body.url, "unit": body.unit})
        return _view(next(h for h in store.hooks(caller.conn) if h.id == made), secret)


@router.patch("/admin/hooks/{hook_id}", status_code=204, responses=_ACT)
def switch_hook(gate: AtGate, hook_id: _Id, body: HookSwitchBody) -> None:
    """Switch a hook on or off."""
    with gate.person(Role.SYSTEM_ADMIN) as caller:
        if not store.switch(caller.conn, hook_id, body.active):
            raise NotFound("订阅系统", hook_id)
        _record(caller, "hook_switched", hook_id, {"active": body.active})


def _record(caller: Caller, act: str, hook: int, detail: dict[str, object]) -> None:
    who = caller.person
    agency_store.record(caller.conn, caller.now, act, account=who.id, role=who.role, subject=str(hook), detail=detail,
                        address=caller.address)  # fmt: skip
