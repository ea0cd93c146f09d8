"""Nobody of 如皋 can read, list, count, search or guess anything of 海安 through any route."""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx
import pytest

from chengshu.kit.ids import new_id
from tests.conftest import Home
from tests.security.calls import CALLS, Call, Ids, routes
from tests.security.fixtures import shared_scene
from tests.security.people import Someone
from tests.security.scene import HAIAN, County, Scene

pytestmark = pytest.mark.db


@pytest.fixture(scope="module")
def scene(home: Home) -> Iterator[Scene]:
    """One for all tests here: they only look, or are refused."""
    yield from shared_scene(home)


REFUSALS = {401, 403, 404, 422}
# Under which of the county's ids each key is tried: a thing in every state it can be in.
_ALSO = {"incident": ("waiting", "quiet_incident", "sent_incident"), "report": ("quiet", "sent", "other_report"),
         "order": ("quiet_order",), "picture": ("proof", "loose")}  # fmt: skip


def keys_of(county: County) -> dict[str, str]:
    """Everything that a call may name, for one county."""
    account = county.people["bureau"].account
    key = county.people["key"].scope
    assert account is not None
    assert key is not None
    return {**county.ids, "words": county.place.words[0], "phone": county.place.phone, "area": str(county.place.county),
            "unit": f"{county.place.unit}.cgj", "code": "aaaa-bbbb-cccc", "channel": "other", "account": str(account.id),
            "credential": key.source.removeprefix("key:"), "message": "1",
            # the responsibility list is the whole city's: these exist for nobody
            "matter": "no.matter", "version": "2000000000",
            # nobody's month was scored yet: tests/dispatch/scoring looks at whose figures are whose
            "month": "2026-01", "exclusion": "41", "appeal": "42", "measure": "43", "act": "approve"}  # fmt: skip


def never(key: str) -> str:
    """What never existed, in the form that such ids have."""
    special = {"words": "鲲鹏", "phone": "13955559999", "area": "320699000000000", "unit": "nt.rugao.nirgends",
               "code": "dddd-eeee-ffff", "sent_number": "sent-never", "channel": "other",
               "matter": "no.other", "version": "2000000001", "ruling": "裁字〔1899〕1号",
               "month": "2026-02", "act": "refuse", "special": "急0", "upper": "JS-0"}  # fmt: skip
    return special.get(key) or str(new_id())


def answer(who: Someone, route: str, call: Call, ids: Ids) -> httpx.Response:
    """What this person gets for this route with these ids."""
    verb, template = route.split(" ", 1)
    return who.call(verb, call.target(template, ids), **call.sent(ids))


def body(found: httpx.Response, echoed: str) -> str:
    """A body with the id that was asked for taken out."""
    return found.text.replace(echoed, "<id>")


def swaps(call: Call, theirs: Ids) -> list[tuple[str, str]]:
    """Every id of the other county at every place of a call: key and value."""
    keys = [
        k for k in (*call.path.values(), *call.uses, *call.filters) if k not in ("code", "channel")
    ]
    return [
        (key, theirs[name]) for key in dict.fromkeys(keys) for name in (key, *_ALSO.get(key, ()))
    ]


def test_the_walk_knows_every_route(scene: Scene) -> None:
    missing = set(routes(scene.api.app.openapi())) - set(CALLS)
    assert not missing, (
        f"tests/security/calls.py must say how these are called, and with whose ids: {missing}"
    )
    gone = set(CALLS) - set(routes(scene.api.app.openapi()))
    assert not gone, f"these routes are gone: {gone}"


def test_the_walk_fills_every_place_of_a_path(scene: Scene) -> None:
    for route in routes(scene.api.app.openapi()):
        assert set(re.findall(r"{(\w+)", route)) == set(CALLS[route].path), route


def test_the_scene_says_its_words(scene: Scene) -> None:
    """The marks that must not be found are really there for those who may see them."""
    seen = scene.haian.people["dispatcher"].get("/incidents").text
    assert all(word in seen for word in HAIAN.words)
    assert scene.haian.ids["incident"] in seen
    assert "琥珀" in scene.haian.people["dispatcher"].get("/incidents", params={"q": "琥珀"}).text


def test_no_route_shows_or_names_what_is_not_ones_own(scene: Scene) -> None:
    """Without foreign ids: lists, counts, map, queue, figures, notices hold nothing of the other county."""
    ours, marks = keys_of(scene.rugao), scene.haian.marks()
    for caller, who in scene.everybody().items():
        for route, call in sorted(CALLS.items(), key=lambda item: item[1].once):
            if call.stream:
                continue
            ids = {
                **ours,
                **{k: never(k) for k in call.path.values() if k != "channel"},
            }  # change nothing of one's own
            found = answer(who, route, call, ids)
            assert found.status_code < 500, (caller, route, found.text)
            shown = [mark for mark in marks if mark in found.text]
            assert not shown, (caller, route, shown, found.text)


def test_a_foreign_id_is_answered_like_one_that_never_was(scene: Scene) -> None:
    theirs, before = keys_of(scene.haian), _state(scene)
    for caller, who in scene.everybody().items():
        for route, call in CALLS.items():
            if call.stream or call.once or caller in call.admins:
                continue
            for key, value in swaps(call, theirs):
                _compare(scene, who, route, key, value)
    assert _state(scene) == before, "somebody of 如皋 changed something of 海安"


def _compare(scene: Scene, who: Someone, route: str, key: str, value: str) -> None:
    call, ours, other = CALLS[route], keys_of(scene.rugao), never(key)
    real = answer(who, route, call, {**ours, key: value})
    none = answer(who, route, call, {**ours, key: other})
    about = (who.name, route, key, real.status_code, real.text, none.text)
    if key not in call.filters:
        assert real.status_code in REFUSALS | call.refusals, about
    assert not [m for m in scene.haian.marks() if m in body(real, value)], about
    if key == "unit" and key in call.uses:
        return  # the directory of units is public: a foreign unit is forbidden, an unknown one not found
    assert real.status_code == none.status_code, about
    texts = body(real, value), body(none, other)
    if call.rough:
        texts = re.sub(r"\d+\.\d+", "#", texts[0]), re.sub(r"\d+\.\d+", "#", texts[1])
    assert texts[0] == texts[1], about
    assert real.headers["content-type"] == none.headers["content-type"], about


def _state(scene: Scene) -> list[tuple[object, ...]]:
    low, high = HAIAN.county, HAIAN.county + 10**9
    found: list[tuple[object, ...]] = []
    with scene.api.home.owner() as conn:
        for table in ("incident", "work_order", "report"):
            found += conn.execute(
                f"select * from {table} where area >= %s and area < %s order by id", (low, high)
            )
        for table in (
            "membership",
            "step",
            "notice",
            "proposal",
            "suggestion",
            "word",
            "posting",
            "profile",
        ):
            found += conn.execute(f"select t::text from {table} t join incident i on i.id = t.incident "
                                  "where i.area >= %s and i.area < %s order by 1", (low, high))  # fmt: skip
        found += conn.execute("select y::text from reply y join report r on r.id = y.report "
                              "where r.area >= %s and r.area < %s order by 1", (low, high))  # fmt: skip
        found += conn.execute("select l::text from link l order by 1")
        found += conn.execute("select id, report, work_order from attachment where id = any(%s) order by id",
                              ([int(scene.haian.ids[k]) for k in ("picture", "proof", "loose")],))  # fmt: skip
    return found
