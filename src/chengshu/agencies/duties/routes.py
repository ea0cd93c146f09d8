"""HTTP of the responsibility list: read, history, drafts, activation, export."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Annotated, Any, Literal, cast

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from chengshu.agencies.duties import change, store
from chengshu.agencies.duties.check import leaves_of
from chengshu.agencies.duties.fields import as_row
from chengshu.agencies.duties.files import Catalogue
from chengshu.agencies.duties.model import Duty, DutyStage, DutyVersion, Ground
from chengshu.agencies.duties.table import write_csv, write_xlsx
from chengshu.agencies.gate import AtGate, Caller
from chengshu.agencies.matters import Matter
from chengshu.kit.errors import NotFound
from chengshu.kit.problem import problems

router = APIRouter(prefix="/api/v1/duties")
_LOOK = problems(401, 403, 404, 422)
_ACT = problems(400, 401, 403, 404, 409, 422)
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MatterId = Annotated[str, Path(max_length=80, pattern=r"^[a-z][a-z0-9_.]*$")]
Number = Annotated[int, Path(ge=1, lt=2**31)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class BasisView(BaseModel):
    """One article of one document."""

    document: str
    article: str
    edition: str
    checked: bool


class ExcludedView(BaseModel):
    """A matter that is often taken for this one, and who has it."""

    matter: str
    name: str
    name_en: str
    lead: str


class DutyView(BaseModel):
    """One row of the list."""

    id: str
    matter: str
    name: str
    name_en: str
    path: list[str]
    stage: str
    tier: str
    lead: str
    area: list[str]
    area_names: list[str]
    assist: list[str]
    basis: list[BasisView]
    file_when: str
    close_when: str
    file_when_en: str
    close_when_en: str
    limits: dict[str, str]
    limit_texts: dict[str, str]
    valid_from: date
    valid_to: date | None
    excludes: list[ExcludedView]


class DutyVersionView(BaseModel):
    """One version of the list."""

    version: int
    made_at: datetime
    made_by: str
    source: str
    state: str
    note: str
    based_on: int | None
    activated_at: datetime | None
    activated_by: str
    reason: str


class DutyListView(BaseModel):
    """Rows of the active version; `version` is None when the rows come from the city's files."""

    version: DutyVersionView | None
    total: int
    rows: list[DutyView]


class DutyHistoryView(BaseModel):
    """A version in which the rows of a matter differ from the one before."""

    version: DutyVersionView
    rows: list[DutyView]


class BasisBody(_Body):
    """One article of one document."""

    document: Annotated[str, Field(max_length=120)]
    article: Annotated[str, Field(max_length=40)]
    edition: Annotated[str, Field(max_length=4)] = ""
    checked: bool = False


class DutyBody(_Body):
    """One row as the form sends it; whether its values can be used, the list's own check says."""

    stage: Annotated[str, Field(max_length=20)]
    tier: Annotated[str, Field(max_length=20)]
    lead: Annotated[str, Field(max_length=80)]
    area: Annotated[list[Annotated[str, Field(max_length=15)]], Field(max_length=120)] = []
    assist: Annotated[list[Annotated[str, Field(max_length=80)]], Field(max_length=20)] = []
    basis: Annotated[list[BasisBody], Field(max_length=20)] = []
    file_when: Annotated[str, Field(max_length=800)] = ""
    close_when: Annotated[str, Field(max_length=800)] = ""
    file_when_en: Annotated[str, Field(max_length=800)] = ""
    close_when_en: Annotated[str, Field(max_length=800)] = ""
    limits: dict[str, Annotated[str, Field(max_length=40)]] = {}
    valid_from: Annotated[str, Field(max_length=10)] = ""
    valid_to: Annotated[str, Field(max_length=10)] | None = None
    excludes: Annotated[list[Annotated[str, Field(max_length=80)]], Field(max_length=20)] = []


class MatterChange(_Body):
    """All rows of one matter anew."""

    matter: Annotated[str, Field(min_length=1, max_length=80)]
    rows: Annotated[list[DutyBody], Field(max_length=50)]


class DraftBody(_Body):
    """What is to change, and why."""

    note: Annotated[str, Field(min_length=2, max_length=400)]
    changes: Annotated[list[MatterChange], Field(min_length=1, max_length=100)]


class ActivateBody(_Body):
    """Why the draft is put in force."""

    reason: Annotated[str, Field(min_length=2, max_length=400)]


@router.get("", response_model=DutyListView, responses=_LOOK)
def list_duties(
    gate: AtGate,
    request: Request,
    matter: Annotated[str | None, Query(max_length=80)] = None,
    line: Annotated[str | None, Query(max_length=80)] = None,
    stage: DutyStage | None = None,
    area: Annotated[str | None, Query(pattern=r"^[1-9]\d{14}$")] = None,
    q: Annotated[str, Query(max_length=60)] = "",
) -> DutyListView:
    """Rows of the list in force: of a matter, a line that leads or helps, a place, with words in them."""
    catalogue, ground = _files(request)
    with gate.person() as caller:
        version, duties = _in_force(caller, catalogue)
        words = q.strip().lower().split()
        found = [
            d for d in duties
            if (matter is None or d.matter == matter) and (stage is None or d.stage is stage)
            and (line is None or line in (d.lead, *d.assist))
            and (area is None or _holds_in(d, int(area), ground))
            and all(word in _searched(d, catalogue.matters) for word in words)
        ]  # fmt: skip
        return DutyListView(
            version=_version(version) if version else None,
            total=len(found),
            rows=_views(found, duties, catalogue, ground),
        )


@router.get("/versions", response_model=list[DutyVersionView], responses=_LOOK)
def list_versions(gate: AtGate) -> list[DutyVersionView]:
    """Every version, newest first."""
    with gate.person() as caller:
        return [_version(v) for v in store.versions(caller.conn)]


@router.get(
    "/export",
    response_class=Response,
    responses={200: {"content": {"text/csv": {}, _XLSX: {}}}, **_LOOK},
)
def export_duties(gate: AtGate, request: Request, form: Literal["csv", "xlsx"] = "csv") -> Response:
    """The list in force as a table."""
    catalogue, _ = _files(request)
    with gate.person() as caller:
        _, duties = _in_force(caller, catalogue)
    body = (write_csv if form == "csv" else write_xlsx)(duties, catalogue.matters)
    return Response(body, media_type="text/csv; charset=utf-8" if form == "csv" else _XLSX,
                    headers={"Content-Disposition": f'attachment; filename="duties.{form}"'})  # fmt: skip


@router.get("/{matter}/history", response_model=list[DutyHistoryView], responses=_LOOK)
def duty_history(gate: AtGate, request: Request, matter: MatterId) -> list[DutyHistoryView]:
    """The versions in which the rows of a matter changed, newest first."""
    catalogue, ground = _files(request)
    if matter not in catalogue.matters:
        raise NotFound("事项", matter)
    told: list[DutyHistoryView] = []
    with gate.person() as caller:
        before: tuple[Duty, ...] = ()
        for version, rows in store.rows_of_matter(caller.conn, matter):
            if rows != before:
                told.append(
                    DutyHistoryView(
                        version=_version(version), rows=_views(rows, rows, catalogue, ground)
                    )
                )
            if (
                version.state != "draft"
            ):  # a draft that was never put in force is nobody's predecessor
                before = rows
    return told[::-1]


@router.post("/drafts", response_model=DutyVersionView, status_code=201, responses=_ACT)
def draft_duties(gate: AtGate, request: Request, body: DraftBody) -> DutyVersionView:
    """Draw up a new version; it takes force when a second person of the city's centre says so."""
    _, ground = _files(request)
    with gate.person() as caller:
        assert caller.unit is not None
        changes = [change.Change(one.matter, [_row(r) for r in one.rows]) for one in body.changes]
        return _version(change.draft(caller.conn, changes, ground, by=caller.person, unit=caller.unit,
                                     note=body.note.strip(), now=caller.now))  # fmt: skip


@router.post("/versions/{version}/activate", response_model=DutyVersionView, responses=_ACT)
def activate_duties(
    gate: AtGate, request: Request, version: Number, body: ActivateBody
) -> DutyVersionView:
    """Put a draft in force."""
    _, ground = _files(request)
    with gate.person() as caller:
        assert caller.unit is not None
        return _version(change.activate(caller.conn, version, ground, by=caller.person, unit=caller.unit,
                                        reason=body.reason.strip(), now=caller.now))  # fmt: skip


def _files(request: Request) -> tuple[Catalogue, Ground]:
    world = request.app.state.world
    return cast(Catalogue, world.catalogue), cast(Ground, world.ground)


def _in_force(caller: Caller, catalogue: Catalogue) -> tuple[DutyVersion | None, tuple[Duty, ...]]:
    running = store.active(caller.conn)
    if running is None:
        return None, tuple(row.duty for row in catalogue.rows)
    return running, store.rows_of(caller.conn, running.version)


def _holds_in(duty: Duty, area: int, ground: Ground) -> bool:
    """Whether a row holds in an area or in part of it."""
    wide = {leaf for leaf, county in ground.leaves.items() if area in (leaf, county)}
    return bool((wide or set(ground.leaves)) & leaves_of(duty, ground))


def _searched(duty: Duty, matters: Mapping[str, Matter]) -> str:
    matter = matters.get(duty.matter)
    parts = [
        duty.matter,
        duty.lead,
        *duty.assist,
        duty.file_when,
        duty.close_when,
        *(b.text() for b in duty.basis),
    ]
    if matter is not None:
        parts += [matter.name, matter.name_en, *matter.path, *matter.keywords]
    return "\n".join(parts).lower()


def _row(body: DutyBody) -> dict[str, Any]:
    row = body.model_dump()
    row["not"] = row.pop("excludes")
    return row


def _version(found: DutyVersion) -> DutyVersionView:
    return DutyVersionView(version=found.version, made_at=found.made_at, made_by=found.made_by, source=found.source,
                       state=found.state, note=found.note, based_on=found.based_on,
                       activated_at=found.activated_at, activated_by=found.activated_by, reason=found.reason)  # fmt: skip


def _views(
    duties: Iterable[Duty], everything: Iterable[Duty], catalogue: Catalogue, ground: Ground
) -> list[DutyView]:
    leads = {d.matter: d.lead for d in everything if d.stage is DutyStage.HANDLE}
    numbers: dict[str, int] = {}
    views = []
    for duty in duties:
        numbers[duty.matter] = numbers.get(duty.matter, 0) + 1
        views.append(
            _view(duty, f"{duty.matter}#{numbers[duty.matter]}", leads, catalogue.matters, ground)
        )
    return views


def _view(
    duty: Duty, name: str, leads: Mapping[str, str], matters: Mapping[str, Matter], ground: Ground
) -> DutyView:
    row, matter = as_row(duty), matters.get(duty.matter)
    return DutyView(
        id=name, matter=duty.matter, name=matter.name if matter else duty.matter,
        name_en=matter.name_en if matter else duty.matter, path=list(matter.path) if matter else [],
        stage=duty.stage, tier=duty.tier, lead=duty.lead, area=row["area"],
        area_names=[ground.names.get(a, str(a)) for a in duty.areas], assist=list(duty.assist),
        basis=[BasisView(**one) for one in row["basis"]], file_when=duty.file_when, close_when=duty.close_when,
        file_when_en=duty.file_when_en, close_when_en=duty.close_when_en, limits=row["limits"],
        limit_texts={key: getattr(duty.limits, key).text() for key in row["limits"]},
        valid_from=duty.valid_from, valid_to=duty.valid_to,
        excludes=[ExcludedView(matter=x, name=matters[x].name, name_en=matters[x].name_en,
                               lead=leads.get(x) or matters[x].lead)
                  for x in duty.excludes if x in matters],
    )  # fmt: skip
