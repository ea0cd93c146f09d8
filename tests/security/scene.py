"""Two counties, 如皋 and 海安, each with one of everything, and words that only its own things say."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any

import httpx

from chengshu.agencies.model import Role
from chengshu.kit.ids import new_id
from tests.security.people import Api, Someone, person, rows, system

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)


@dataclass(frozen=True)
class Place:
    """What one county is called and says."""

    unit: str
    county: int
    township: int
    town: str
    lon: float
    lat: float
    words: tuple[str, ...]  # said of its own things only, each a whole word of the search index
    phone: str
    surname: str


RUGAO = Place("nt.rugao", 320682000000000, 320682105000000, "如皋市白蒲镇", 120.57, 32.37,
              ("葫芦", "纺织", "鹦鹉", "馄饨", "灯笼"), "13911110001", "臧")  # fmt: skip
HAIAN = Place("nt.haian", 320685000000000, 320685102000000, "海安市曲塘镇", 120.46, 32.54,
              ("琥珀", "养鸭", "钢琴", "风筝", "火锅"), "13922220002", "濮")  # fmt: skip


@dataclass(frozen=True)
class County:
    """One county's people and the ids of its things."""

    place: Place
    people: dict[str, Someone]
    ids: dict[str, str]

    def marks(self) -> list[str]:
        """Texts that only this county's things hold: ids, numbers, words, persons."""
        return [*self.ids.values(), *self.place.words, self.place.phone, f"{self.place.surname}**"]


@dataclass(frozen=True)
class Scene:
    """Both counties, and the city above them."""

    api: Api
    rugao: County
    haian: County
    city: dict[str, Someone]

    def everybody(self) -> dict[str, Someone]:
        """All of 如皋's people and those without a county that must see nothing of 海安."""
        admins = {r: s for r, s in self.city.items() if r.endswith("_admin")}
        return {**self.rugao.people, **admins, "anonymous": Someone(self.api)}


def ok(answer: httpx.Response, status: int = 200) -> Any:
    """The body of an answer that must have gone well."""
    assert answer.status_code == status, answer.text
    return answer.json()


def file(who: Someone, place: Place, what: str, **more: Any) -> str:
    """A call that is written down; returns the report's id."""
    body = {"channel": "hotline", "text": what, "place": place.town, "lon": place.lon, "lat": place.lat,
            "reporter": {"name": f"{place.surname}小姐", "phone": place.phone}, **more}  # fmt: skip
    return str(ok(who.post("/reports", body), 202)["id"])


def incident_of(api: Api, report: str) -> str:
    """The incident that a report belongs to."""
    ((incident,),) = rows(
        api.home, "select incident from membership where report = %s", int(report)
    )
    return str(incident)


def upload(who: Someone, name: str = "photo.png") -> str:
    """A picture, linked to nothing yet."""
    return str(ok(who.call("POST", "/attachments", files={"file": (name, PNG)}), 201)["id"])


def _people(api: Api, place: Place) -> dict[str, Someone]:
    roles = (
        Role.CALL_TAKER,
        Role.DISPATCHER,
        Role.SUPERVISOR,
        Role.ANALYST,
        Role.LEADER,
        Role.HANDLER,
    )
    made = {str(role): person(api, role, place.unit) for role in roles}
    made["bureau"] = person(api, Role.HANDLER, f"{place.unit}.cgj")
    made["neighbour"] = person(api, Role.HANDLER, f"{place.unit}.slj")  # a bureau without an order
    made["grid_worker"] = person(api, Role.GRID_WORKER, place.unit, grid=place.township + 1001)
    made["key"] = system(api, "other", "police110", "web")
    return made


def _county(api: Api, place: Place) -> County:
    who = _people(api, place)
    desk, dispatcher, bureau = who["call_taker"], who["dispatcher"], who["bureau"]
    w = place.words
    ids: dict[str, str] = {"picture": upload(desk)}
    ids["report"] = file(desk, place, f"{w[0]}作坊半夜切割石料,噪音扰民", channel_id=f"no-{w[0]}",
                         nature="complaint", attachments=[ids["picture"]], transfer="110", corrections=[
                             {"kind": "time", "was": "半夜", "now": f"{w[0]}每晚", "start": 0, "end": 2}])  # fmt: skip
    ids["quiet"] = file(
        desk,
        place,
        f"{w[1]}车间向河里偷排污水",
        confidential=True,
        nature="denunciation",
        said_at="2026-07-13T08:00:00+08:00",
    )
    ids["waiting_report"] = file(
        desk, place, f"{w[2]}培训班交了钱就关门", said_at="2026-07-12T08:00:00+08:00"
    )
    ids["other_report"] = file(
        desk, place, f"{w[3]}摊贩占道经营,垃圾没人清", anonymous=True, reporter=None
    )
    sent = {
        "channel_id": f"sent-{w[4]}",
        "text": f"{w[4]}店油烟直排",
        "place": place.town,
        "lon": place.lon,
        "lat": place.lat,
    }
    ids["sent"] = str(ok(who["key"].post("/channels/police110/reports", sent), 202)["id"])
    ids["sent_number"] = f"sent-{w[4]}"
    api.work()
    names = {"incident": "report", "quiet_incident": "quiet", "waiting": "waiting_report", "other": "other_report",
             "sent_incident": "sent"}  # fmt: skip
    ids |= {name: incident_of(api, ids[report]) for name, report in names.items()}
    assert len({ids[n] for n in names}) == len(names), "the scene's reports must not merge"
    for name in ("incident", "quiet_incident", "sent_incident"):
        _own_order(api, dispatcher, bureau, ids[name], f"{place.unit}.cgj")
    ids["order"] = _order(api, ids["incident"], f"{place.unit}.cgj")
    ids["sent_order"] = _order(api, ids["sent_incident"], f"{place.unit}.cgj")
    ids["quiet_order"] = _order(api, ids["quiet_incident"], f"{place.unit}.cgj")
    ok(bureau.post(f"/orders/{ids['order']}/sign"))
    ids["loose"] = upload(bureau)
    ids["proof"] = upload(bureau)
    ok(bureau.post(f"/orders/{ids['quiet_order']}/sign"))
    ok(
        bureau.post(
            f"/orders/{ids['quiet_order']}/handle",
            {"reply": f"{w[1]}车间已停", "attachments": [ids["proof"]]},
        )
    )
    linked = {"other": ids["sent_incident"], "reason": "同一条街"}
    ok(dispatcher.post(f"/incidents/{ids['other']}/relate", linked))
    ids["suggestion"] = str(new_id())
    with api.home.owner() as conn:
        conn.execute("insert into suggestion (id, incident, other, probability, clues, at) values (%s, %s, %s, .5, '[]', %s)",
                     (ids["suggestion"], ids["waiting"], ids["other"], api.clock.now))  # fmt: skip
        conn.execute("insert into regroup (verb, lead, other, at, moved, before, undone_at) "
                     "values ('merge', %(one)s, %(other)s, %(at)s, '{}', '{}', %(at)s)",
                     {"one": ids["waiting"], "other": ids["other"], "at": api.clock.now})  # fmt: skip
    _disputed(api, place, ids)
    ids |= {f"number_{n}": number for n, (number,) in
            enumerate(rows(api.home, "select number from incident where area >= %s and area < %s",
                           place.county, place.county + 10**9))}  # fmt: skip
    return County(place, who, ids)


def _disputed(api: Api, place: Place, ids: dict[str, str]) -> None:
    """A return, a dispute without a clock, and a ruling, of the confidential incident."""
    ids["dispute"], year = str(new_id()), 1900 + place.county // 10**9 % 100
    ids["ruling"] = f"裁字〔{year}〕1号"
    values = {**ids, "unit": place.unit, "bureau": f"{place.unit}.cgj", "at": api.clock.now, "year": year,
              "area": place.county, "end": place.county + 10**9}  # fmt: skip
    with api.home.owner() as conn:
        conn.execute("insert into handback (incident, nth, work_order, unit, reason, words, actor, at) values "
                     "(%(quiet_incident)s, 1, %(quiet_order)s, %(bureau)s, 'not_my_area', '界河以北', '甲', %(at)s)",
                     values)  # fmt: skip
        conn.execute("insert into dispute (id, incident, arbiter, urgent, opened_at, due_at, state, interim) values "
                     "(%(dispute)s, %(quiet_incident)s, 'nt', false, %(at)s, %(at)s, 'open', %(unit)s)", values)  # fmt: skip
        conn.execute("insert into ruling (year, serial, number, incident, origin, matter, area, area_to, lead, reason, "
                     "basis, settled, at, actor, unit, words) values (%(year)s, 1, %(ruling)s, %(quiet_incident)s, "
                     "'1', 'other', %(area)s, %(end)s, %(bureau)s, '由它办', '{第三条}', '{not_my_area}', %(at)s, '乙', "
                     "'nt', '{鲲鹏展翅}')", values)  # fmt: skip


def _order(api: Api, incident: str, unit: str) -> str:
    ((order,),) = rows(
        api.home, "select id from work_order where incident = %s and unit = %s", int(incident), unit
    )
    return str(order)


def _own_order(api: Api, dispatcher: Someone, bureau: Someone, incident: str, unit: str) -> None:
    """An order of this incident to this unit, unless the system gave it one by itself."""
    if not rows(
        api.home, "select 1 from work_order where incident = %s and unit = %s", int(incident), unit
    ):
        ok(
            dispatcher.post(
                f"/incidents/{incident}/assign", {"unit": unit, "instruction": "请即处理"}
            )
        )


def set_up(api: Api) -> Scene:
    """File, merge, assign and handle in both counties."""
    roles = (Role.DISPATCHER, Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN)
    city = {str(role): person(api, role, "nt") for role in roles}
    return Scene(api, _county(api, RUGAO), _county(api, HAIAN), city)
