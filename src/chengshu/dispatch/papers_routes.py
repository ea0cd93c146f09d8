"""HTTP of printed forms and of lists that are taken away; every copy says who took it, and is on record."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from chengshu.agencies import store as agency_store
from chengshu.agencies.gate import AtGate, Caller
from chengshu.agencies.model import Role
from chengshu.dispatch import lists, papers_act, read
from chengshu.dispatch.bodies import ACT, READ, Body, Id
from chengshu.dispatch.papers import setting, store
from chengshu.dispatch.papers.model import FORMS, Paper, PaperKind, watermark
from chengshu.dispatch.request import actor, names_of, office_of
from chengshu.dispatch.workflow import OrderStage, stage_name
from chengshu.incidents import store as incident_store
from chengshu.kit.errors import Invalid, NotFound
from chengshu.kit.times import local

router = APIRouter(prefix="/api/v1")

_PDF = "application/pdf"
_MOST = 2000
_CENTRES_SEAL = frozenset(
    {PaperKind.ASSIGNMENT, PaperKind.SUPERVISION, PaperKind.EXTENSION, PaperKind.SPECIAL_REPORT}
)


class PrintBody(Body):
    """Which form of an order; supervision and extension need a reason."""

    kind: Literal["assignment", "supervision", "extension", "receipt"]
    words: Annotated[str, Field(max_length=3000)] = ""
    until: datetime | None = None


class PaperView(BaseModel):
    """A form that was printed."""

    id: str
    number: str
    kind: str
    title: str
    title_en: str
    order: str | None
    actor: str
    at: datetime


def _view(paper: Paper) -> PaperView:
    form = FORMS[paper.kind]
    return PaperView(
        id=str(paper.id), number=paper.number, kind=paper.kind, title=form.title, title_en=form.title_en,
        order=str(paper.order) if paper.order else None, actor=paper.actor, at=paper.at,
    )  # fmt: skip


@router.get("/incidents/{incident_id}/papers", response_model=list[PaperView], responses=READ)
def list_papers(gate: AtGate, incident_id: Id) -> list[PaperView]:
    """The forms that were printed of an incident and its orders, newest first."""
    with gate.person() as caller:
        if incident_id not in incident_store.incidents(caller.conn, [incident_id]):
            raise NotFound("事件", incident_id)
        return [_view(p) for p in store.papers(caller.conn, incident_id)]


@router.post("/orders/{order_id}/papers", response_model=PaperView, responses=ACT)
def print_paper(gate: AtGate, request: Request, order_id: Id, body: PrintBody) -> PaperView:
    """Print a form of an order (交办单、督办单、延期审批单、办结回执); it gets a number."""
    if body.until is not None and body.until.tzinfo is None:
        raise Invalid("until", "时间要带时区", "the time needs a zone")
    with gate.person() as caller:
        assert caller.unit is not None
        paper = papers_act.print_order(
            caller.conn, order_id, PaperKind(body.kind), body.words, body.until, office_of(request),
            names_of(request), actor(caller), caller.person.role, caller.unit, caller.now,
        )  # fmt: skip
        return _view(paper)


@router.post(
    "/incidents/{incident_id}/leader-report/paper", response_model=PaperView, responses=ACT
)
def print_leader_report(gate: AtGate, request: Request, incident_id: Id) -> PaperView:
    """Print the report to the leader (专报)."""
    with gate.person() as caller:
        paper = papers_act.print_report(caller.conn, incident_id, office_of(request), names_of(request), actor(caller),
                                        caller.person.role, caller.now)  # fmt: skip
        return _view(paper)


@router.get(
    "/papers/{paper_id}", response_class=Response, responses={200: {"content": {_PDF: {}}}, **READ}
)
def get_paper(gate: AtGate, request: Request, paper_id: Id) -> Response:
    """A form as PDF, with a watermark of who took this copy and when."""
    with gate.person() as caller:
        paper = store.paper(caller.conn, paper_id)
        if paper is None:
            raise NotFound("文书", paper_id)
        names = names_of(request)
        issuer = names.unit(paper.unit) or paper.unit
        centre = _centre_over(request, paper.unit)
        seal = centre if paper.kind in _CENTRES_SEAL else issuer
        content = setting.pdf(paper, centre, seal, _mark(caller))
        _record(caller, paper.number, {"form": str(paper.kind), "paper": str(paper.id)})
    name = quote(f"{FORMS[paper.kind].title}{paper.number}.pdf")
    return Response(content, media_type=_PDF, headers={
        "Content-Disposition": f"inline; filename*=UTF-8''{name}", "Cache-Control": "no-store"})  # fmt: skip


def _centre_over(request: Request, unit: str) -> str:
    """The centre whose letterhead it is: the unit's own, or the next above it."""
    units = office_of(request).directory.units
    path = unit
    while path:
        found = units.get(path)
        if found is not None and found.kind == "centre":
            return found.name
        path = path.rpartition(".")[0]
    return units[unit].name


def _mark(caller: Caller) -> str:
    assert caller.unit is not None
    return watermark(caller.person.name, caller.unit.short or caller.unit.name, caller.now)


def _record(caller: Caller, subject: str, detail: dict[str, object]) -> None:
    agency_store.record(caller.conn, caller.now, "export", account=caller.person.id, role=caller.person.role,
                        subject=subject, detail=detail, address=caller.address)  # fmt: skip


_COLUMNS = (
    "工单编号",
    "事件",
    "承办单位",
    "环节",
    "派单时间",
    "办理时限",
    "超期",
    "地点",
    "导出标记",
)


@router.get(
    "/exports/orders",
    response_class=Response,
    responses={200: {"content": {"text/csv": {}}}, **READ},
)
def export_orders(
    gate: AtGate,
    request: Request,
    box: Annotated[
        Literal["inbox", "verify", "verified", "overdue", "done", "all"], Query()
    ] = "all",
) -> Response:
    """Orders of a box as CSV for a spreadsheet, at most 2,000; every line says who took it and when."""
    with gate.person(
        Role.DISPATCHER, Role.SUPERVISOR, Role.LEADER, Role.ANALYST, Role.HANDLER
    ) as caller:
        assert caller.unit is not None
        own = caller.unit.unit if caller.person.role is Role.HANDLER else ""
        orders, _, _ = lists.orders(caller.conn, box, own, _MOST, "")
        views = read.order_views(
            caller.conn, orders, names_of(request), caller.person.role, caller.unit, caller.now
        )
        mark = _mark(caller)
        rows = [
            (v.number, v.incident_title, v.unit_name, stage_name(OrderStage(v.stage))[0], _minute(v.assigned_at),
             _minute(v.due_at), "是" if v.overdue else "", f"{v.area_name} {v.place}".strip(), mark)
            for v in views
        ]  # fmt: skip
        _record(caller, f"orders/{box}", {"rows": len(rows)})
    name = quote(f"工单_{local(caller.now):%Y%m%d%H%M}.csv")
    return Response(_csv(rows), media_type="text/csv; charset=utf-8", headers={
        "Content-Disposition": f"attachment; filename*=UTF-8''{name}", "Cache-Control": "no-store"})  # fmt: skip


def _minute(at: datetime | None) -> str:
    return f"{local(at):%Y-%m-%d %H:%M}" if at else ""


def _csv(rows: Sequence[tuple[str, ...]]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(_COLUMNS)
    writer.writerows([_harmless(cell) for cell in row] for row in rows)
    return out.getvalue().encode(
        "utf-8-sig"
    )  # the mark by which spreadsheets know that it is UTF-8


def _harmless(cell: str) -> str:
    """A spreadsheet runs what begins like a formula; a citizen may have written it."""
    return "'" + cell if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell
