"""Settings: defaults, then a TOML file, then the environment (CHENGSHU_…). All of them are here."""

from __future__ import annotations

import os
import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from chengshu.kit.errors import CannotStart

_PREFIX = "CHENGSHU_"
_FILE = "CHENGSHU_SETTINGS"
# Days that each kind of data is kept. There is no entry for the audit trail and for the history
# of an incident: they are never erased. What open pages must hear goes after an hour, always.
_PARTIES = frozenset({"110", "119", "120", "12345"})
_KEPT_DAYS = {"reporter": 1095, "session": 30, "notice": 365}


def _default_data_dir() -> Path:
    """Root keeps data where every parent is world-readable, so that PostgreSQL's own user gets there."""
    if os.geteuid() == 0:
        return Path("/var/lib/chengshu")
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share") / "chengshu"


class Settings(BaseSettings):
    """What an installation may set. Every field's description is checked against docs/operations.md."""

    model_config = SettingsConfigDict(env_prefix=_PREFIX, extra="forbid", frozen=True)

    data_dir: Path = Field(
        default_factory=_default_data_dir,
        description="folder of the embedded database, keys and files",
    )
    host: str = Field("127.0.0.1", description="address that the API listens on")
    port: int = Field(8000, ge=1, le=65535, description="port that the API listens on")
    database_url: str = Field(
        "", description="PostgreSQL address of the serving role; empty starts the embedded server"
    )
    worker_database_url: str = Field("", description="PostgreSQL address of the workers' role")
    owner_database_url: str = Field(
        "", description="PostgreSQL address of the owner's role: migrations, backup, restore"
    )
    cities_dir: Path | None = Field(
        None, description="folder that holds one folder per city; empty takes those shipped"
    )
    city: str = Field(
        "nantong", pattern=r"^[a-z][a-z0-9_-]*$", description="name of the city's folder"
    )
    workers: int = Field(1, ge=1, le=64, description="worker processes that `demo` starts")
    pool_size: int = Field(12, ge=2, le=200, description="database connections per process")
    session_hours: int = Field(12, ge=1, le=168, description="hours after which a login ends")
    secure_cookies: bool = Field(
        False, description="set true behind HTTPS: cookies are then sent over HTTPS only"
    )
    public_per_minute: int = Field(30, ge=1, description="citizens' reports per address and minute")
    assign_above: float | None = Field(
        None,
        ge=0.5,
        le=1,
        description="probability above which an order is assigned without a person; empty: as measured for the version in use",
    )
    routing: str = Field(
        "learned",
        pattern="^(list|learned)$",
        description="learned: the fitted router proposes units; list: keywords and the responsibility list alone",
    )
    danger_above: float = Field(
        0.2, ge=0.05, le=1, description="the same where life is in danger: act first, correct later"
    )
    arbitrate_hours: int = Field(
        4,
        ge=1,
        le=80,
        description="hours within which a dispute is ruled: working hours, natural ones if urgent",
    )
    fallback_unit: str = Field(
        "",
        max_length=120,
        description="centre that acts on a disputed matter when nobody is found; empty: the city's",
    )
    whistle_minutes: int = Field(
        30,
        ge=1,
        le=1440,
        description="minutes within which a department answers a township's whistle; half where urgent",
    )
    conference_url: str = Field(
        "",
        max_length=500,
        description="address of a meeting's conference, with {meeting} for its name; empty: no link",
    )
    fonts_dir: Path | None = Field(
        None,
        description="folder with Chinese fonts for printed papers, beside those of the machine",
    )
    upper_url: str = Field(
        "", max_length=400, description="address of the platform above; empty: nothing is exchanged"
    )
    upper_key: str = Field("", max_length=200, description="this city's name at the platform above")
    upper_secret: str = Field(
        "",
        max_length=400,
        repr=False,
        description="secret shared with the platform above; it signs both ways",
    )
    merge_above: float = Field(
        0.90,
        ge=0.5,
        le=1,
        description="probability above which a report joins an incident without a person",
    )
    suggest_above: float = Field(
        0.20, ge=0.01, le=1, description="probability above which a merge is suggested to a person"
    )
    merging_refit: str = Field(
        "ask",
        pattern="^(ask|night)$",
        description="new merging weights: ask waits for a person, night takes them between 2 and 5",
    )
    cipher: str = Field(
        "aes",
        pattern="^(aes|sm4)$",
        description="cipher for personal data: aes (AES-256-GCM) or sm4 (SM4-GCM)",
    )
    retention: Annotated[dict[str, int], NoDecode] = Field(
        default_factory=lambda: dict(_KEPT_DAYS),
        description="days after which a kind of data is erased, as kind=days pairs; 0 keeps it",
    )
    sms: str = Field(
        "off",
        pattern="^(off|console|gateway)$",
        description="text messages: off; console: lines in notices.log of the data folder; gateway: by sms_url",
    )
    sms_url: str = Field("", max_length=500, description="address of the SMS gateway")
    sms_key: str = Field("", max_length=500, description="key of the SMS gateway, sent as Bearer")
    sms_body: str = Field(
        "",
        max_length=2000,
        description="JSON that the gateway wants, with {phone}, {text}, {key}, {at}; empty: id, phone, text",
    )
    sms_taken: str = Field(
        "",
        max_length=100,
        description="what the gateway's JSON answer must say, as name=value; empty: HTTP 2xx is enough",
    )
    smtp_host: str = Field("", max_length=200, description="mail server; empty: no e-mail is sent")
    smtp_port: int = Field(587, ge=1, le=65535, description="port of the mail server")
    smtp_tls: str = Field(
        "starttls", pattern="^(starttls|tls|none)$", description="how the mail server is spoken to"
    )
    smtp_user: str = Field("", max_length=200, description="user at the mail server; empty: none")
    smtp_password: str = Field("", max_length=500, description="password at the mail server")
    smtp_from: str = Field("", max_length=200, description="mailbox that e-mail comes from")
    webhook_hosts: str = Field(
        "",
        max_length=2000,
        description="hosts that webhooks may be sent to, comma-separated; empty: none are sent",
    )
    handover_urls: Annotated[dict[str, str], NoDecode] = Field(
        default_factory=dict,
        description="where hand-overs are sent, as party=url pairs of 110, 119, 120, 12345; without: by telephone",
    )
    handover_keys: Annotated[dict[str, str], NoDecode] = Field(
        default_factory=dict,
        description="keys for those lines, as party=key pairs, sent as X-API-Key",
    )
    log_level: str = Field(
        "info", pattern="^(debug|info|warning|error)$", description="least level that is logged"
    )
    trusted_proxies: str = Field(
        "127.0.0.1", description="addresses whose X-Forwarded-For is believed, comma-separated"
    )
    monitors: str = Field(
        "127.0.0.1,::1", description="addresses that may read /metrics, comma-separated"
    )

    @field_validator("assign_above", mode="before")
    @classmethod
    def _unset(cls, value: object) -> object:
        return None if value == "" else value

    @field_validator("retention", mode="before")
    @classmethod
    def _pairs(cls, value: object) -> object:
        if isinstance(value, str):
            value = dict(pair.strip().partition("=")[::2] for pair in value.split(",") if pair)
        return {**_KEPT_DAYS, **value} if isinstance(value, dict) else value

    @field_validator("handover_urls", "handover_keys", mode="before")
    @classmethod
    def _lines(cls, value: object) -> object:
        if isinstance(value, str):
            return dict(pair.strip().partition("=")[::2] for pair in value.split(",") if pair)
        return value

    @field_validator("handover_urls", "handover_keys")
    @classmethod
    def _parties(cls, value: dict[str, str]) -> dict[str, str]:
        if unknown := sorted(value.keys() - _PARTIES):
            raise ValueError(f"{', '.join(unknown)}: only {', '.join(sorted(_PARTIES))} can be set")
        return value

    @field_validator("retention")
    @classmethod
    def _kinds(cls, value: dict[str, int]) -> dict[str, int]:
        if unknown := sorted(value.keys() - _KEPT_DAYS.keys()):
            raise ValueError(f"{', '.join(unknown)}: only {', '.join(_KEPT_DAYS)} can be set")
        if min(value.values()) < 0:
            raise ValueError("days must not be negative")
        return value

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Environment before file before defaults."""
        sources: list[PydanticBaseSettingsSource] = [init_settings, env_settings]
        if path := os.environ.get(_FILE):
            sources.append(TomlConfigSettingsSource(settings_cls, Path(path)))
        return tuple(sources)


def load() -> Settings:
    """Read the settings.

    Raises:
        CannotStart: A value is unknown or impossible; the message names it.
    """
    if (path := os.environ.get(_FILE)) and not Path(path).is_file():
        raise CannotStart(f"设置文件 {path} 不存在", f"the settings file {path} does not exist")
    known = {_PREFIX + name.upper() for name in Settings.model_fields} | {_FILE}
    if strange := sorted(n for n in os.environ if n.startswith(_PREFIX) and n not in known):
        raise CannotStart(
            f"不认识的设置：{', '.join(strange)}；可用的设置见 docs/operations.md",
            f"unknown settings: {', '.join(strange)}; docs/operations.md lists those there are",
        )
    try:
        return Settings()
    except tomllib.TOMLDecodeError as wrong:
        raise CannotStart(
            f"设置文件 {path} 读不懂：{wrong}", f"cannot read the settings file {path}: {wrong}"
        ) from wrong
    except ValidationError as wrong:
        lines = [f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in wrong.errors()]
        raise CannotStart(
            "设置有误：" + ";".join(lines), "wrong settings: " + "; ".join(lines)
        ) from wrong


@lru_cache(maxsize=1)
def shared() -> Settings:
    """The process's settings, read once."""
    return load()
