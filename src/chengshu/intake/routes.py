"""HTTP of taking reports in, their files, and who reported."""

from __future__ import annotations

import time
from typing import Annotated, Literal
from urllib.parse import quote

from fastapi import APIRouter, Body, Depends, Path, Query, Request, Response, UploadFile

from chengshu.agencies import store as agency_store
from chengshu.agencies.gate import AtGate, Caller
from chengshu.agencies.model import Role
from chengshu.intake import files, grid, hotline, other, police110, store, web
from chengshu.intake.corrections import store as corrections
from chengshu.intake.corrections.model import CorrectionsBody, CorrectionView, checked
from chengshu.intake.form import Number, Taker
from chengshu.intake.rate import Allowance
from chengshu.intake.reveal import reveal
from chengshu.intake.store import Attachment
from chengshu.intake.submit import Receipt, caller_hash
from chengshu.intake.take import receipt_number, take
from chengshu.intake.views import (
    AcknowledgeBody,
    AcknowledgedView,
    CallersBody,
    ChannelReportView,
    CodeView,
    EarlierView,
    OutsideReceiptView,
    ReceiptView,
    ReporterView,
    RevealBody,
    UploadView,
)
from chengshu.kit.errors import NotFound, TooMany
from chengshu.kit.problem import problems
from chengshu.places import Locator

router = APIRouter(prefix="/api/v1")

Id = Annotated[int, Path(ge=0, lt=2**63)]
OutsideChannel = Literal["police110", "web", "other"]
_READ = problems(401, 403, 404, 422)
_SEND = problems(400, 401, 403, 409, 413, 422)
_UPLOAD = problems(400, 401, 403, 413, 415, 422)
_DESK = (Role.CALL_TAKER, Role.DISPATCHER, Role.SUPERVISOR)
_MAY_UPLOAD = (*_DESK, Role.HANDLER, Role.GRID_WORKER)


def locator_of(request: Request) -> Locator:
    """The city's names and boundaries."""
    locator: Locator = request.app.state.world.locator
    return locator


def allowance_of(request: Request) -> Allowance:
    """The process's count of citizens' reports per address."""
    state = request.app.state
    if not hasattr(state, "public_allowance"):
        state.public_allowance = Allowance(state.settings.public_per_minute)
    allowance: Allowance = state.public_allowance
    return allowance


AtLocator = Annotated[Locator, Depends(locator_of)]
AtAllowance = Annotated[Allowance, Depends(allowance_of)]


@router.post("/reports", status_code=202, response_model=ReceiptView, responses=_SEND)
def file_report(
    gate: AtGate, locator: AtLocator,
    form: Annotated[hotline.HotlineForm | grid.GridForm, Body(discriminator="channel")],
) -> ReceiptView:  # fmt: skip
    """A call-taker's or a grid worker's report."""
    with gate.person(*_DESK, Role.GRID_WORKER) as caller:
        taker = _taker(caller, locator)
        if isinstance(form, hotline.HotlineForm):
            caller.needs(*_DESK)
            report, reporter = hotline.to_report(form, taker)
            checked(form.corrections, report.text)
        else:
            caller.needs(Role.GRID_WORKER)
            report, reporter = grid.to_report(form, taker)
        receipt = take(caller.conn, caller.keyring, report, reporter, form.attachments)
        if isinstance(form, hotline.HotlineForm) and not receipt.duplicate:
            _keep(caller, receipt.id, form)
    return ReceiptView(id=str(receipt.id), code=receipt.code, duplicate=receipt.duplicate)


@router.post(
    "/channels/police110/reports",
    status_code=202,
    response_model=OutsideReceiptView,
    responses=_SEND,
)
def transfer_report(
    gate: AtGate, locator: AtLocator, form: police110.TransferForm
) -> OutsideReceiptView:
    """A case that the police hand over (X-API-Key)."""
    with gate.channel("police110") as caller:
        receipt = police110.receive(caller.conn, form, _taker(caller, locator))
    return _outside(receipt)


@router.post("/channels/police110/reports/{channel_id:path}/acknowledge", response_model=AcknowledgedView,
             responses=problems(400, 401, 403, 404, 409, 413, 422))  # fmt: skip
def acknowledge_receipt(
    gate: AtGate, channel_id: Number, body: AcknowledgeBody
) -> AcknowledgedView:
    """The police confirm that they hold our receipt (X-API-Key)."""
    with gate.channel("police110") as caller:
        at = police110.acknowledge(
            caller.conn, caller.scope.source, channel_id, body.receipt, body.by, caller.now
        )
    return AcknowledgedView(channel_id=channel_id, receipt=body.receipt, acknowledged_at=at)


@router.post(
    "/channels/web/reports", status_code=202, response_model=OutsideReceiptView, responses=_SEND
)
def pass_report_on(gate: AtGate, locator: AtLocator, form: web.WebForm) -> OutsideReceiptView:
    """A citizen's message that a portal passes on (X-API-Key)."""
    with gate.channel("web") as caller:
        report, reporter = web.to_report(form, _taker(caller, locator))
        receipt = take(caller.conn, caller.keyring, report, reporter, form.attachments)
    return _outside(receipt)


@router.post(
    "/channels/other/reports", status_code=202, response_model=OutsideReceiptView, responses=_SEND
)
def send_report(gate: AtGate, locator: AtLocator, form: other.OtherForm) -> OutsideReceiptView:
    """Any other system's message (X-API-Key)."""
    with gate.channel("other") as caller:
        report, reporter = other.to_report(form, _taker(caller, locator))
        receipt = take(caller.conn, caller.keyring, report, reporter, form.attachments)
    return _outside(receipt)


@router.get(
    "/channels/reports/{channel_id:path}", response_model=ChannelReportView, responses=_READ
)
def show_sent_report(gate: AtGate, channel_id: Number,
                     channel: Annotated[OutsideChannel, Query()] = "other") -> ChannelReportView:  # fmt: skip
    """A report that this system sent (X-API-Key)."""
    with gate.channel(channel) as caller:
        report = store.numbered(caller.conn, caller.scope.source, channel, channel_id)
        if report is None:
            raise NotFound("报告", channel_id)
        transfer = store.transfer(caller.conn, report.id)
    return ChannelReportView(
        id=str(report.id), channel=report.channel, channel_id=report.channel_id, said_at=report.said_at,
        received_at=report.received_at, receipt=receipt_number(report.id),
        acknowledged_at=transfer.acknowledged_at if transfer else None,
    )  # fmt: skip


@router.post(
    "/public/reports",
    status_code=202,
    response_model=CodeView,
    responses=problems(400, 409, 413, 422, 429),
)
def file_public_report(
    gate: AtGate, locator: AtLocator, allowance: AtAllowance, form: web.PublicForm
) -> CodeView:
    """A citizen's report; no login."""
    wait_s = allowance.wait_s(gate.address, time.monotonic())
    if wait_s:
        raise TooMany("提交太频繁，请稍后再试", "too many reports, try again later", wait_s)
    with gate.citizen(web.public_scope(form, gate.keyring)) as caller:
        report, reporter = web.public_report(form, _taker(caller, locator))
        receipt = take(caller.conn, caller.keyring, report, reporter)
    return CodeView(code=receipt.code)


@router.post("/attachments", status_code=201, response_model=UploadView, responses=_UPLOAD)
def upload(gate: AtGate, file: UploadFile) -> UploadView:
    """A picture or a PDF of at most 10 MB, to be linked to a report or an order afterwards."""
    with gate.person(*_MAY_UPLOAD):
        pass  # first of all whether she may: a picture is not opened for just anybody
    read = files.read_file(file.filename or "", file.file.read(files.MAX_BYTES + 1))
    with gate.person(*_MAY_UPLOAD) as caller:
        made = files.keep(
            caller.conn, read, caller.now, account=caller.person.id, source=caller.scope.source
        )
    return _upload_view(made)


@router.post(
    "/channels/{channel}/attachments", status_code=201, response_model=UploadView, responses=_UPLOAD
)
def upload_from_outside(gate: AtGate, channel: OutsideChannel, file: UploadFile) -> UploadView:
    """The same for an outside system (X-API-Key)."""
    with gate.channel(channel):
        pass
    read = files.read_file(file.filename or "", file.file.read(files.MAX_BYTES + 1))
    with gate.channel(channel) as caller:
        made = files.keep(caller.conn, read, caller.now, account=None, source=caller.scope.source)
    return _upload_view(made)


_CONTENT = {kind: {"schema": {"type": "string", "format": "binary"}} for kind in files.KINDS}


@router.get("/attachments/{attachment_id}", response_class=Response, response_model=None,
            responses={200: {"content": _CONTENT, "description": "The file"}, **_READ})  # fmt: skip
def show_attachment(gate: AtGate, attachment_id: Id) -> Response:
    """A file of a report or an order that the caller may see, or her own upload."""
    with gate.person() as caller:
        found = store.content(caller.conn, attachment_id)
    if found is None:
        raise NotFound("附件", attachment_id)
    name, kind, content = found
    shown = "attachment" if kind == files.PDF else "inline"
    headers = {  # nosniff stands on every answer
        "Content-Disposition": f"{shown}; filename=\"file\"; filename*=UTF-8''{quote(name, safe='')}",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "private, no-store",
    }
    return Response(content, media_type=kind, headers=headers)


@router.post("/reports/{report_id}/reveal", response_model=ReporterView,
             responses=problems(400, 401, 403, 404, 409, 413, 422))  # fmt: skip
def reveal_reporter(gate: AtGate, report_id: Id, body: RevealBody) -> ReporterView:
    """Who reported, for a purpose that goes into the audit trail."""
    with gate.person(*_DESK, Role.HANDLER) as caller:
        person = reveal(caller, report_id, body.purpose)
    return ReporterView(name=person.name, phone=person.phone, identity=person.identity)


@router.post(
    "/callers", response_model=list[EarlierView], responses=problems(400, 401, 403, 413, 422)
)
def show_caller(gate: AtGate, body: CallersBody) -> list[EarlierView]:
    """Earlier reports from a telephone number, newest first; the look-up goes into the audit trail."""
    with gate.person(*_DESK) as caller:
        hashed = caller_hash(caller.keyring, body.phone)
        found = store.of_caller(caller.conn, hashed)
        agency_store.record(caller.conn, caller.now, "callers", account=caller.person.id, role=caller.person.role,
                            subject=hashed, detail={"reports": len(found)}, address=caller.address)  # fmt: skip
    return [
        EarlierView(report=str(r.id), channel=r.channel, said_at=r.said_at, title=r.title, text=r.text,
                    nature=r.nature, place=r.place, area=str(r.area))
        for r in found
    ]  # fmt: skip


@router.post("/reports/{report_id}/corrections", response_model=list[CorrectionView],
             responses=problems(400, 401, 403, 404, 413, 422))  # fmt: skip
def correct_marks(gate: AtGate, report_id: Id, body: CorrectionsBody) -> list[CorrectionView]:
    """What was read wrongly in a report's text; kept to learn from, answers all corrections of the report."""
    with gate.person(*_DESK) as caller:
        report = next(iter(store.reports(caller.conn, [report_id])), None)
        if report is None:
            raise NotFound("线索", report_id)
        found = checked(body.corrections, report.text)
        person = caller.person
        corrections.add(caller.conn, report_id, found, person.id, person.name, caller.now)
        return corrections.of_report(caller.conn, report_id)


def _keep(caller: Caller, report: int, form: hotline.HotlineForm) -> None:
    """What the clerk put right and proposed while the caller was on the line."""
    person = caller.person
    if form.corrections:
        corrections.add(caller.conn, report, form.corrections, person.id, person.name, caller.now)
    if form.transfer:
        proposed = corrections.Emergency(
            report, form.transfer, form.transfer_reason, person.name, caller.now
        )
        corrections.propose_transfer(caller.conn, proposed, person.id)


def _taker(caller: Caller, locator: Locator) -> Taker:
    return Taker(
        source=caller.scope.source, now=caller.now, locator=locator, keyring=caller.keyring,
        account=caller.account.id if caller.account else None,
        unit=caller.unit.unit if caller.unit else None, grid=caller.account.grid if caller.account else None,
    )  # fmt: skip


def _outside(receipt: Receipt) -> OutsideReceiptView:
    return OutsideReceiptView(id=str(receipt.id), code=receipt.code, duplicate=receipt.duplicate,
                              receipt=receipt_number(receipt.id))  # fmt: skip


def _upload_view(made: Attachment) -> UploadView:
    return UploadView(id=str(made.id), name=made.name, kind=made.kind, bytes=made.bytes)
