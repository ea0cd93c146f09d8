"""The one place where a refusal becomes an HTTP answer, in the caller's language."""

from __future__ import annotations

from typing import Any

import psycopg
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from psycopg_pool import PoolTimeout
from starlette.exceptions import HTTPException

from chengshu.agencies.duties.change import FORM
from chengshu.agencies.duties.files import BadList
from chengshu.agencies.duties.model import Fault
from chengshu.intake.files import TooLarge, WrongKind
from chengshu.kit.errors import (
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    Refused,
    TooMany,
    Unauthenticated,
)
from chengshu.kit.log import logger
from chengshu.kit.sealing import CannotUnseal

STATUS: dict[type[Refused], int] = {
    Unauthenticated: 401,
    Forbidden: 403,
    NotFound: 404,
    Conflict: 409,
    Invalid: 422,
    BadList: 422,
    TooLarge: 413,
    WrongKind: 415,
    CannotUnseal: 409,
    TooMany: 429,
}
_HTTP = {
    400: ("bad_request", "请求读不懂", "the request cannot be read"),
    404: ("not_found", "没有这个地址", "there is no such address"),
    405: ("method_not_allowed", "这个地址不支持此方法", "this address does not know the method"),
    413: ("too_large", "内容太大", "the body is too large"),
    415: ("unsupported", "内容格式不支持", "the kind of content is not supported"),
}
_MOST_FAULTS = 100
_log = logger("http")


def wants_english(request: Request) -> bool:
    """Whether the caller's first language is English; Chinese otherwise."""
    return request.headers.get("accept-language", "").strip().lower().startswith("en")


def problem(status: int, code: str, detail: str, fields: list[dict[str, str]] | None = None,
            headers: dict[str, str] | None = None) -> JSONResponse:  # fmt: skip
    """The body of a refusal."""
    return JSONResponse({"code": code, "detail": detail, "fields": fields or []}, status, headers)


def install(app: FastAPI) -> None:
    """Answer refusals, unreadable requests and an absent database."""

    @app.exception_handler(Refused)
    def refused(request: Request, why: Refused) -> JSONResponse:
        status = next((STATUS[kind] for kind in type(why).__mro__ if kind in STATUS), 400)
        detail = why.english if wants_english(request) else why.chinese
        fields = [{"field": why.field, "message": detail}] if isinstance(why, Invalid) else None
        if isinstance(why, BadList):
            fields = [_fault(fault, wants_english(request)) for fault in why.faults[:_MOST_FAULTS]]
        headers = {"Retry-After": str(why.retry_after_s)} if isinstance(why, TooMany) else None
        return problem(status, why.code, detail, fields, headers)

    @app.exception_handler(RequestValidationError)
    def unreadable(request: Request, why: RequestValidationError) -> JSONResponse:
        fields = [_field(error) for error in why.errors()[:20]]
        named = ", ".join(f["field"] for f in fields[:5])
        detail = (
            f"cannot be read: {named}" if wants_english(request) else f"这些内容读不懂：{named}"
        )
        return problem(422, "invalid", detail, fields)

    @app.exception_handler(HTTPException)
    def http(request: Request, why: HTTPException) -> JSONResponse:
        code, chinese, english = _HTTP.get(
            why.status_code, ("refused", str(why.detail), str(why.detail))
        )
        headers = dict(why.headers) if why.headers else None
        return problem(
            why.status_code, code, english if wants_english(request) else chinese, headers=headers
        )

    @app.exception_handler(psycopg.DataError)
    def unstorable(request: Request, why: psycopg.DataError) -> JSONResponse:
        # a NUL in a text, a number or an instant beyond the database's: the caller's own value
        _log.warning("unstorable", path=request.url.path, reason=str(why).splitlines()[0])
        detail = (
            "a value holds characters or numbers that cannot be stored"
            if wants_english(request)
            else "内容里有无法保存的字符或数值"
        )
        return problem(422, "invalid", detail)

    @app.exception_handler(psycopg.errors.RaiseException)
    def guarded(request: Request, why: psycopg.Error) -> JSONResponse:
        # a guard of the database itself: its message and its hint are sentences for people
        chinese, english = why.diag.message_primary or "", why.diag.message_hint or ""
        _log.warning("guarded", path=request.url.path, reason=english)
        return problem(409, "conflict", english if wants_english(request) and english else chinese)

    @app.exception_handler(psycopg.errors.InsufficientPrivilege)
    def beyond(request: Request, why: psycopg.Error) -> JSONResponse:
        # row-level security refused what no rule had refused before it: safe, and worth a look
        _log.error("row_security", path=request.url.path, reason=str(why).splitlines()[0])
        english = wants_english(request)
        detail = "this lies outside your area" if english else "这超出了您的管辖范围"
        return problem(403, "forbidden", detail)

    @app.exception_handler(psycopg.OperationalError)
    @app.exception_handler(PoolTimeout)
    def no_database(request: Request, why: Exception) -> JSONResponse:
        _log.error(
            "database_away", reason=str(why).splitlines()[0] if str(why) else type(why).__name__
        )
        detail = (
            "the database does not answer, try again shortly"
            if wants_english(request)
            else "数据库暂时没有回应，请稍后再试"
        )
        return problem(503, "unavailable", detail, headers={"Retry-After": "2"})

    @app.exception_handler(Exception)
    def bug(request: Request, why: Exception) -> JSONResponse:
        _log.error("bug", path=request.url.path, exc_info=why)
        detail = (
            "something went wrong on our side; it has been recorded"
            if wants_english(request)
            else "系统内部出错，已记录"
        )
        return problem(500, "internal", detail)


def _field(error: dict[str, Any] | Any) -> dict[str, str]:
    where = [str(part) for part in error["loc"] if part not in ("body", "query", "path", "header")]
    return {
        "field": _sayable(".".join(where))[:200] or "body",
        "message": _sayable(str(error["msg"])),
    }


def _fault(fault: Fault, english: bool) -> dict[str, str]:
    """A row's value as the form knows it: the form's own rows by their number, others by their matter."""
    row = f"rows.{fault.row}" if fault.file == FORM else fault.matter
    return {"field": f"{row}.{fault.field}", "message": fault.english if english else fault.chinese}


def _sayable(text: str) -> str:
    """Names come from the caller's own JSON and may hold halves of characters, which no answer can carry."""
    return text.encode("utf-8", "replace").decode()
