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
from chengshu.kit.errors import Invalid

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


# The follow-up code is unique too and made from the number: of two equal reports at once, either
# of the two keys may be the one that the second meets.
_INSERT = f"""
with fresh as (
  insert into report ({_COLUMNS}, code, body_hash)
  values (%(id)s, %(channel)s, %(source)s, %(channel_id)s, %(received_at)s, %(said_at)s, %(title)s, %(text)s,
    %(nature)s, %(place)s, %(area)s, %(lon)s, %(lat)s, %(accuracy_m)s, %(caller)s, %(anonymous)s,
    %(confidential)s, %(imported)s, %(recording)s, %(taken_by)s, %(unit)s, %(extra)s, %(code)s, %(body_hash)s)
  on conflict do nothing returning id),
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
    values = list(row)
    values[1], values[8] = Channel(values[1]), Nature(values[8])
    return Report(*values)


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


def body_hashes(
    conn: Connection, source: str, channel: str, channel_ids: Sequence[str]
) -> dict[str, bytes]:
    """Body hashes of the reports that already have these numbers."""
    rows = conn.execute(
        "select channel_id, body_hash from report where source = %s and channel = %s and channel_id = any(%s)",
        (source, channel, list(channel_ids)),
    )
    return {row[0]: bytes(row[1]) for row in rows}


def numbered(conn: Connection, source: str, channel: str, channel_id: str) -> Report | None:
    """The report that has this number in its sender's numbering."""
    row = conn.execute(
        f"select {_COLUMNS} from report where source = %s and channel = %s and channel_id = %s",
        (source, channel, channel_id),
    ).fetchone()
    return _report(row) if row else None


def of_caller(conn: Connection, caller: str, limit: int = 20) -> list[Report]:
    """Earlier reports of one caller, newest first; confidential ones only for a centre."""
    rows = conn.execute(
        f"""select {_COLUMNS} from report where caller = %s and caller <> ''
              and (not confidential or scope_area_lo() is not null)
            order by received_at desc, id desc limit %s""",
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
                   account: int | None, source: str = "") -> None:  # fmt: skip
    """Write one file of a person (`account`) or of an outside system (`source`), linked to nothing yet."""
    conn.execute(
        """insert into attachment (id, report, work_order, name, kind, bytes, digest, content, at, account, source)
           values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)""",
        (attachment.id, attachment.report, attachment.work_order, attachment.name, attachment.kind,
         attachment.bytes, digest, content, now, account, source),
    )  # fmt: skip


def link_to_report(conn: Connection, attachments: Sequence[int], report: int) -> None:
    """Give the caller's own uploads to a report.

    Raises:
        Invalid: One is unknown, another's, or was linked before.
    """
    done = conn.execute(
        "update attachment set report = %s where id = any(%s) and report is null and work_order is null",
        (report, list(attachments)),
    )
    _all_linked(done.rowcount, attachments)


def link_to_order(
    conn: Connection, attachments: Sequence[int], order: int, account: int | None
) -> None:
    """Give a person's own uploads to an order, as evidence of her reply.

    Raises:
        Invalid: One is unknown, another's, or was linked before.
    """
    done = conn.execute(
        """update attachment set work_order = %s
           where id = any(%s) and account = %s and report is null and work_order is null""",
        (order, list(attachments), account),
    )
    _all_linked(done.rowcount, attachments)


def _all_linked(linked: int, wanted: Sequence[int]) -> None:
    if linked != len(set(wanted)):
        raise Invalid(
            "attachments",
            "附件不存在、不是您上传的，或已用在别处，请重新上传",
            "an attachment is unknown, was uploaded by somebody else or is in use; upload it again",
        )


def forget_unlinked(conn: Connection, before: datetime) -> int:
    """Delete uploads that were never used; returns how many."""
    return conn.execute(
        "delete from attachment where report is null and work_order is null and at < %s", (before,)
    ).rowcount


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


@dataclass(frozen=True, slots=True)
class Transfer:
    """110 移交: what the police say of the hand-over, and when they confirmed our receipt."""

    report: int
    received_at: datetime
    handed_over_at: datetime | None
    officer: str
    acknowledged_at: datetime | None = None


def add_transfer(conn: Connection, transfer: Transfer, source: str) -> None:
    """Write that the report was handed over."""
    conn.execute(
        "insert into transfer (report, source, received_at, handed_over_at, officer) values (%s, %s, %s, %s, %s)",
        (transfer.report, source, transfer.received_at, transfer.handed_over_at, transfer.officer),
    )


def transfer(conn: Connection, report: int) -> Transfer | None:
    """The transfer that a report came by."""
    row = conn.execute(
        "select report, received_at, handed_over_at, officer, acknowledged_at from transfer where report = %s",
        (report,),
    ).fetchone()
    return Transfer(*row) if row else None


def acknowledge(conn: Connection, report: int, by: str, now: datetime) -> bool:
    """Note that the sender confirmed our receipt; False when it had done so before."""
    changed = conn.execute(
        "update transfer set acknowledged_at = %s, acknowledged_by = %s where report = %s and acknowledged_at is null",
        (now, by, report),
    )
    return changed.rowcount == 1
