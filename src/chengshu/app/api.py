"""The HTTP application: routers, state, the live stream, the built front end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import psycopg
from anyio.to_thread import current_default_thread_limiter
from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import FileResponse, StreamingResponse
from fastapi.staticfiles import StaticFiles
from psycopg_pool import PoolTimeout
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from chengshu import __version__
from chengshu.agencies.duties.routes import router as duties_router
from chengshu.agencies.gate import AtGate
from chengshu.agencies.known_keys import KnownKeys
from chengshu.agencies.routes import router as agencies_router
from chengshu.agencies.scope import Scope
from chengshu.app import errors, health
from chengshu.app.live import Live, Page, event
from chengshu.app.metrics import Metrics
from chengshu.app.shield import Shield
from chengshu.app.world import World, refreshed
from chengshu.board.routes import router as board_router
from chengshu.dispatch.beside_routes import router as beside_router
from chengshu.dispatch.chain_routes import router as chain_router
from chengshu.dispatch.checks_routes import router as checks_router
from chengshu.dispatch.clocks_routes import router as clocks_router
from chengshu.dispatch.disputes_routes import router as disputes_router
from chengshu.dispatch.exchange_routes import router as exchange_router
from chengshu.dispatch.handover.routes import router as handover_router
from chengshu.dispatch.inside_routes import router as inside_router
from chengshu.dispatch.joint.routes import router as joint_router
from chengshu.dispatch.kinds.store import knows_more
from chengshu.dispatch.kinds_routes import router as kinds_router
from chengshu.dispatch.order_routes import router as orders_router
from chengshu.dispatch.papers_routes import router as papers_router
from chengshu.dispatch.preview import router as preview_router
from chengshu.dispatch.replies_routes import router as replies_router
from chengshu.dispatch.responses.routes import router as responses_router
from chengshu.dispatch.routes import router as dispatch_router
from chengshu.dispatch.routing.routes import router as routing_router
from chengshu.dispatch.scoring.routes import router as scoring_router
from chengshu.dispatch.tiers.routes import router as tiers_router
from chengshu.dispatch.track import router as track_router
from chengshu.dispatch.urgent_reports.routes import router as urgent_router
from chengshu.dispatch.views import Names
from chengshu.dispatch.whistles.routes import router as whistles_router
from chengshu.incidents.refit.routes import router as weights_router
from chengshu.intake.routes import router as intake_router
from chengshu.kit.db import Database
from chengshu.kit.errors import Forbidden, Unauthenticated
from chengshu.kit.problem import problems
from chengshu.kit.sealing import Keyring
from chengshu.kit.settings import Settings
from chengshu.kit.times import utc_now
from chengshu.notices.channels.opened import open_channels
from chengshu.notices.hooks.routes import router as hooks_router
from chengshu.notices.roster.routes import router as roster_router
from chengshu.notices.routes import router as notices_router

_STATIC = Path(__file__).parent / "static"
_THREADS = 16  # more of them only wait for each other: Python runs one at a time


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """An account of the demo, shown on its login page."""

    login: str
    password: str
    name: str
    role: str
    unit_name: str


class DemoAccountView(BaseModel):
    """A demo account that may be used with one click."""

    login: str
    password: str
    name: str
    role: str
    unit_name: str


class MatterView(BaseModel):
    """A matter of the responsibility list."""

    id: str
    name: str
    name_en: str
    path: list[str]
    domain: str
    lead: str
    tier: str
    urgency: int
    limit_text: str


class CityView(BaseModel):
    """The city, before anybody logs in."""

    name: str
    name_en: str
    centre_name: str
    centre_name_en: str
    bbox: list[float]
    centre: list[float]
    zoom: float
    notice: str
    notice_en: str
    demo: bool
    accounts: list[DemoAccountView]
    version: str


class HealthView(BaseModel):
    """Whether the process works, and what is wrong if not."""

    ok: bool
    problems: list[str]


router = APIRouter()


@router.get("/api/v1/city", response_model=CityView)
def city(request: Request) -> CityView:
    """Name, extent and notices of the city; in the demo also its accounts."""
    c, accounts = request.app.state.world.city, request.app.state.demo_accounts
    return CityView(
        name=c.name, name_en=c.name_en, centre_name=c.centre_name, centre_name_en=c.centre_name_en,
        bbox=[c.bbox.west, c.bbox.south, c.bbox.east, c.bbox.north], centre=[c.centre.lon, c.centre.lat], zoom=c.zoom,
        notice=c.map_notice, notice_en=c.map_notice_en, demo=bool(accounts), version=__version__,
        accounts=[DemoAccountView(login=a.login, password=a.password, name=a.name, role=a.role, unit_name=a.unit_name)
                  for a in accounts],
    )  # fmt: skip


@router.get(
    "/api/v1/city/boundaries",
    response_class=FileResponse,
    responses={200: {"content": {"application/geo+json": {}}}},
)
def boundaries(request: Request) -> FileResponse:
    """County boundaries as GeoJSON, WGS-84."""
    return FileResponse(request.app.state.world.city.boundaries, media_type="application/geo+json",
                        headers={"Cache-Control": "public, max-age=3600"})  # fmt: skip


@router.get("/api/v1/matters", response_model=list[MatterView], responses=problems(401, 403))
def matters(gate: AtGate, request: Request) -> list[MatterView]:
    """The responsibility list in short."""
    with gate.person():
        return [
            MatterView(id=m.id, name=m.name, name_en=m.name_en, path=list(m.path), domain=m.domain, lead=m.lead,
                       tier=m.tier, urgency=m.urgency, limit_text=m.limit.text())
            for m in request.app.state.world.rules.matters.values()
        ]  # fmt: skip


@router.get("/api/v1/live", response_class=StreamingResponse,
            responses={200: {"content": {"text/event-stream": {}}}, **problems(401, 403)})  # fmt: skip
async def live(gate: AtGate, request: Request) -> StreamingResponse:
    """What changes, as it changes, within the caller's scope (server-sent events)."""
    feed: Live = request.app.state.live

    def enter() -> tuple[Page, Callable[[], None], datetime, tuple[Scope, bool]]:
        with gate.person() as caller:
            assert caller.unit is not None
            page = Page(loop)
            apart = knows_more(caller.conn)
            leave = feed.join(page, caller.scope, caller.person.role, caller.unit, apart=apart)
            return page, leave, caller.now, (caller.scope, apart)

    def still_valid() -> bool:
        try:
            with gate.person() as caller:
                # another unit or role, or named for something meanwhile: the page must start again
                return (caller.scope, knows_more(caller.conn)) == seen
        except Unauthenticated:
            return False
        except (psycopg.OperationalError, PoolTimeout):
            return True  # nobody can be asked now; the feed is silent until the database is back

    loop = asyncio.get_running_loop()
    page, leave, now, seen = await asyncio.to_thread(enter)

    async def stream() -> AsyncIterator[bytes]:
        try:
            yield event("hello", {"as_of": now})
            async for data in page.events(still_valid):
                yield data
        finally:
            leave()

    return StreamingResponse(stream(), media_type="text/event-stream",
                             headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})  # fmt: skip


@router.get("/healthz", response_model=HealthView)
def healthz() -> HealthView:
    """The process is alive."""
    return HealthView(ok=True, problems=[])


@router.get("/readyz", response_model=HealthView, responses={503: {"model": HealthView}})
def readyz(request: Request, response: Response) -> HealthView:
    """The process can serve: database, version, city, backlog."""
    found = health.readyz(request.app.state.database, request.app.state.clock())
    response.status_code = 200 if found.ok else 503
    return HealthView(ok=found.ok, problems=[c.name for c in found.checks if not c.ok])


@router.get(
    "/metrics",
    response_class=Response,
    responses={200: {"content": {"text/plain": {}}}, **problems(403)},
)
def metrics(request: Request) -> Response:
    """Figures for Prometheus; they tell totals of the whole city, so only the monitoring host may ask."""
    state = request.app.state
    if not request.client or request.client.host not in state.monitors:
        raise Forbidden("只有监控主机可以读取", "only the monitoring host may read this")
    state.metrics.clients(state.live.pages)
    with state.database.transaction() as conn:
        signs = health.signs(conn, state.clock())
    return Response(state.metrics.text(signs), media_type="text/plain; version=0.0.4")


PARTS = (
    router,
    board_router,
    preview_router,
    intake_router,
    dispatch_router,
    routing_router,
    beside_router,
    replies_router,
    weights_router,
    orders_router,
    disputes_router,
    clocks_router,
    track_router,
    agencies_router,
    duties_router,
    chain_router,
    checks_router,
    joint_router,
    whistles_router,
    tiers_router,
    responses_router,
    scoring_router,
    kinds_router,
    inside_router,
    papers_router,
    exchange_router,
    handover_router,
    urgent_router,
    notices_router,
    roster_router,
    hooks_router,
)


def create_app(settings: Settings, database: Database, world: World, keyring: Keyring, *,
               clock: Callable[[], datetime] = utc_now, demo: tuple[DemoAccount, ...] = ()) -> FastAPI:  # fmt: skip
    """Put the application together; the caller opens and closes the database."""
    office = world.office
    names = Names(
        world.city,
        office.directory,
        world.rules.matters,
        office.lines,
        office.checks,
        office.clocks,
    )

    def weigh_anew() -> None:
        with database.transaction({"role": "gate"}) as conn:
            app.state.world = refreshed(app.state.world, conn)

    feed, figures = Live(database, names, clock, weigh_anew), Metrics()

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        current_default_thread_limiter().total_tokens = _THREADS
        feed.start()
        yield
        await asyncio.to_thread(feed.stop)

    app = FastAPI(
        title="Chengshu 城枢",
        version=__version__,
        lifespan=lifespan,
        docs_url="/api/docs",
        redoc_url=None,
        responses=problems(413, 503),  # any request may be too large or find the database away
    )
    for name, value in (
        ("settings", settings), ("database", database), ("world", world), ("keyring", keyring), ("clock", clock),
        ("names", names), ("live", feed), ("metrics", figures), ("demo_accounts", demo),
        ("monitors", _addresses(settings.monitors)), ("known_keys", KnownKeys()),
        ("channels", frozenset(open_channels(settings))),
    ):  # fmt: skip
        setattr(app.state, name, value)
    errors.install(app)
    for part in PARTS:
        app.include_router(part)
    _serve_pages(app)
    app.add_middleware(
        Shield, proxies=_addresses(settings.trusted_proxies), observe=figures.request
    )
    return app


def _addresses(listed: str) -> frozenset[str]:
    return frozenset(part.strip() for part in listed.split(",") if part.strip())


def _serve_pages(app: FastAPI) -> None:
    """The built front end, when there is one: its files, and its first page for every other address."""
    if not (_STATIC / "index.html").is_file():
        return
    app.mount("/assets", StaticFiles(directory=_STATIC / "assets"), name="assets")

    @app.get("/{path:path}", include_in_schema=False)
    def page(path: str) -> Response:
        target = (_STATIC / path).resolve()
        if path.startswith(("api/", "open311/")):
            raise HTTPException(404)  # said in the caller's language, like every refusal
        if path and target.is_file() and target.is_relative_to(_STATIC):
            return FileResponse(target)
        return FileResponse(_STATIC / "index.html", headers={"Cache-Control": "no-cache"})
