"""The contract of every sender, over all of them, each against a real other end."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from chengshu.kit.errors import CannotStart
from chengshu.kit.settings import Settings
from chengshu.notices.channels.console import Console
from chengshu.notices.channels.mail import Mail
from chengshu.notices.channels.opened import open_channels
from chengshu.notices.channels.sms import SmsGateway
from chengshu.notices.channels.webhook import SIGNATURE, Webhook, allowed, is_genuine
from chengshu.notices.model import Message, Way
from chengshu.notices.sender import Sender, Undelivered
from tests.conftest import NOW
from tests.notices.servers import Answer, Heard, HttpEnd, MailEnd, http_end, mail_end

TEXT = "【南通市域治理现代化指挥中心】新工单：{号} 路面塌陷，请速处置"


@dataclass
class End:
    """One implementation with its other end.

    Attributes:
        got: Key and text of every message that arrived, repetitions included.
        away: Nobody answers from now on.
        refuse: The other end refuses what it is given, for good; None where it never does.
    """

    sender: Sender
    address: str
    bad_address: str
    got: Callable[[], list[tuple[str, str]]]
    away: Callable[[], Sender]
    refuse: Callable[[], None] | None


def _console(folder: Path, _stack: ExitStack) -> End:
    path = folder / "notices.log"

    def got() -> list[tuple[str, str]]:
        lines = path.read_text("utf-8").splitlines() if path.exists() else []
        return [(one["key"], one["text"]) for one in map(json.loads, lines)]

    return End(Console(path), "13900000000", "", got, lambda: Console(folder / "no" / "such"), None)


def _sms(_folder: Path, stack: ExitStack) -> End:
    end = stack.enter_context(http_end())
    body = '{"msgs": [{"mobile": "{phone}", "content": "{text}", "sn": "{key}"}], "type": 3}'
    end.answers = lambda _: (200, {"code": 0})
    sender = SmsGateway(end.url, "secret", body, ("code", "0"), timeout_s=2)

    def got() -> list[tuple[str, str]]:
        return [(h.json["msgs"][0]["sn"], h.json["msgs"][0]["content"]) for h in end.heard]

    def refuse() -> None:
        end.answers = lambda _: (400, {"code": 9})

    return End(sender, "13900000000", "", got, lambda: replace(sender, url=_nowhere()), refuse)


def _mail(folder: Path, stack: ExitStack) -> End:
    end: MailEnd = stack.enter_context(mail_end(folder))
    sender = Mail(end.host, end.port, "12345@city.test", context=end.context, timeout_s=3)

    def got() -> list[tuple[str, str]]:
        return [(str(m["Message-ID"]).strip("<>").partition("@")[0],
                 m.get_payload(decode=True).decode().strip()) for m in end.mails]  # type: ignore[union-attr]  # fmt: skip

    def refuse() -> None:
        end.refuse = "550 no such user"

    return End(
        sender, "duty@unit.test", "not a mailbox", got, lambda: replace(sender, port=1), refuse
    )


def _webhook(_folder: Path, stack: ExitStack) -> End:
    end = stack.enter_context(http_end())
    host = end.url.split("/")[2]
    sender = Webhook(frozenset({host, "127.0.0.1:1"}), timeout_s=2, clock=lambda: NOW)

    def got() -> list[tuple[str, str]]:
        return [(h.headers["Idempotency-Key"], h.json["text"]) for h in end.heard]

    def refuse() -> None:
        end.answers = lambda _: (410, {})

    return End(sender, end.url, "http://elsewhere.test/in", got, lambda: sender, refuse)


def _nowhere() -> str:
    return "http://127.0.0.1:1/in"


@pytest.fixture(
    params=[_console, _sms, _mail, _webhook], ids=["console", "sms", "email", "webhook"]
)
def end(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[End]:
    with ExitStack() as stack:
        yield request.param(tmp_path, stack)


def message(end: End, **more: str) -> Message:
    made = Message(
        "n7-1-x-u", end.address, "新工单", TEXT, NOW, "hook-secret", {"event": "assigned"}
    )
    return replace(made, **more)  # type: ignore[arg-type]


def test_a_message_arrives_once_with_its_words_and_key(end: End) -> None:
    end.sender.send(message(end))
    assert end.got() == [("n7-1-x-u", TEXT)]


def test_sent_again_it_carries_the_same_key(end: End) -> None:
    end.sender.send(message(end))
    end.sender.send(message(end))
    assert [key for key, _ in end.got()] == ["n7-1-x-u"] * 2


def test_an_address_that_is_none_is_final(end: End) -> None:
    with pytest.raises(Undelivered) as failure:
        end.sender.send(message(end, address=end.bad_address))
    assert failure.value.final
    assert end.got() == []


def test_nobody_there_may_be_tried_again(end: End) -> None:
    gone = end.away()
    address = _nowhere() if isinstance(gone, Webhook) else end.address
    with pytest.raises(Undelivered) as failure:
        gone.send(message(end, address=address))
    assert not failure.value.final


def test_what_the_other_end_refuses_is_final(end: End) -> None:
    if end.refuse is None:
        pytest.skip("a file refuses nothing")
    end.refuse()
    with pytest.raises(Undelivered) as failure:
        end.sender.send(message(end))
    assert failure.value.final


# ---------------------------------------------------------------- each one's own
def test_the_console_writes_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "notices.log"
    Console(path).send(Message("k", "13900000000", "", TEXT, NOW))
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.fixture
def gateway() -> Iterator[HttpEnd]:
    with http_end() as end:
        yield end


def test_the_gateway_is_believed_only_when_it_says_the_agreed_thing(gateway: HttpEnd) -> None:
    sender = SmsGateway(gateway.url, "secret", taken=("code", "0"), timeout_s=2)
    gateway.answers = lambda _: (200, {"code": 17})
    with pytest.raises(Undelivered) as failure:
        sender.send(Message("k", "13900000000", "", "x", NOW))
    assert not failure.value.final
    assert gateway.heard[0].headers["Authorization"] == "Bearer secret"


def test_a_slow_gateway_is_not_waited_for_for_ever(gateway: HttpEnd) -> None:
    def late(_: Heard) -> Answer:
        time.sleep(0.6)
        return 200, {}

    gateway.answers = late
    with pytest.raises(Undelivered):
        SmsGateway(gateway.url, timeout_s=0.1).send(Message("k", "13900000000", "", "x", NOW))


def test_braces_in_a_message_are_no_fields(gateway: HttpEnd) -> None:
    SmsGateway(gateway.url, body='{"to": "86{phone}", "text": "{text} {key}"}').send(
        Message("k", "13900000000", "", "{phone}", NOW)
    )
    assert gateway.heard[0].json == {"to": "8613900000000", "text": "{phone} k"}


def test_mail_is_never_sent_in_the_clear_where_tls_is_wanted(tmp_path: Path) -> None:
    with mail_end(tmp_path, with_tls=False) as end:
        with pytest.raises(Undelivered):
            Mail(end.host, end.port, "a@city.test", timeout_s=3).send(
                Message("k", "b@unit.test", "", "x", NOW)
            )
        assert end.mails == []


def test_mail_goes_through_tls_with_subject_and_date(tmp_path: Path) -> None:
    with mail_end(tmp_path) as end:
        Mail(end.host, end.port, "a@city.test", context=end.context, timeout_s=3).send(
            Message("k", "b@unit.test", "新工单\r\nBcc: c@unit.test", "正文", NOW)
        )
        assert end.tls == [True]
        assert end.mails[0]["Bcc"] is None
        assert end.mails[0]["Date"] == "Tue, 14 Jul 2026 19:02:00 +0800"


def test_mail_to_a_server_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    with mail_end(tmp_path) as end:
        with pytest.raises(Undelivered):
            Mail(end.host, end.port, "a@city.test", timeout_s=3).send(
                Message("k", "b@unit.test", "", "x", NOW)
            )
        assert end.mails == []


def test_a_webhook_is_signed_over_time_and_body(gateway: HttpEnd) -> None:
    host = gateway.url.split("/")[2]
    Webhook(frozenset({host}), clock=lambda: NOW).send(
        Message("k", gateway.url, "", "x", NOW, "s3cret")
    )
    (heard,) = gateway.heard
    header, within = heard.headers[SIGNATURE], timedelta(minutes=5)
    assert is_genuine(header, "s3cret", heard.body, NOW, within)
    assert not is_genuine(header, "s3cret", heard.body + b" ", NOW, within)
    assert not is_genuine(header, "other", heard.body, NOW, within)
    assert not is_genuine(header, "s3cret", heard.body, NOW + timedelta(minutes=6), within), (
        "played again later"
    )
    assert not is_genuine("nonsense", "s3cret", heard.body, NOW, within)


@pytest.mark.parametrize(
    "url",
    [
        "http://elsewhere.test/",
        "ftp://ok.test/",
        "http://ok.test@elsewhere.test/",
        "http://u:p@ok.test/",
        "http://ok.test:81/",
        "http://[broken/",
    ],
)
def test_only_named_hosts_are_sent_to(url: str) -> None:
    assert not allowed(url, frozenset({"ok.test"}))
    assert allowed("https://ok.test/in", frozenset({"ok.test"}))


def test_a_webhook_follows_no_redirection(gateway: HttpEnd) -> None:
    gateway.answers = lambda _: (302, {})
    host = gateway.url.split("/")[2]
    with pytest.raises(Undelivered):
        Webhook(frozenset({host})).send(Message("k", gateway.url, "", "x", NOW))
    assert len(gateway.heard) == 1


def test_nothing_is_open_unless_the_settings_say_so(tmp_path: Path) -> None:
    assert open_channels(Settings(data_dir=tmp_path)) == {}
    all_ = Settings(
        data_dir=tmp_path, sms="console", smtp_host="m", smtp_from="a@b", webhook_hosts="h"
    )
    assert set(open_channels(all_)) == set(Way)


@pytest.mark.parametrize(
    ("wrong", "names"),
    [
        ({"sms": "gateway"}, "sms_url"),
        ({"sms": "gateway", "sms_url": "http://g", "sms_body": "{"}, "sms_body"),
        ({"sms": "gateway", "sms_url": "http://g", "sms_body": '{"a": "{text}"}'}, "sms_body"),
        ({"smtp_host": "m"}, "smtp_from"),
    ],
)
def test_a_way_without_what_it_needs_stops_the_start(
    tmp_path: Path, wrong: dict[str, str], names: str
) -> None:
    with pytest.raises(CannotStart, match=names):
        open_channels(Settings(data_dir=tmp_path, **wrong))  # type: ignore[arg-type]
