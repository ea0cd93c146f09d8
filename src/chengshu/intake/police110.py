"""110 非警务移交: the police hand a call over, get a receipt, and acknowledge it."""

from __future__ import annotations

from datetime import UTC, datetime

from chengshu.intake import store
from chengshu.intake.form import OutsideForm, Taker, Word, report_of
from chengshu.intake.model import Channel, Report, Reporter, check_said_at
from chengshu.intake.store import Transfer
from chengshu.intake.submit import Receipt
from chengshu.intake.take import receipt_number, take
from chengshu.kit.db import Connection
from chengshu.kit.errors import Conflict, NotFound
from chengshu.kit.times import as_local


class TransferForm(OutsideForm):
    """A transfer; `channel_id` is the police's case number (接警单编号).

    Attributes:
        officer: Who handed it over, as the police name her.
        handed_over_at: When; the receipt's time is ours.
        category: The police's own kind of case.
    """

    officer: Word = ""
    handed_over_at: datetime | None = None
    category: Word = ""


def to_report(form: TransferForm, taker: Taker) -> tuple[Report, Reporter | None]:
    """A transfer as a report."""
    extra = {"category": form.category} if form.category else {}
    return report_of(form, taker, Channel.POLICE110, form.channel_id, extra=extra)


def receive(conn: Connection, form: TransferForm, taker: Taker) -> Receipt:
    """Take a transfer in; sent again, it gets the same receipt."""
    report, reporter = to_report(form, taker)
    receipt = take(conn, taker.keyring, report, reporter, form.attachments)
    if not receipt.duplicate:
        handed = form.handed_over_at
        if handed is not None:
            handed = check_said_at(as_local(handed), taker.now).astimezone(UTC)
        transfer = Transfer(receipt.id, taker.now, handed, form.officer)
        store.add_transfer(conn, transfer, taker.source)
    return receipt


def acknowledge(conn: Connection, source: str, channel_id: str, receipt: str, by: str, now: datetime) -> datetime:  # fmt: skip
    """Note that the police hold our receipt; the first time counts.

    Raises:
        NotFound: They never transferred this case.
        Conflict: It is the receipt of another case.
    """
    report = store.numbered(conn, source, Channel.POLICE110, channel_id)
    if report is None:
        raise NotFound("移交", channel_id)
    if receipt != receipt_number(report.id):
        raise Conflict(
            f"回执 {receipt} 不是 {channel_id} 的回执",
            f"{receipt} is not the receipt of {channel_id}",
        )
    store.acknowledge(conn, report.id, by, now)
    transfer = store.transfer(conn, report.id)
    assert transfer is not None
    assert transfer.acknowledged_at is not None
    return transfer.acknowledged_at
