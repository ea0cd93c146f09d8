"""All SQL of reports, reporters and attachments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb

from chengshu.intake.model import Channel, Nature, Report
from chengshu.kit import outbox
from chengshu.kit.db import Connection, dumps, insert_many

RECEIVED = "report.received"

_COLUMNS = (
    "id, channel, source, channel_id, received_at, said_at, title, text, nature, place, area, lon, lat, "
    "accuracy_m, caller, anonymous, confidential, imported, recording, taken_by, unit, extra"
)


@dataclass(frozen=True, slots=True)
class Filing:
    """A report ready to be written, with what belongs to it."""

    report: Report
    code_hash: str
    body_hash: bytes
    sealed: tuple[int, bytes] | None = None
    masked: str = ""


def _values(filing: Filing) -> dict[str, Any]:
    r = filing.report
    return {
        "id": r.id, "channel": r.channel, "source": r.source, "channel_id": r.channel_id,
        "received_at": r.received_at, "said_at": r.said_at, "title": r.title, "text": r.text,
        "nature": r.nature, "place": r.place, "area": r.area, "lon": r.lon, "lat": r.lat,
        "accuracy_m": r.accuracy_m, "caller": r.caller, "anonymous": r.anonymous,
        "confidential": r.confidential, "imported": r.imported, "recording": r.recording,
        "taken_by": r.taken_by, "unit": r.unit, "extra": Jsonb(dict(r.extra)),
        "code": filing.code_hash, "body_hash": filing.body_hash,
        "key_version": filing.sealed[0] if filing.sealed else None,
        "sealed": filing.sealed[1] if filing.sealed else None,
        "masked": filing.masked, "topic": RECEIVED,
    }  # fmt: skip


_INSERT = f"""
with fresh as (
  insert into report ({_COLUMNS}, code, body_hash)
  values (%(id)s, %(channel)s, %(source)s, %(channel_id)s, %(received_at)s, %(said_at)s, %(title)s, %(text)s,
    %(nature)s, %(place)s, %(area)s, %(lon)s, %(lat)s, %(accuracy_m)s, %(caller)s, %(anonymous)s,
    %(confidential)s, %(imported)s, %(recording)s, %(taken_by)s, %(unit)s, %(extra)s, %(code)s, %(body_hash)s)
  on conflict (source, channel, channel_id) do nothing returning id),
person as (
  insert into reporter (report, key_version, sealed, masked, confidential)
  select id, %(key_version)s, %(sealed)s, %(masked)s, %(confidential)s from fresh where %(sealed)s::bytea is not null),
message as (insert into outbox (topic, key) select %(topic)s, id from fresh)
select id from fresh
"""


def add(conn: Connection, filing: Filing) -> bool:
    """Write one report, its reporter and its outbox message; False when it is already there."""
    return conn.execute(_INSERT, _values(filing)).fetchone() is not None


_REPORT = {
    "id": "bigint", "channel": "text", "source": "text", "channel_id": "text", "received_at": "timestamptz",
    "said_at": "timestamptz", "title": "text", "text": "text", "nature": "text", "place": "text", "area": "bigint",
    "lon": "float8", "lat": "float8", "accuracy_m": "float8", "caller": "text", "anonymous": "boolean",
    "confidential": "boolean", "imported": "boolean", "recording": "text", "taken_by": "bigint", "unit": "text",
    "extra": "jsonb", "code": "text", "body_hash": "bytea",
}  # fmt: skip


def add_many(conn: Connection, filings: Sequence[Filing]) -> list[int]:
    """Write many reports in three statements, for imports; returns the ids that were new.

    The source's own rows are read first; two imports of one file at the same time meet at
    the unique key, and the second one fails as a whole and can be run again.
    """
    if not filings:
        return []
    first = filings[0].report
    have = {
        row[0]
        for row in conn.execute(
            "select channel_id from report where source = %s and channel = %s and channel_id = any(%s)",
            (first.source, first.channel, [f.report.channel_id for f in filings]),
        )
    }
    fresh: list[Filing] = []
    for filing in filings:
        if filing.report.channel_id not in have:
            have.add(filing.report.channel_id)
            fresh.append(filing)
    rows = [_values(filing) for filing in fresh]
    for row in rows:
        row["extra"] = dumps(row["extra"].obj)
    insert_many(conn, "report", _REPORT, [[row[name] for name in _REPORT] for row in rows])
    sealed = [(f.report.id, *f.sealed, f.masked, f.report.confidential) for f in fresh if f.sealed]
    columns = {
        "report": "bigint",
        "key_version": "int",
        "sealed": "bytea",
        "masked": "text",
        "confidential": "boolean",
    }
    insert_many(conn, "reporter", columns, sealed)
    outbox.send_many(conn, RECEIVED, [f.report.id for f in fresh])
    return [f.report.id for f in fresh]


def existing(
    conn: Connection, source: str, channel: str, channel_id: str
) -> tuple[int, bytes] | None:
    """Id and body hash of the report that already has this number."""
    row = conn.execute(
        "select id, body_hash from report where source = %s and channel = %s and channel_id = %s",
        (source, channel, channel_id),
    ).fetchone()
    return (row[0], row[1]) if row else None


def _report(row: Sequence[Any]) -> Report:
    return Report(row[0], Channel(row[1]), *row[2:8], Nature(row[8]), *row[9:22])


def reports(conn: Connection, ids: Sequence[int]) -> list[Report]:
    """The reports with these ids that the scope shows, oldest first."""
    rows = conn.execute(
        f"select {_COLUMNS} from report where id = any(%s) order by said_at, id", (list(ids),)
    )
    return [_report(row) for row in rows]


def by_code(conn: Connection, code_hash: str) -> int | None:
    """The report of a follow-up code."""
    row = conn.execute("select id from report where code = %s", (code_hash,)).fetchone()
    return int(row[0]) if row else None


def of_caller(conn: Connection, caller: str, limit: int = 20) -> list[Report]:
    """Earlier reports of one caller, newest first."""
    rows = conn.execute(
        f"select {_COLUMNS} from report where caller = %s and caller <> '' order by received_at desc limit %s",
        (caller, limit),
    )
    return [_report(row) for row in rows]


def masked(conn: Connection, ids: Sequence[int]) -> dict[int, str]:
    """Masked reporters, where the scope may know of them."""
    rows = conn.execute("select report, masked from reporter where report = any(%s)", (list(ids),))
    return {row[0]: row[1] for row in rows}


def sealed(conn: Connection, report: int) -> tuple[int, bytes] | None:
    """Key version and sealed personal data of a report, None when there is none or it was erased."""
    row = conn.execute(
        "select key_version, sealed from reporter where report = %s and erased_at is null",
        (report,),
    ).fetchone()
    return (row[0], bytes(row[1])) if row else None


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that came with a report or an order's reply, without its content."""

    id: int
    report: int | None
    work_order: int | None
    name: str
    kind: str
    bytes: int


def add_attachment(conn: Connection, attachment: Attachment, content: bytes, digest: bytes, now: datetime,
                   account: int | None) -> None:  # fmt: skip
    """Write one file."""
    conn.execute(
        """insert into attachment (id, report, work_order, name, kind, bytes, digest, content, at, account)
           values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)""",
        (attachment.id, attachment.report, attachment.work_order, attachment.name, attachment.kind,
         attachment.bytes, digest, content, now, account),
    )  # fmt: skip


def attachments(
    conn: Connection, *, reports: Sequence[int] = (), orders: Sequence[int] = ()
) -> list[Attachment]:
    """Files of reports and orders, without content."""
    rows = conn.execute(
        """select id, report, work_order, name, kind, bytes from attachment
           where report = any(%s) or work_order = any(%s) order by id""",
        (list(reports), list(orders)),
    )
    return [Attachment(*row) for row in rows]


def content(conn: Connection, attachment: int) -> tuple[str, str, bytes] | None:
    """Name, kind and bytes of one file."""
    row = conn.execute(
        "select name, kind, content from attachment where id = %s", (attachment,)
    ).fetchone()
    return (row[0], row[1], bytes(row[2])) if row else None
