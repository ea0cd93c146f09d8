"""Attachments: taken by content, stripped, and nobody else's."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

import psycopg
import pytest
from PIL import ExifTags, Image
from PIL.PngImagePlugin import PngInfo

from chengshu.agencies.model import Role
from chengshu.agencies.scope import of_channel
from chengshu.intake import files, store
from chengshu.intake.files import TooLarge, WrongKind, name_of, read_file
from chengshu.kit.errors import Invalid
from tests.conftest import Home
from tests.intake.conftest import Someone, rows
from tests.intake.payloads import GRID, HOTLINE, OTHER

People = Callable[..., Someone]
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"


def picture(
    form: str = "PNG", size: tuple[int, int] = (40, 20), mode: str = "RGB", **saved: Any
) -> bytes:
    out = BytesIO()
    Image.new(mode, size, 120 if mode == "L" else None).save(out, form, **saved)
    return out.getvalue()


def located_photo() -> bytes:
    """A photo as a telephone makes it: lying on its side, with position, owner and a comment."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    exif[ExifTags.Base.Artist] = "SECRET-OWNER"
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitude] = (32.0, 23.0, 31.5)
    return picture("JPEG", exif=exif, comment=b"SECRET-COMMENT") + b"SECRET-TAIL"


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (picture("PNG"), "image/png"),
        (picture("PNG", mode="P"), "image/png"),
        (picture("PNG", mode="I;16"), "image/png"),
        (picture("JPEG", mode="CMYK"), "image/jpeg"),
        (picture("JPEG", mode="L"), "image/jpeg"),
        (picture("WEBP", mode="RGBA"), "image/webp"),
        (PDF, "application/pdf"),
    ],
)
def test_what_is_taken(content: bytes, kind: str) -> None:
    read = read_file("照片.exe", content)
    assert (read.kind, len(read.digest)) == (kind, 32)
    assert read.name.startswith("照片.")
    if kind != "application/pdf":
        with Image.open(BytesIO(read.content)) as again:
            assert again.size == (40, 20)


@pytest.mark.parametrize(
    "content",
    [b"", b"<script>alert(1)</script>", b"GIF89a" + bytes(64), b"\x00\x00\x00\x18ftypheic" + bytes(64),
     b"\x00\x00\x00\x18ftypmp42" + bytes(64), b"MZ" + bytes(100), picture("JPEG")[:200], picture("PNG")[:40],
     picture("PNG").replace(b"IDAT", b"IDOT"), b"\xff\xd8\xff\xe0" + b"<script>" * 9, b'<svg xmlns="http://www.w3.org/2000/svg"/>'],
)  # fmt: skip
def test_what_is_refused_whatever_its_name_says(content: bytes) -> None:
    with pytest.raises(WrongKind):
        read_file("photo.jpg", content)


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    bomb = picture("PNG", (9000, 9000), "1")
    assert len(bomb) < 20_000
    with pytest.raises(TooLarge):
        read_file("a.png", bomb)
    with pytest.raises((TooLarge, WrongKind)):
        read_file("a.png", picture("PNG", (20_000, 10_000), "1"))
    with pytest.raises(TooLarge):
        read_file("a.pdf", PDF + bytes(files.MAX_BYTES))


def test_a_photo_loses_everything_but_its_pixels_and_stands_upright() -> None:
    sent = located_photo()
    kept = read_file("a.jpg", sent).content
    assert b"SECRET" in sent
    assert b"SECRET" not in kept
    with Image.open(BytesIO(kept)) as photo:
        assert photo.size == (20, 40)
        assert dict(photo.getexif()) == {}
    notes = PngInfo()
    notes.add_text("Comment", "SECRET")
    assert b"SECRET" not in read_file("a.png", picture("PNG", pnginfo=notes)).content


def test_a_large_photo_is_made_smaller() -> None:
    with Image.open(BytesIO(read_file("a.jpg", picture("JPEG", (6000, 3000))).content)) as photo:
        assert photo.size == (4096, 2048)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [("C:\\照片\\a.b.png", "a.b.jpg"), ("..", "file.jpg"), ("", "file.jpg"), ("x\r\ny\u202egpj.exe", "xygpj.jpg"),
     ("长" * 300, "长" * 80 + ".jpg"), ('a";filename=b', "afilename=b.jpg")],
)  # fmt: skip
def test_names_are_harmless(sent: str, kept: str) -> None:
    assert name_of(sent, "image/jpeg") == kept


@pytest.mark.db
def test_uploaded_linked_and_shown(person: People, db: Home) -> None:
    desk = person()
    made = desk.upload(located_photo(), "坑.jpg")
    assert made.status_code == 201, made.text
    assert made.json() | {"id": "", "bytes": 0} == {
        "id": "",
        "name": "坑.jpg",
        "kind": "image/jpeg",
        "bytes": 0,
    }
    answer = desk.post("/reports", HOTLINE | {"attachments": [made.json()["id"]]})
    assert answer.status_code == 202, answer.text
    shown = desk.get(f"/attachments/{made.json()['id']}")
    assert (
        shown.headers["content-disposition"]
        == "inline; filename=\"file\"; filename*=UTF-8''%E5%9D%91.jpg"
    )
    assert shown.headers["x-content-type-options"] == "nosniff"
    assert (shown.headers["content-type"], len(shown.content)) == (
        "image/jpeg",
        made.json()["bytes"],
    )
    assert rows(db, "select report::text, source from attachment") == [
        (answer.json()["id"], "desk:nt")
    ]
    reused = desk.post("/reports", HOTLINE | {"attachments": [made.json()["id"]]})
    assert (reused.status_code, reused.json()["fields"][0]["field"]) == (422, "attachments")
    assert len(rows(db, "select 1 from report")) == 1


@pytest.mark.db
def test_the_same_report_again_links_nothing_twice(person: People) -> None:
    desk = person()
    body = HOTLINE | {"channel_id": "c-1", "attachments": [desk.upload(PDF).json()["id"]]}
    assert [desk.post("/reports", body).json()["duplicate"] for _ in range(2)] == [False, True]


@pytest.mark.db
def test_nobody_reads_or_links_anothers_upload(person: People, system: People) -> None:
    mine = person().upload(picture()).json()["id"]
    for other in (
        person(),
        person(Role.SUPERVISOR),
        person(Role.GRID_WORKER, "nt.rugao"),
        person(Role.SYSTEM_ADMIN),
    ):
        assert other.get(f"/attachments/{mine}").status_code == 404
    assert person().post("/reports", HOTLINE | {"attachments": [mine]}).status_code == 422
    assert (
        person(Role.GRID_WORKER).post("/reports", GRID | {"attachments": [mine]}).status_code == 422
    )
    one, two = system("other"), system("other")
    assert one.post("/channels/other/reports", OTHER | {"attachments": [mine]}).status_code == 422
    sent = one.upload(PDF, path="/channels/other/attachments")
    assert sent.status_code == 201, sent.text
    body = OTHER | {"attachments": [sent.json()["id"]]}
    assert two.post("/channels/other/reports", body).status_code == 422
    assert one.post("/channels/other/reports", body).status_code == 202
    assert one.upload(PDF, path="/channels/web/attachments").status_code == 403


@pytest.mark.db
def test_an_attachment_follows_its_reports_scope(person: People) -> None:
    desk = person()
    made = desk.upload(PDF).json()["id"]
    desk.post(
        "/reports",
        HOTLINE | {"place": "如皋市", "text": "灯坏", "title": "", "attachments": [made]},
    )
    assert person(unit="nt.rugao").get(f"/attachments/{made}").status_code == 200
    assert person(unit="nt.haian").get(f"/attachments/{made}").status_code == 404
    assert desk.get(f"/attachments/{made}").headers["content-disposition"].startswith("attachment;")


@pytest.mark.db
@pytest.mark.parametrize(
    ("role", "status"), [(Role.HANDLER, 201), (Role.LEADER, 403), (Role.AUDIT_ADMIN, 403)]
)
def test_who_may_upload(person: People, role: Role, status: int) -> None:
    assert person(role).upload(PDF).status_code == status


@pytest.mark.db
def test_a_wrong_kind_is_said_over_http(person: People) -> None:
    answer = person().upload(b"GIF89a" + bytes(64), "a.jpg")
    assert (answer.json()["code"], "JPEG" in answer.json()["detail"]) == ("unsupported_kind", True)
    assert person().upload(PDF + bytes(files.MAX_BYTES)).json()["code"] == "too_large"


@pytest.mark.db
def test_row_security_holds_against_plain_sql(db: Home, person: People, now: datetime) -> None:
    one, two = person(), person()
    mine = int(one.upload(PDF).json()["id"])
    number = int(two.post("/reports", HOTLINE).json()["id"])
    assert one.scope is not None
    assert two.scope is not None
    with db.app.transaction(two.scope) as conn:
        assert conn.execute("select count(*) from attachment").fetchone() == (0,)
        assert conn.execute("update attachment set report = %s", (number,)).rowcount == 0
        with pytest.raises(Invalid):
            store.link_to_report(conn, [mine], number)
    forged = """insert into attachment (id, name, kind, bytes, digest, content, at, account, report)
                values (1, '', '', 0, '', '', now(), %s, %s)"""
    for account, report in ((one.account, None), (two.account, number)):
        assert account is not None
        with (
            pytest.raises(psycopg.errors.InsufficientPrivilege),
            db.app.transaction(two.scope) as conn,
        ):
            conn.execute(forged, (account.id, report))
    with db.app.transaction() as conn:  # no scope, no rows
        assert conn.execute("select count(*) from attachment").fetchone() == (0,)
    with db.app.transaction(of_channel(1).settings()) as conn:
        assert conn.execute("select count(*) from attachment").fetchone() == (0,)
        assert conn.execute("select count(*) from transfer").fetchone() == (0,)
    # even the owner of an upload can give it only to a report of her own desk
    with db.worker.transaction() as conn:
        conn.execute("update report set source = 'desk:nt.haian' where id = %s", (number,))
    with pytest.raises(psycopg.errors.InsufficientPrivilege), db.app.transaction(one.scope) as conn:
        conn.execute("update attachment set report = %s where id = %s", (number, mine))


@pytest.mark.db
def test_unused_uploads_are_forgotten(db: Home, person: People, now: datetime) -> None:
    desk = person()
    desk.upload(PDF)
    desk.post("/reports", HOTLINE | {"attachments": [desk.upload(PDF).json()["id"]]})
    with db.worker.transaction() as conn:
        assert files.forget_unused(conn, now + timedelta(days=1)) == 0
        assert files.forget_unused(conn, now + timedelta(days=3)) == 1
    assert len(rows(db, "select 1 from attachment")) == 1
