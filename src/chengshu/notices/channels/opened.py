"""Which ways the settings open. Without any nothing leaves the house."""

from __future__ import annotations

import json
from collections.abc import Mapping

from chengshu.kit.errors import CannotStart
from chengshu.kit.settings import Settings
from chengshu.notices.channels.console import Console
from chengshu.notices.channels.mail import Mail
from chengshu.notices.channels.sms import DEFAULT_BODY, SmsGateway
from chengshu.notices.channels.webhook import Webhook
from chengshu.notices.model import Way
from chengshu.notices.sender import Sender


def open_channels(settings: Settings) -> Mapping[Way, Sender]:
    """The senders that the settings ask for.

    Raises:
        CannotStart: A way is opened without what it needs.
    """
    found: dict[Way, Sender] = {}
    if settings.sms == "console":
        found[Way.SMS] = Console(settings.data_dir / "notices.log")
    elif settings.sms == "gateway":
        found[Way.SMS] = _gateway(settings)
    if settings.smtp_host:
        if "@" not in settings.smtp_from:
            raise _wrong("smtp_from", "a sender's mailbox is needed")
        found[Way.EMAIL] = Mail(settings.smtp_host, settings.smtp_port, settings.smtp_from, settings.smtp_tls,
                                    settings.smtp_user, settings.smtp_password)  # fmt: skip
    hosts = frozenset(h.strip() for h in settings.webhook_hosts.split(",") if h.strip())
    if hosts:
        found[Way.WEBHOOK] = Webhook(hosts)
    return found


def _gateway(settings: Settings) -> SmsGateway:
    if not settings.sms_url.startswith(("http://", "https://")):
        raise _wrong("sms_url", "the gateway's address is needed")
    body = settings.sms_body or DEFAULT_BODY
    try:
        json.loads(body)
    except ValueError as wrong:
        raise _wrong("sms_body", "it is no JSON") from wrong
    if "{phone}" not in body or "{text}" not in body:
        raise _wrong("sms_body", "it must hold {phone} and {text}")
    name, found, value = settings.sms_taken.partition("=")
    return SmsGateway(settings.sms_url, settings.sms_key, body, (name, value) if found else None)


def _wrong(setting: str, english: str) -> CannotStart:
    return CannotStart(f"设置 {setting} 有误：{english}", f"the setting {setting}: {english}")
