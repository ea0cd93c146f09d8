"""One city as a process holds it: its files read once, its units from the database."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from chengshu.agencies import store as agency_store
from chengshu.agencies.calendar import read_calendars
from chengshu.agencies.duties.current import Responsibilities, current
from chengshu.agencies.duties.files import Catalogue, ground_of, read_catalogue
from chengshu.agencies.duties.model import Ground
from chengshu.agencies.matters import read_matters
from chengshu.agencies.model import Kind
from chengshu.dispatch.assign import Office
from chengshu.dispatch.checks.rules import read_checks
from chengshu.dispatch.clocks.rules import read_clock_rules
from chengshu.dispatch.filing.lines import read_lines
from chengshu.dispatch.handover.rules import HandoverRules, read_handover
from chengshu.dispatch.joint.office import JointOffice
from chengshu.dispatch.joint.ports import conference_of
from chengshu.dispatch.joint.template import read_templates
from chengshu.dispatch.kinds.rules import read_kinds
from chengshu.dispatch.propose import Directory
from chengshu.dispatch.replies.rules import read_replies
from chengshu.dispatch.routing import lessons
from chengshu.dispatch.routing.router import Router, shipped_models
from chengshu.dispatch.scoring.rules import ScoreRules, read_scoring
from chengshu.dispatch.urgent_reports.rules import UrgentRules, read_urgent
from chengshu.incidents.attach import Rules
from chengshu.incidents.objects import Things
from chengshu.incidents.questions import Question, read_questions
from chengshu.incidents.refit import versions
from chengshu.incidents.understand import Reader
from chengshu.kit.db import Connection
from chengshu.kit.errors import CannotStart
from chengshu.kit.settings import Settings
from chengshu.notices.rules import NoticeRules, read_notices
from chengshu.places import City, CityFileError, Locator, Register, read_city
from chengshu.places import store as place_store
from chengshu.places.components.classes import Catalogue as Components
from chengshu.places.components.classes import read_classes


@dataclass(frozen=True, slots=True)
class World:
    """What rules need to know of the city.

    Attributes:
        catalogue: Every matter of the files, those of the responsibility list too; `rules` and
            `office` know those of matters.toml only, on which merging was fitted.
        ground: What a new version of the list is checked against.
        duties: The list in force when the city was loaded.
        questions: What a call-taker is asked to find out.
        components: Classes of components, and the words for them.
        joint: Templates of joint commands, and where their meetings are held.
        scoring: How units' months are measured.
        notices, handover, urgent: Notices that leave the house, hand-over to 110 and the like, urgent reports.
    """

    city: City
    folder: Path
    locator: Locator
    rules: Rules
    office: Office
    catalogue: Catalogue
    ground: Ground
    duties: Responsibilities
    questions: tuple[Question, ...]
    components: Components
    joint: JointOffice
    scoring: ScoreRules
    notices: NoticeRules
    handover: HandoverRules
    urgent: UrgentRules


def city_folder(settings: Settings) -> Path:
    """The folder of the city that the settings name.

    Raises:
        CannotStart: There is no such folder; the message names those that exist.
    """
    for root in _roots(settings):
        if (root / settings.city / "city.toml").is_file():
            return root / settings.city
    known = ", ".join(sorted(cities(settings))) or "-"
    raise CannotStart(
        f"没有城市 {settings.city}；现有：{known}",
        f"there is no city {settings.city}; known: {known}",
    )


def cities(settings: Settings) -> list[str]:
    """Names of all cities that can be chosen."""
    return sorted({p.parent.name for root in _roots(settings) for p in root.glob("*/city.toml")})


def _roots(settings: Settings) -> list[Path]:
    if settings.cities_dir is not None:
        return [settings.cities_dir]
    package = Path(__file__).parent.parent
    return [package / "cities", package.parent.parent / "cities"]  # in the wheel, in a checkout


def load(settings: Settings, conn: Connection) -> World:
    """Read the city's files, the units that were loaded from them, and the register of places.

    Raises:
        CannotStart: A file cannot be read, or no city was loaded into the database yet.
    """
    folder = city_folder(settings)
    try:
        city = read_city(folder)
        locator = Locator(city, Register(place_store.sites(conn)))
        components = read_classes(folder)
    except CityFileError as wrong:
        raise CannotStart(
            f"城市文件有误：{wrong}", f"the city's files are wrong: {wrong}"
        ) from wrong
    matters = read_matters(folder / "matters.toml")
    units = agency_store.units(conn)
    if not units:
        raise CannotStart(
            "数据库里还没有城市，请先运行 chengshu init --city " + settings.city,
            f"the database holds no city yet: run chengshu init --city {settings.city}",
        )
    things = Things(components.classes.values(), components.others)
    rules = Rules(
        Reader(matters, things), locator, matters, settings.merge_above, settings.suggest_above,
        weights=versions.in_force(conn),
    )  # fmt: skip
    catalogue = read_catalogue(folder)
    duties, directory = current(conn, catalogue), Directory(units)
    router = None
    if settings.routing == "learned":
        wording, mix = shipped_models()
        router = lessons.refreshed(
            Router(
                wording, mix, Reader(catalogue.matters), catalogue.matters, duties, directory, mix
            ),
            conn,
        )
    calendars = read_calendars(folder / "calendar.toml")
    office = Office(
        matters,
        directory,
        calendars.default,
        settings.assign_above,
        settings.danger_above,
        read_replies(folder / "replies.toml", matters),
        duties,
        settings.arbitrate_hours,
        settings.fallback_unit,
        router,
        rules,
        read_lines(folder / "words.toml"),
        read_checks(folder / "checks.toml", matters),
        read_clock_rules(folder / "clocks.toml", catalogue.matters),
        calendars,
        read_kinds(folder / "kinds.toml"),
    )
    _known_fallback(settings, office.directory)
    ground = ground_of(catalogue, city, units)
    questions = read_questions(folder, matters, {m.domain for m in matters.values()})
    joint = JointOffice(read_templates(folder, matters), conference_of(settings.conference_url))
    return World(city, folder, locator, rules, office, catalogue, ground, duties,
                 questions, components, joint, read_scoring(folder / "scoring.toml"),
                 read_notices(folder / "notices.toml"), read_handover(folder / "handover.toml"),
                 read_urgent(folder / "urgent_reports.toml"))  # fmt: skip


def _known_fallback(settings: Settings, directory: Directory) -> None:
    """Raises: CannotStart, when the fallback unit is no centre of this city."""
    name = settings.fallback_unit
    if name and (name not in directory.units or directory.units[name].kind is not Kind.CENTRE):
        raise CannotStart(
            f"设置 fallback_unit：本市没有中心 {name}",
            f"the setting fallback_unit: this city has no centre {name}",
        )


def refreshed(world: World, conn: Connection) -> World:
    """The same with what decides now about merging and routing: versions and lessons.

    A switch of versions needs no restart.
    """
    weights = versions.in_force(conn)
    rules, office = world.rules, world.office
    if weights.version != rules.weights.version:
        rules = replace(rules, weights=weights)
    router = None
    if office.router is not None:
        router = lessons.refreshed(office.router, conn)
    if rules is world.rules and router is office.router:
        return world
    return replace(world, rules=rules, office=replace(office, router=router, rules=rules))
