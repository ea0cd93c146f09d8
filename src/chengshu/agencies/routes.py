"""HTTP of logging in, units, areas and administration."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from chengshu.agencies import accounts, store
from chengshu.agencies.gate import COOKIE, AtGate, Caller
from chengshu.agencies.model import Role, Unit
from chengshu.agencies.sessions import Session, log_in, token_hash
from chengshu.kit import outbox
from chengshu.kit.errors import NotFound, Unauthenticated
from chengshu.kit.problem import problems
from chengshu.places import Level, area_span, level_of
from chengshu.places import store as place_store

router = APIRouter(prefix="/api/v1")
Id = Annotated[int, Path(ge=0, lt=2**63)]
_DESK = problems(401, 403, 404, 422)
_ACT = problems(400, 401, 403, 404, 409, 422)
CHANNELS = Literal["police110", "web", "other"]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class LoginBody(_Body):
    """Name and password."""

    login: Annotated[str, Field(min_length=1, max_length=80)]
    password: Annotated[str, Field(min_length=1, max_length=200)]


class UnitView(BaseModel):
    """A unit."""

    unit: str
    name: str
    name_en: str
    short: str
    kind: str
    tier: str
    line: str
    area: str


class ScopeView(BaseModel):
    """The area whose incidents the caller sees."""

    area_lo: str
    area_hi: str


class MeView(BaseModel):
    """Who is logged in."""

    account: str
    login: str
    name: str
    role: str
    unit: UnitView
    csrf: str
    scope: ScopeView | None
    grid: str | None


class AreaView(BaseModel):
    """An area."""

    code: str
    level: str
    name: str
    short: str
    name_en: str
    lon: float | None
    lat: float | None


class AccountView(BaseModel):
    """An account as administrators see it."""

    id: str
    login: str
    name: str
    role: str
    unit: str
    active: bool


class NewAccount(_Body):
    """A new account; the security administrator gives it a role and switches it on."""

    login: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{1,40}$")]
    name: Annotated[str, Field(min_length=1, max_length=60)]
    unit: Annotated[str, Field(min_length=1, max_length=120)]


class AccountChange(_Body):
    """What is to be changed; what is left out stays."""

    role: Role | None = None
    unit: Annotated[str, Field(max_length=120)] | None = None
    name: Annotated[str, Field(min_length=1, max_length=60)] | None = None
    active: bool | None = None
    password: Annotated[str, Field(max_length=200)] | None = None


class NewCredential(_Body):
    """A key for an outside system."""

    name: Annotated[str, Field(min_length=1, max_length=80)]
    channels: Annotated[list[CHANNELS], Field(min_length=1, max_length=3)]


class CredentialView(BaseModel):
    """An outside system's credential; the key itself is shown once, when it is made."""

    id: str
    name: str
    channels: list[str]
    active: bool
    created_at: datetime
    key: str | None = None


class SwitchBody(_Body):
    """On or off."""

    active: bool


class SetAsideView(BaseModel):
    """A message that nobody could handle."""

    id: str
    topic: str
    key: str
    attempts: int
    reason: str
    at: datetime


class AuditView(BaseModel):
    """One line of the audit trail."""

    id: str
    at: datetime
    login: str | None
    role: str | None
    act: str
    subject: str
    detail: dict[str, Any]
    address: str


def unit_view(unit: Unit) -> UnitView:
    """A unit for pages."""
    return UnitView(unit=unit.unit, name=unit.name, name_en=unit.name_en, short=unit.short, kind=unit.kind,
                    tier=unit.tier, line=unit.line, area=str(unit.area))  # fmt: skip


def _me(caller: Caller) -> MeView:
    account, span = caller.person, caller.scope.span
    assert caller.unit is not None
    return MeView(
        account=str(account.id), login=account.login, name=account.name, role=account.role,
        unit=unit_view(caller.unit), csrf=caller.csrf,
        scope=ScopeView(area_lo=str(span[0]), area_hi=str(span[1])) if span else None,
        grid=str(account.grid) if account.grid else None,
    )  # fmt: skip


@router.post("/session", response_model=MeView, responses=problems(400, 401, 403, 422))
def start_session(gate: AtGate, request: Request, response: Response, body: LoginBody) -> MeView:
    """Log in; the session's secret travels in a cookie that scripts cannot read."""
    settings = request.app.state.settings
    lasts = timedelta(hours=settings.session_hours)
    session: Session | None = None
    with gate.anyone() as caller:
        if gate.token:  # whatever session the browser had ends: none can be fixed upon it
            store.end_session(caller.conn, token_hash(gate.token))
        session = log_in(
            caller.conn, body.login, body.password, caller.now, lasts=lasts, address=caller.address
        )
    if session is None:  # after the commit, so that the failure counts
        raise Unauthenticated("登录名或密码不对", "the login name or password is wrong")
    response.set_cookie(COOKIE, session.token, max_age=int(lasts.total_seconds()), httponly=True, samesite="strict",
                        secure=settings.secure_cookies, path="/")  # fmt: skip
    fresh = replace(gate, token=session.token, csrf=session.csrf, key=None, reads_only=True)
    with fresh.person() as caller:
        return _me(caller)


@router.delete("/session", status_code=204, responses=problems(401, 403))
def end_session(gate: AtGate, response: Response) -> None:
    """Log out."""
    with gate.person():
        pass
    with gate.anyone() as caller:
        assert gate.token is not None
        store.end_session(caller.conn, token_hash(gate.token))
    response.delete_cookie(COOKIE, path="/")


@router.get("/me", response_model=MeView, responses=problems(401))
def who_am_i(gate: AtGate) -> MeView:
    """Who is logged in, with the token that every change must carry."""
    with gate.person() as caller:
        return _me(caller)


@router.get("/areas", response_model=list[AreaView], responses=_DESK)
def list_areas(
    gate: AtGate,
    level: Level | None = None,
    within: Annotated[str | None, Query(pattern=r"^[1-9]\d{14}$")] = None,
) -> list[AreaView]:
    """Areas of a level, within another."""
    span = area_span(int(within), level_of(int(within))) if within else None
    with gate.person() as caller:
        return [
            AreaView(
                code=str(a.code),
                level=a.level,
                name=a.name,
                short=a.short,
                name_en=a.name_en,
                lon=a.lon,
                lat=a.lat,
            )
            for a in place_store.areas(caller.conn, span, level)
        ]


@router.get("/units", response_model=list[UnitView], responses=_DESK)
def list_units(
    gate: AtGate,
    within: Annotated[str | None, Query(max_length=120)] = None,
    q: Annotated[str, Query(max_length=60)] = "",
) -> list[UnitView]:
    """Units at or under a unit, whose name holds the words."""
    with gate.person() as caller:
        return [
            unit_view(u)
            for u in store.units(
                caller.conn, (within or "").replace("\0", "") or None, q.replace("\0", "")
            )
        ]


# ------------------------------------------------------------------ administration
@router.get("/admin/accounts", response_model=list[AccountView], responses=_DESK)
def list_accounts(gate: AtGate) -> list[AccountView]:
    """Every account."""
    with gate.person(Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN) as caller:
        return [
            AccountView(
                id=str(a.id), login=a.login, name=a.name, role=a.role, unit=a.unit, active=a.active
            )
            for a in store.accounts(caller.conn)
        ]


@router.post("/admin/accounts", response_model=AccountView, status_code=201, responses=_ACT)
def add_account(gate: AtGate, body: NewAccount) -> AccountView:
    """Make an account (system administrator)."""
    with gate.person(Role.SYSTEM_ADMIN) as caller:
        made = accounts.add(caller.conn, caller.person.role, login=body.login, name=body.name.strip(), unit=body.unit,
                            now=caller.now)  # fmt: skip
        _audit(caller, "account_added", body.login, {"unit": body.unit})
        return AccountView(
            id=str(made.id),
            login=made.login,
            name=made.name,
            role=made.role,
            unit=made.unit,
            active=False,
        )


@router.patch("/admin/accounts/{account_id}", status_code=204, responses=_ACT)
def change_account(gate: AtGate, account_id: Id, body: AccountChange) -> None:
    """Change an account, each administrator what is hers."""
    with gate.person(Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN) as caller:
        wish = accounts.Wish(body.role, body.unit, body.name, body.active, body.password)
        accounts.change(caller.conn, caller.person.role, account_id, wish)
        shown = body.model_dump(exclude_none=True, exclude={"password"}, mode="json")
        _audit(
            caller,
            "account_changed",
            str(account_id),
            {**shown, "password": body.password is not None},
        )


@router.get("/admin/credentials", response_model=list[CredentialView], responses=_DESK)
def list_credentials(gate: AtGate) -> list[CredentialView]:
    """Credentials of outside systems."""
    with gate.person(Role.SECURITY_ADMIN) as caller:
        return [
            CredentialView(id=str(c[0]), name=c[1], channels=c[2], active=c[3], created_at=c[4])
            for c in store.credentials(caller.conn)
        ]


@router.post("/admin/credentials", response_model=CredentialView, status_code=201, responses=_ACT)
def add_credential(gate: AtGate, body: NewCredential) -> CredentialView:
    """Make a key for an outside system; it is shown this once."""
    with gate.person(Role.SECURITY_ADMIN) as caller:
        channels = sorted(set(body.channels))
        made, key = accounts.add_credential(caller.conn, body.name, list(channels), caller.now)
        _audit(caller, "credential_added", body.name, {"channels": channels})
        return CredentialView(
            id=str(made),
            name=body.name,
            channels=list(channels),
            active=True,
            created_at=caller.now,
            key=key,
        )


@router.patch("/admin/credentials/{credential_id}", status_code=204, responses=_ACT)
def switch_credential(gate: AtGate, credential_id: Id, body: SwitchBody) -> None:
    """Switch an outside system on or off."""
    with gate.person(Role.SECURITY_ADMIN) as caller:
        if not store.switch_credential(caller.conn, credential_id, body.active):
            raise NotFound("密钥", credential_id)
        gate.keys.forget()
        _audit(caller, "credential_switched", str(credential_id), {"active": body.active})


@router.get("/admin/set-aside", response_model=list[SetAsideView], responses=_DESK)
def list_set_aside(gate: AtGate) -> list[SetAsideView]:
    """Messages that nobody could handle, with their reasons."""
    with gate.person(Role.SYSTEM_ADMIN) as caller:
        return [
            SetAsideView(
                id=str(m.id),
                topic=m.topic,
                key=str(m.key),
                attempts=m.attempts,
                reason=m.reason,
                at=m.at,
            )
            for m in outbox.set_aside(caller.conn)
        ]


@router.post("/admin/set-aside/{message_id}/again", status_code=204, responses=_ACT)
def try_again(gate: AtGate, message_id: Id) -> None:
    """Put a message back into the queue."""
    with gate.person(Role.SYSTEM_ADMIN) as caller:
        if not outbox.again(caller.conn, message_id):
            raise NotFound("搁置的消息", message_id)
        _audit(caller, "tried_again", str(message_id), {})


@router.get("/admin/audit", response_model=list[AuditView], responses=_DESK)
def list_audit(
    gate: AtGate,
    before: Annotated[int | None, Query(ge=0, lt=2**63)] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> list[AuditView]:
    """The audit trail, newest first (audit administrator)."""
    with gate.person(Role.AUDIT_ADMIN) as caller:
        return [
            AuditView(
                id=str(r[0]),
                at=r[1],
                login=r[2],
                role=r[3],
                act=r[4],
                subject=r[5],
                detail=r[6],
                address=r[7],
            )
            for r in store.audit_trail(caller.conn, before, limit)
        ]


def _audit(caller: Caller, act: str, subject: str, detail: dict[str, Any]) -> None:
    store.record(caller.conn, caller.now, act, account=caller.person.id, role=caller.person.role, subject=subject,
                 detail=detail, address=caller.address)  # fmt: skip
