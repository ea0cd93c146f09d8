"""What no honest client sends: each gets a clear refusal or is stored harmlessly, and never an error of ours."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest

from chengshu.agencies.model import Role
from tests.security.people import Api, Someone, rows, system
from tests.security.scene import Scene

pytestmark = pytest.mark.db

Person = Callable[..., Someone]
JSON = {"Content-Type": "application/json"}
_NEVER = 10**15


@pytest.fixture
def desk(person: Person) -> Someone:
    return person(Role.CALL_TAKER, "nt")


@pytest.fixture
def dispatcher(person: Person) -> Someone:
    return person(Role.DISPATCHER, "nt")


def clear(answer: httpx.Response, *expected: int) -> Any:
    """A refusal in our own words."""
    assert answer.status_code in (expected or range(400, 500)), (
        answer.status_code,
        answer.text[:500],
    )
    said = answer.json()
    assert said["code"]
    assert said["detail"]
    return said


def deep(levels: int) -> bytes:
    return (
        b'{"channel_id":"x","text":"y","extra":' + b'{"a":' * levels + b"1" + b"}" * levels + b"}"
    )


MALFORMED = {
    "nothing": b"",
    "half": b'{"channel": "hotline", "text": "abc',
    "not json": b"text=abc&channel=hotline",
    "a list": b"[1, 2, 3]",
    "a string": b'"hello"',
    "null": b"null",
    "NaN": b'{"channel": "hotline", "text": "abc", "lon": NaN, "lat": Infinity}',
    "gb18030": '{"channel": "hotline", "text": "路灯坏了"}'.encode("gb18030"),
    "utf-16": '{"channel": "hotline", "text": "路灯坏了"}'.encode("utf-16"),
    "bom and rubbish": b"\xff\xfe\x00\x01",
    "unknown key": b'{"channel": "hotline", "text": "abc", "is_admin": true}',
    "half a character as a key": b'{"channel": "hotline", "text": "abc", "\\ud800": 1}',
    "NUL as a key": b'{"channel": "hotline", "text": "abc", "\\u0000": 1}',
    "wrong types": b'{"channel": 5, "text": {"a": 1}, "anonymous": "perhaps"}',
    "beyond 64 bit": b'{"channel": "hotline", "text": "abc", "accuracy_m": 1' + b"0" * 400 + b"}",
    "too many digits": b'{"channel": "hotline", "text": "abc", "accuracy_m": ' + b"9" * 5000 + b"}",
}


@pytest.mark.parametrize("name", MALFORMED)
def test_malformed_bodies_are_refused(desk: Someone, name: str) -> None:
    for path in ("/reports", "/reports/preview", "/callers", "/session"):
        answer = desk.call("POST", path, content=MALFORMED[name], headers=JSON, quiet=True)
        if answer.status_code != 202:  # JSON may come in UTF-16, RFC 4627
            clear(answer, 400, 422)


@pytest.mark.parametrize("levels", [200, 10_000, 300_000])
def test_json_that_is_nested_too_deeply(api: Api, levels: int) -> None:
    answer = system(api, "other").call(
        "POST", "/channels/other/reports", content=deep(levels), headers=JSON, quiet=True
    )
    clear(answer, 400, 413, 422)


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "application/x-www-form-urlencoded", "image/png",
                                  "multipart/form-data", "multipart/form-data; boundary=", "application/json; charset=gbk",
                                  "", "*/*", "application/", "a" * 5000])  # fmt: skip
def test_unknown_kinds_of_content(desk: Someone, kind: str) -> None:
    for path in ("/reports", "/attachments", "/session"):
        answer = desk.call("POST", path, content='{"channel": "hotline", "text": "路灯坏了"}'.encode(),
                           headers={"Content-Type": kind}, quiet=True)  # fmt: skip
        if answer.status_code != 202:
            clear(answer, 400, 415, 422)


def test_fifty_megabytes_with_a_length(desk: Someone) -> None:
    for path in ("/reports", "/attachments", "/session"):
        answer = desk.call("POST", path, content=b"x" * (50 << 20), headers=JSON)
        assert clear(answer, 413)["code"] == "too_large"
        assert answer.headers["x-request-id"]


@pytest.mark.parametrize(
    "path",
    ["/reports", "/attachments", "/session", "/public/reports", "/channels/other/attachments"],
)
def test_fifty_megabytes_without_a_length(api: Api, desk: Someone, path: str) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        if "attachments" in path:
            yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n'
        for _ in range(50):
            sent += 1 << 20
            yield b" " * (1 << 20)

    async def post() -> httpx.Response:
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(api.app), base_url="http://test"
        ) as client:
            kind = (
                "multipart/form-data; boundary=x" if "attachments" in path else "application/json"
            )
            headers = {**desk.headers, "Content-Type": kind, "Accept-Language": "en"}
            return await client.post(f"/api/v1{path}", content=endless(), headers=headers)

    answer = asyncio.run(post())
    assert clear(answer, 413)["detail"] == "the body is too large"
    assert sent <= 14 << 20  # refused as soon as it was too much


def test_a_length_that_lies_is_no_way_around(desk: Someone) -> None:
    for length in ("-1", "5", "99999999999999999999999", "abc", "1e3"):
        answer = desk.call(
            "POST", "/reports", content=b"x" * (3 << 20), headers={**JSON, "Content-Length": length}
        )
        clear(answer, 400, 413)


def test_an_outside_systems_picture_may_be_as_large_as_ours(api: Api) -> None:
    """The larger limit holds for both ways of uploading; what is no picture is refused as such."""
    answer = system(api, "other").call(
        "POST", "/channels/other/attachments", files={"file": ("a.png", b"x" * (3 << 20))}
    )
    clear(answer, 415)


TEXTS = {
    "script": "<script>alert('城枢')</script> 路灯坏了 & \"quoted\" </textarea>",
    "sql": "路灯坏了'; drop table incident; -- %s %(x)s {0} \\",
    "right to left": "路灯坏了\u202e gnp.exe",
    "emoji": "路灯坏了 👨‍👩‍👧‍👦 𠮷野家 🇨🇳",
    "zalgo": "路灯坏了" + "\u0301" * 500,
    "template": "{{7*7}} ${7*7} 路灯坏了",
}


@pytest.mark.parametrize("name", TEXTS)
def test_text_is_kept_as_it_was_said(api: Api, desk: Someone, name: str) -> None:
    """It comes back as JSON, unchanged and typed as such; escaping is the page's work."""
    report = desk.post("/reports", {"channel": "hotline", "text": TEXTS[name]}).json()["id"]
    api.work()
    ((incident,),) = rows(
        api.home, "select incident from membership where report = %s", int(report)
    )
    answer = desk.get(f"/incidents/{incident}")
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.json()["report_list"][0]["text"] == TEXTS[name]
    for path in ("/incidents", "/queue", "/orders?box=all", "/incidents/map"):
        assert desk.get(path).status_code == 200


@pytest.mark.parametrize(
    "text",
    [
        "路灯\x00坏了",
        "路灯\ud83d坏了",
        "\ud800\udc00",
        "\x1b[31m红\x07",
        "\ufeff路灯坏了",
        "\uffff\ufffe路灯",
    ],
)
def test_halves_and_control_characters_are_taken_out(api: Api, desk: Someone, text: str) -> None:
    content = json.dumps({"channel": "hotline", "text": "请修" + text, "title": text, "place": text,
                          "reporter": {"name": text, "phone": "139" + text}, "call": {"id": text}}).encode()  # fmt: skip
    answer = desk.call("POST", "/reports", content=content, headers=JSON, quiet=True)
    assert answer.status_code == 202, answer.text
    api.work()
    assert rows(api.home, "select count(*) from outbox") == [(0,)]
    assert "\x00" not in desk.get("/incidents").text


BAD = ["\x00", "好\x00好好好", "\ud800四个字呢"]


@pytest.mark.parametrize("bad", BAD)
def test_what_people_write_at_a_verb_cannot_break_it(scene: Scene, bad: str) -> None:
    ids, who = scene.rugao.ids, scene.city["dispatcher"]
    bureau = scene.rugao.people["bureau"]
    tries: list[tuple[Someone, str, dict[str, Any]]] = [
        (who, f"/incidents/{ids['waiting']}/assign", {"unit": bad}),
        (
            who,
            f"/incidents/{ids['waiting']}/assign",
            {"unit": "nt.rugao.slj", "instruction": bad, "reason": bad},
        ),
        (who, f"/incidents/{ids['other']}/answer", {"answer": bad, "source": bad}),
        (who, f"/incidents/{ids['other']}/refuse", {"rule": bad, "notice": bad}),
        (who, f"/incidents/{ids['other']}/refer", {"to": "petition", "rule": bad, "notice": bad}),
        (who, f"/incidents/{ids['other']}/void", {"reason": bad}),
        (who, f"/incidents/{ids['other']}/correct", {"place": bad, "reason": bad}),
        (who, f"/incidents/{ids['other']}/correct", {"matter": bad}),
        (
            who,
            f"/incidents/{ids['incident']}/merge",
            {"other": ids["sent_incident"], "reason": bad},
        ),
        (who, f"/suggestions/{ids['suggestion']}", {"accept": False, "reason": bad}),
        (bureau, f"/orders/{ids['order']}/handle", {"reply": bad}),
        (bureau, f"/orders/{ids['order']}/return", {"reason": bad, "reason_code": "not_my_area"}),
        (who, f"/orders/{ids['order']}/urge", {"reason": bad}),
        (who, "/session", {"login": bad, "password": bad}),
        (who, f"/reports/{ids['report']}/reveal", {"purpose": bad}),
        (who, "/callers", {"phone": bad}),
        (
            scene.city["system_admin"],
            "/admin/accounts",
            {"login": "walker", "name": bad, "unit": bad},
        ),
        (scene.city["security_admin"], "/admin/credentials", {"name": bad, "channels": ["web"]}),
    ]
    for someone, path, body in tries:
        answer = someone.call(
            "POST", path, content=json.dumps(body).encode(), headers=JSON, quiet=True
        )
        assert answer.status_code < 500, (path, body, answer.text)


@pytest.mark.parametrize("query", [
    {"q": "\x00"}, {"stage": "\x00"}, {"state": "\x00"}, {"matter": "\x00"}, {"domain": "\x00"}, {"unit": "\x00"},
    {"after": "\x00"}, {"after": "AAAA"}, {"after": "MjAyNi0wMS0wMVQwMDowMDowMCswMDowMCA5OTk5OTk5OTk5OTk5OTk5OTk5OTk5"},
    {"area": "1" * 15}, {"area": "999999999999999"}, {"area": "-32068200000000"}, {"area": "１２３４５６７８９０１２３４５"},
    {"since": "2026-13-45T99:99:99Z"}, {"since": "2026-02-30T00:00:00Z"}, {"since": "0001-01-01T00:00:00+14:00"},
    {"until": "9999-12-31T23:59:59-14:00"}, {"since": "2026-01-01T00:00:00"}, {"since": "1e400"}, {"since": "-99999999999999"},
    {"limit": "0"}, {"limit": "10000000000000000000000000"}, {"limit": "1e2"}, {"order": "id; drop table incident"},
    {"q": "路" * 201}, {"q": "%'\"\\"}, {"since": "2026-01-01T00:00:00+99:99"},
])  # fmt: skip
def test_impossible_queries(dispatcher: Someone, query: dict[str, str]) -> None:
    answer = dispatcher.get("/incidents", params=query, quiet=True)
    if answer.status_code != 200:
        clear(answer, 422)


@pytest.mark.parametrize("path", [
    "/units?q=%00", "/units?within=%00", "/areas?within=999999999999999", "/orders?after=%00", "/orders?box=all&after=%00",
    "/incidents/99999999999999999999", "/incidents/-1", "/incidents/1e3", "/incidents/%00", "/incidents/abc",
    "/orders/9223372036854775808", "/orders/9223372036854775807", "/attachments/%2e%2e%2f", "/public/track/%00%00%00%00",
    "/public/track/" + "%F0%9F%98%80" * 5, "/channels/reports/%00", "/admin/audit?before=9223372036854775808",
    "/incidents/%ff%fe", "/units?q=%ff",
])  # fmt: skip
def test_impossible_addresses(dispatcher: Someone, path: str) -> None:
    answer = dispatcher.get(path, quiet=True)
    if answer.status_code != 200:
        clear(answer, 401, 403, 404, 422)


@pytest.mark.parametrize(("lon", "lat", "status"), [
    (0, 0, 202), (-74.0, 40.7, 202), (121.47, 31.23, 202),  # Gulf of Guinea, New York, Shanghai: outside the city
    (180.0001, 32, 422), (120, 90.1, 422), (1e308, 1e308, 422), (120.6, None, 422), (None, 32.3, 422),
])  # fmt: skip
def test_positions_outside_the_city_and_the_world(
    api: Api, desk: Someone, lon: float, lat: float, status: int
) -> None:
    body = {"channel": "hotline", "text": "路灯坏了", "lon": lon, "lat": lat}
    assert desk.post("/reports", body, quiet=True).status_code == status
    api.work()
    points = desk.get("/incidents/map").json()
    assert points["rows"] == []  # never drawn where it cannot be
    assert points["without_position"] == (1 if status == 202 else 0)


@pytest.mark.parametrize("said", ["2026-02-30T10:00:00Z", "2026-07-14T25:00:00Z", "1999-12-31T00:00:00Z", "3026-01-01T00:00:00Z",
                                  "0000-00-00", "not a time", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00",
                                  "10000-01-01T00:00:00Z", 1e30, -1e30, "NaN"])  # fmt: skip
def test_impossible_times(desk: Someone, said: object) -> None:
    clear(
        desk.post(
            "/reports", {"channel": "hotline", "text": "路灯坏了", "said_at": said}, quiet=True
        ),
        422,
    )


def test_no_header_can_be_slipped_in(api: Api, desk: Someone) -> None:
    """A request id of the caller's is only taken when it is plain; a file's name is quoted."""
    for given in ("abc\r\nSet-Cookie: a=b", "a" * 500, "\xe9\xff", "<script>", ""):
        raw = [(k.encode(), v.encode()) for k, v in desk.headers.items()] + [
            (b"x-request-id", given.encode("latin-1"))
        ]
        answer = api.request("GET", "/api/v1/me", headers=httpx.Headers(raw))
        assert answer.headers["x-request-id"].isalnum()
        assert "set-cookie" not in answer.headers
    assert (
        desk.get("/me", headers={"X-Request-Id": "trace-1.2_3"}).headers["x-request-id"]
        == "trace-1.2_3"
    )


def test_a_forwarded_address_is_believed_only_when_it_is_one(api: Api, desk: Someone) -> None:
    async def fail(forwarded: str, client: str) -> None:
        transport = httpx.ASGITransport(api.app, client=(client, 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as http:
            assert desk.account is not None
            body = {"login": desk.account.login, "password": "wrong password"}
            await http.post("/api/v1/session", json=body, headers={"X-Forwarded-For": forwarded})

    for forwarded, client in (
        ("6.6.6.6, 9.9.9.9", "127.0.0.1"),
        ("<b>me</b>", "127.0.0.1"),
        ("9.9.9.9", "8.8.8.8"),
    ):
        asyncio.run(fail(forwarded, client))
    seen = [
        r[0]
        for r in rows(api.home, "select address from audit where act = 'login_failed' order by id")
    ]
    assert seen == ["9.9.9.9", "127.0.0.1", "8.8.8.8"]


def test_other_methods_and_addresses(dispatcher: Someone) -> None:
    clear(dispatcher.call("PUT", "/incidents"), 405)
    clear(dispatcher.call("TRACE", "/me"), 405)
    clear(dispatcher.get("/nothing-here"), 404)
    clear(dispatcher.get("/api/v2/incidents"), 404)
