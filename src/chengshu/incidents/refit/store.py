"""All SQL of comparisons, of what people answered, and of the versions of the weights."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from chengshu.incidents.refit.fitting import tacit
from chengshu.incidents.refit.model import Answer, Comparison, Decision, Standing, Version
from chengshu.incidents.weights import Weights
from chengshu.kit.db import Connection, dumps, insert_many

_MOST_ANSWERS = 5000  # the newest that are learnt from
_MOST_STOOD = 500
_VERSION = "version, prior, bits, base, figures, upto, made_at, made_by, state, activated_at, activated_by, reason"


# ---------------------------------------------------------------- comparisons
def keep(conn: Connection, comparisons: Sequence[Comparison], now: datetime) -> None:
    """Keep what was measured when reports were decided."""
    columns = {"report": "bigint", "incident": "bigint", "home": "bigint", "kind": "text", "measured": "jsonb",
               "probability": "real", "version": "int", "at": "timestamptz"}  # fmt: skip
    rows = [
        (c.report, c.incident, c.home, str(c.kind), dumps({k: round(v, 4) for k, v in c.measured.items()}),
         c.probability, c.version, now)
        for c in comparisons
    ]  # fmt: skip
    insert_many(conn, "comparison", columns, rows, tail="on conflict do nothing")


def between(conn: Connection, one: int, other: int) -> Comparison | None:
    """The newest comparison of a report of one incident with the other, if the scope shows both."""
    row = conn.execute(
        """select report, incident, home, kind, measured, probability, version from comparison
           where (home = %(a)s and incident = %(b)s) or (home = %(b)s and incident = %(a)s)
           order by at desc, report desc limit 1""",
        {"a": one, "b": other},
    ).fetchone()
    return Comparison(*row) if row else None


def joinings(conn: Connection, incident: int, reports: Sequence[int]) -> list[Comparison]:
    """How these reports came to join an incident, as far as it is still kept."""
    rows = conn.execute(
        """select report, incident, home, kind, measured, probability, version from comparison
           where report = any(%s) and incident = %s and home = %s and kind = 'joined' order by report""",
        (list(reports), incident, incident),
    )
    return [Comparison(*row) for row in rows]


def prune(conn: Connection, before: datetime, limit: int) -> int:
    """Drop up to `limit` comparisons that are older; returns how many."""
    return conn.execute(
        """delete from comparison where ctid = any(array(
             select ctid from comparison where at < %s order by at limit %s for update skip locked))""",
        (before, limit),
    ).rowcount


# ---------------------------------------------------------------- answers
def answer(conn: Connection, kind: Answer, same: bool, one: int, other: int, found: Comparison, *, report: int | None,
           fresh: bool, weight: float, account: int | None, actor: str, now: datetime) -> None:  # fmt: skip
    """Write what a person said."""
    conn.execute(
        """insert into merging_answer (kind, one, other, report, same, measured, probability, version, fresh, weight,
             account, actor, at) values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)""",
        (str(kind), min(one, other), max(one, other), report, same, dumps(dict(found.measured)), found.probability,
         found.version, fresh, weight, account, actor, now),
    )  # fmt: skip


def withdraw(conn: Connection, one: int, other: int, now: datetime) -> list[int]:
    """What was said of these two no longer stands; returns which answers those were."""
    rows = conn.execute(
        """update merging_answer set withdrawn_at = %s
           where one = %s and other = %s and withdrawn_at is null returning id""",
        (now, min(one, other), max(one, other)),
    )
    return sorted(row[0] for row in rows)


def turn_over(conn: Connection, answers: Sequence[int], kind: Answer, account: int | None, actor: str,
              now: datetime) -> None:  # fmt: skip
    """Say the opposite of these answers, of the same comparisons."""
    conn.execute(
        """insert into merging_answer (kind, one, other, report, same, measured, probability, version, fresh, weight,
             account, actor, at)
           select %s, one, other, report, not same, measured, probability, version, fresh, weight, %s, %s, %s
           from merging_answer where id = any(%s) order by id""",
        (str(kind), account, actor, now, list(answers)),
    )


def decisions(conn: Connection) -> list[Decision]:
    """The newest answers that stand, in the order in which they were given."""
    rows = conn.execute(
        """select id, kind, coalesce(report, -id), measured, same, weight from (
             select * from merging_answer where withdrawn_at is null order by id desc limit %s) a order by id""",
        (_MOST_ANSWERS,),
    )
    return [Decision(row[0], Answer(row[1]), *row[2:]) for row in rows]


def stood(conn: Connection, until: datetime) -> list[Decision]:
    """Merges by the machine, made before `until` or closed since, that nobody corrected."""
    rows = conn.execute(
        """select c.report, c.measured from comparison c
           join membership m on m.report = c.report and m.incident = c.incident and m.outcome = 'merged'
           join incident i on i.id = c.incident
           where c.kind = 'joined' and (c.at < %s or i.closed_at is not null)
           order by c.at desc, c.report desc limit %s""",
        (until, _MOST_STOOD),
    )
    return [tacit(report, measured) for report, measured in rows]


def counts(conn: Connection, after: int) -> dict[str, int]:
    """Kind of answer to how many stand that came after this one, as far as the scope shows them."""
    rows = conn.execute(
        """select kind, count(*) from merging_answer where withdrawn_at is null and id > %s
           group by kind order by kind""",
        (after,),
    )
    return {row[0]: row[1] for row in rows}


# ---------------------------------------------------------------- versions
def lock(conn: Connection) -> None:
    """Serialise with everybody who makes or switches versions."""
    conn.execute("select pg_advisory_xact_lock(77311, 0)")


def versions(conn: Connection) -> list[Version]:
    """All versions after the shipped one, newest first."""
    rows = conn.execute(f"select {_VERSION} from merging_weights order by version desc")
    return [_version(row) for row in rows]


def active(conn: Connection) -> Version | None:
    """The version in use; None: the shipped one."""
    row = conn.execute(f"select {_VERSION} from merging_weights where state = 'active'").fetchone()
    return _version(row) if row else None


def _version(row: Sequence[Any]) -> Version:
    number, prior, bits, base, figures, upto, made_at, made_by, state, *activation = row
    return Version(Weights(number, prior, bits), base, figures, upto, made_at, made_by, Standing(state),
                   *activation)  # fmt: skip


def propose(conn: Connection, version: Version) -> None:
    """Write a proposal; an earlier one that nobody took is dropped."""
    drop_proposal(conn)
    w = version.weights
    conn.execute(
        """insert into merging_weights (version, base, prior, bits, figures, upto, made_at, made_by, state)
           values (%s, %s, %s, %s, %s, %s, %s, %s, 'proposed')""",
        (w.version, version.base, w.prior, dumps(dict(w.bits)), dumps(dict(version.figures)), version.upto,
         version.made_at, version.made_by),
    )  # fmt: skip


def drop_proposal(conn: Connection) -> None:
    """What waited to be switched on does not any more."""
    conn.execute("update merging_weights set state = 'dropped' where state = 'proposed'")


def switch(conn: Connection, version: int, by: str, reason: str, now: datetime) -> None:
    """Put a version in use, and the one that was out of use; 0 is the shipped one, which has no row."""
    conn.execute("update merging_weights set state = 'retired' where state = 'active'")
    conn.execute(
        """update merging_weights set state = 'active', activated_at = %s, activated_by = %s, reason = %s
           where version = %s""",
        (now, by, reason, version),
    )
