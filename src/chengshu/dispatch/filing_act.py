"""Before filing somebody may look (核实); then the incident is filed (立案), and orders can be given."""

from __future__ import annotations

from datetime import datetime

from chengshu.dispatch import store
from chengshu.dispatch.assign import Actor
from chengshu.dispatch.filing import store as filing_store
from chengshu.dispatch.filing.lines import why_not_ask, why_not_confirm, why_not_register
from chengshu.dispatch.filing.model import Filing
from chengshu.dispatch.model import Step
from chengshu.dispatch.workflow import Why
from chengshu.incidents import store as incident_store
from chengshu.incidents.model import ENDED, Incident
from chengshu.kit.db import Connection
from chengshu.kit.errors import Conflict, Invalid, NotFound

_LEAST_WORDS = 4


def register(conn: Connection, incident_id: int, by: Actor, now: datetime, words: str = "") -> None:
    """File an incident.

    Raises:
        NotFound: There is none within the scope.
        Conflict: It has ended, is filed, or what somebody was to look at is not known or not so.
    """
    incident, filing = _open(conn, incident_id)
    _refuse(why_not_register(filing))
    if not filing_store.register(conn, incident_id, by.account, by.name, now):
        raise Conflict("事件刚被别人处理过，请刷新", "somebody else was first: reload the incident")
    _step(conn, incident, "register", by, now, words)


def ask(conn: Connection, incident_id: int, by: Actor, now: datetime, words: str) -> None:
    """Send somebody to look before it is filed; her centre is told.

    Raises:
        NotFound, Conflict: As for `register`.
        Invalid: It is not said what to look at.
    """
    _check(words, "核实什么", "what to look at")
    incident, filing = _open(conn, incident_id)
    _refuse(why_not_ask(filing))
    filing_store.ask(conn, incident_id, words, now)
    _step(conn, incident, "ask_confirm", by, now, words)


def confirm(conn: Connection, incident_id: int, so: bool, by: Actor, now: datetime, words: str) -> None:  # fmt: skip
    """Say what was found on the spot.

    Raises:
        NotFound, Conflict: As for `register`.
        Invalid: It is not said what was found.
    """
    _check(words, "现场看到的情况", "what was found")
    incident, filing = _open(conn, incident_id)
    _refuse(why_not_confirm(filing))
    if not filing_store.confirm(conn, incident_id, so, by.name, words, now):
        raise Conflict("事件刚被别人处理过，请刷新", "somebody else was first: reload the incident")
    _step(conn, incident, "confirm" if so else "disconfirm", by, now, words)


def _open(conn: Connection, incident_id: int) -> tuple[Incident, Filing | None]:
    incident = incident_store.locked(conn, incident_id)
    if incident is None:
        raise NotFound("事件", incident_id)
    if incident.stage in ENDED:
        raise Conflict("事件已结束", "the incident has ended")
    return incident, filing_store.filings(conn, [incident_id]).get(incident_id)


def _refuse(why: Why | None) -> None:
    if why is not None:
        raise Conflict(why.chinese, why.english)


def _check(words: str, what: str, what_en: str) -> None:
    if len(words.strip()) < _LEAST_WORDS:
        raise Invalid(
            "reason", f"请写明{what}（至少 {_LEAST_WORDS} 个字）",
            f"say {what_en} in at least {_LEAST_WORDS} characters",
        )  # fmt: skip


def _step(conn: Connection, incident: Incident, verb: str, by: Actor, now: datetime, words: str) -> None:  # fmt: skip
    store.add_steps(conn, [Step(incident.id, None, now, by.account, by.name, by.unit, verb, incident.stage,
                                incident.stage, words, (), by.address)])  # fmt: skip
