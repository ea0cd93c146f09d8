"""Proposing weights that have learnt from people's answers, and switching versions.

What is proposed changes nothing. A version is switched on by a person, or at night where the settings
say so, and every switch is a line of the audit trail.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from chengshu.agencies import store as agency_store
from chengshu.incidents.refit import store
from chengshu.incidents.refit.fitting import candidate, figures, no_worse
from chengshu.incidents.refit.model import Answer, Figures, Standing, Version
from chengshu.incidents.weights import SHIPPED, Weights
from chengshu.kit import outbox
from chengshu.kit.db import Connection, dumps
from chengshu.kit.errors import Conflict, Invalid, NotFound
from chengshu.kit.log import logger
from chengshu.kit.times import local

LEAST = 20  # new answers before a version is proposed
KEPT_FOR = timedelta(days=60)
STOOD_FOR = timedelta(days=30)
_NIGHT = range(2, 5)  # hours, by the city's clock
_log = logger("refit")


@dataclass(frozen=True, slots=True)
class Refit:
    """What came of a refit.

    Attributes:
        proposed: The version that now waits for a person's word; None where there is none.
        before, after: The weights in use, and those that were fitted.
        why_not, why_not_en: Why nothing is proposed.
    """

    proposed: Version | None
    before: Weights
    after: Weights
    figures: Figures
    why_not: str = ""
    why_not_en: str = ""


@dataclass(frozen=True, slots=True)
class Operator:
    """Who switches: a person, or the machine at night."""

    name: str
    account: int | None = None
    role: str | None = None
    address: str = ""


def fingerprint(weights: Weights) -> str:
    """Tells one set of shipped weights from another: what was fitted from those of an older program
    measures other things."""
    said = dumps([weights.prior, sorted(weights.bits.items())])
    return hashlib.sha256(said.encode()).hexdigest()[:16]


BASE = fingerprint(SHIPPED)


def in_force(conn: Connection) -> Weights:
    """The weights that decide now: the active version, if it comes from those that this program ships."""
    found = store.active(conn)
    if found is None:
        return SHIPPED
    if found.base != BASE:
        _log.warning("weights_of_another_program", version=found.weights.version)
        return SHIPPED
    return found.weights


def refit(conn: Connection, by: str, merge_above: float, now: datetime) -> Refit:
    """Fit to all answers; propose the result when there is enough new and it is no worse.

    Args:
        by: Who asked for it, for the list of versions.
    """
    store.lock(conn)
    known = store.versions(conn)
    used = in_force(conn)
    # what a version that was in use had learnt is no news, also after somebody went back behind it
    since = max((v.upto for v in known if v.activated_at and v.base == BASE), default=0)
    decisions, stood = store.decisions(conn), store.stood(conn, now - STOOD_FOR)
    new = sum(d.id > since for d in decisions)
    number = max((v.weights.version for v in known), default=0) + 1
    after = candidate(decisions, stood, SHIPPED, used, number)
    found = figures(decisions, stood, new, SHIPPED, used, merge_above)
    if new < LEAST:
        return Refit(None, used, after, found, f"新的判断只有 {new} 条，满 {LEAST} 条才提出新版本",
                     f"only {new} new decisions: a version is proposed from {LEAST} on")  # fmt: skip
    if not no_worse(found):
        store.drop_proposal(conn)
        return Refit(None, used, after, found, "按已有的判断衡量，新权重并不更好，不提出",
                     "on past decisions the new weights are no better: nothing is proposed")  # fmt: skip
    upto = decisions[-1].id
    waiting = next((v for v in known if v.state is Standing.PROPOSED), None)
    if waiting is not None and waiting.base == BASE and _said(waiting) == (upto, _people(found)):
        return Refit(waiting, used, waiting.weights, found)
    version = Version(after, BASE, found.record(), upto, now, by, Standing.PROPOSED)
    store.propose(conn, version)
    _log.info("weights_proposed", version=number, new=new, upto=upto)
    return Refit(version, used, after, found)


def _people(found: Figures) -> dict[str, int]:
    """What people said; what merely stands grows every night and makes no new version."""
    return {kind: count for kind, count in found.kinds.items() if kind != Answer.STOOD}


def _said(version: Version) -> tuple[int, dict[str, int]]:
    kinds: dict[str, int] = version.figures["kinds"]
    return version.upto, {kind: count for kind, count in kinds.items() if kind != Answer.STOOD}


def activate(
    conn: Connection, version: int, instead_of: int, by: Operator, reason: str, now: datetime
) -> None:
    """Put a version in use; an earlier one, or 0 for the shipped weights, goes back.

    Args:
        instead_of: The version that the person saw in use.

    Raises:
        Invalid: No reason.
        NotFound: There is no such version.
        Conflict: Another one is in use than she saw, it is in use already, it was dropped, or it was
            fitted for another program.
    """
    if not reason.strip():
        raise Invalid("reason", "请写明理由", "say why")
    store.lock(conn)
    known = {v.weights.version: v for v in store.versions(conn)}
    chosen = known.get(version)
    if version and chosen is None:
        raise NotFound("权重版本", version)
    at = next((n for n, v in known.items() if v.state is Standing.ACTIVE and v.base == BASE), 0)
    if at != instead_of:
        raise Conflict(
            f"现在使用的已是第 {at} 版，请刷新", f"version {at} is in use by now: reload"
        )
    if version == at:
        raise Conflict("这一版正在使用", "this version is in use already")
    if chosen is not None and chosen.state is Standing.DROPPED:
        raise Conflict(
            "这一版已被后来的建议取代", "a later proposal took the place of this version"
        )
    if chosen is not None and chosen.base != BASE:
        raise Conflict(
            "这一版由另一版本程序的权重得出，不能用于现在的程序",
            "this version was fitted from the weights of another program",
        )
    store.switch(conn, version, by.name, reason, now)
    agency_store.record(conn, now, "weights_activated", account=by.account, role=by.role, subject=str(version),
                        detail={"instead_of": at, "reason": reason}, address=by.address)  # fmt: skip
    outbox.changed(conn, "weights", version, 0)
    _log.info("weights_activated", version=version, instead_of=at, by=by.name)


def is_night(now: datetime) -> bool:
    """Whether the city sleeps: only then weights change without a person's word."""
    return local(now).hour in _NIGHT
