"""Attachments 附件: which files are taken, and what is taken out of them before they are kept.

Pictures are written anew: turned upright, at most 4096 pixels wide or high, and without any
metadata. Cutting known blocks (EXIF, XMP) out instead would keep the pixels exact, but leaves
whatever block was not thought of, the thumbnail of the uncropped picture and anything appended;
a reporter's home must not travel in a photo. HEIC and video are refused because nothing here can
open them to do the same.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from io import BytesIO

import filetype  # type: ignore[import-untyped]
from PIL import Image, ImageOps

from chengshu.intake import store
from chengshu.intake.model import clean
from chengshu.intake.store import Attachment
from chengshu.kit.db import Connection
from chengshu.kit.errors import Refused
from chengshu.kit.ids import new_id

MAX_BYTES = 10 * 2**20
PDF = "application/pdf"
_PICTURES = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP"}
_SUFFIX = {"image/jpeg": ".jpg", "image/png": ".png", "image/webp": ".webp", PDF: ".pdf"}
KINDS = tuple(_SUFFIX)
_MOST_PIXELS = 50_000_000
_LONGEST_PX = 4096
_MOST_PROFILE = 65_536
_QUALITY = 88
_NAME_LETTERS = 80
_UNSAFE = re.compile(r'[<>:"|?*;%\n\t]+')
_UNUSED_FOR = timedelta(days=2)
_decoding = threading.BoundedSemaphore(2)  # an open picture takes up to 200 MB


class TooLarge(Refused):
    """The file is larger than we take."""

    code = "too_large"


class WrongKind(Refused):
    """The file is of a kind that we do not take, whatever its name says."""

    code = "unsupported_kind"


@dataclass(frozen=True, slots=True)
class File:
    """A file fit to be kept.

    Attributes:
        kind: Media type by content.
        digest: SHA-256 of `content`, which is what is kept, not what was sent.
    """

    name: str
    kind: str
    content: bytes
    digest: bytes


def read_file(name: str, content: bytes) -> File:
    """Check a file by its content and take out what must not be kept.

    Raises:
        TooLarge: More than 10 MB, or more than 50 million pixels.
        WrongKind: Neither JPEG, PNG, WebP nor PDF, or damaged.
    """
    if len(content) > MAX_BYTES:
        raise TooLarge("附件超过 10 MB", "the file is larger than 10 MB")
    kind = filetype.guess_mime(content) or ""
    if kind not in _SUFFIX:
        raise WrongKind(
            "只接收 JPEG、PNG、WebP 图片和 PDF 文件；HEIC 照片请先存为 JPEG",
            "only JPEG, PNG and WebP pictures and PDF files are taken; save HEIC photos as JPEG first",
        )
    if kind in _PICTURES:
        content = _written_anew(content, _PICTURES[kind])
    return File(name_of(name, kind), kind, content, sha256(content).digest())


def keep(
    conn: Connection, file: File, now: datetime, *, account: int | None, source: str
) -> Attachment:
    """Write a file that its sender may link to a report or an order later."""
    made = Attachment(new_id(), None, None, file.name, file.kind, len(file.content))
    store.add_attachment(conn, made, file.content, file.digest, now, account, source)
    return made


def forget_unused(conn: Connection, now: datetime) -> int:
    """Delete uploads that nothing was made of within two days; returns how many. For the worker."""
    return store.forget_unlinked(conn, now - _UNUSED_FOR)


def name_of(name: str, kind: str) -> str:
    """A file name that is safe to show and to save, with the ending of its kind.

    >>> name_of("../../etc/坑 洞?.php", "image/png")
    '坑 洞.png'
    """
    last = re.split(r"[/\\]", clean(name))[-1]
    shown = "".join(c for c in _UNSAFE.sub("", last) if unicodedata.category(c) != "Cf")
    stem = re.sub(r"\.[^.]{1,8}$", "", shown).strip(" .")
    return (stem[:_NAME_LETTERS] or "file") + _SUFFIX[kind]


def _written_anew(content: bytes, form: str) -> bytes:
    forms = ("JPEG", "MPO") if form == "JPEG" else (form,)
    try:
        with _decoding:
            _check(content, forms)
            with Image.open(BytesIO(content), formats=forms) as opened:
                return _bare(opened, form)
    except (OSError, ValueError, SyntaxError, EOFError, MemoryError, Image.DecompressionBombError,
            Image.DecompressionBombWarning) as broken:  # fmt: skip
        raise WrongKind(
            "图片已损坏，打不开", "the picture is damaged and cannot be opened"
        ) from broken


def _check(content: bytes, forms: tuple[str, ...]) -> None:
    """Read only the header, then the checksums, before any pixel is unpacked."""
    with Image.open(BytesIO(content), formats=forms) as opened:
        if opened.width * opened.height > _MOST_PIXELS:
            raise TooLarge("图片超过五千万像素", "the picture has more than 50 million pixels")
        opened.verify()


def _bare(opened: Image.Image, form: str) -> bytes:
    profile = opened.info.get("icc_profile") or b""
    opened.thumbnail((_LONGEST_PX, _LONGEST_PX))  # lets the JPEG decoder skip pixels
    upright = ImageOps.exif_transpose(opened)
    if form == "JPEG":
        bare = upright if upright.mode in ("RGB", "L") else upright.convert("RGB")
    else:
        see_through = "transparency" in upright.info or "A" in upright.mode
        bare = upright.convert("RGBA" if see_through else "RGB")
    same = bare.mode == opened.mode
    bare = bare.copy()
    bare.info = {}
    out = BytesIO()
    bare.save(out, form, quality=_QUALITY,
              icc_profile=profile if same and len(profile) <= _MOST_PROFILE else b"")  # fmt: skip
    return out.getvalue()
