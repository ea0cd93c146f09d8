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
    _checked(api, place, ids)
    _asked(api, place, ids)
    _commanded(api, place, ids)
    _inside(api, who["bureau"], place, ids)
    _told(api, place, ids)
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


def _checked(api: Api, place: Place, ids: dict[str, str]) -> None:
    """What was asked and reviewed about the confidential incident, its score, and its request to be shelved."""
    values = {**ids, "unit": place.unit, "bureau": f"{place.unit}.cgj", "at": api.clock.now}
    with api.home.owner() as conn:

        def add(sql: str) -> str:
            """With a number that no other text holds by chance."""
            number = new_id()
            table, rest = sql.split("(", 1)
            made = f"{table}(id, {rest}".replace(
                "values (", f"overriding system value values ({number}, "
            )
            conn.execute(made, values)
            return str(number)

        conn.execute("insert into callback_task (incident, round, script, opened_at, due_at, next_at, ended_at, result) "
                     "values (%(quiet_incident)s, 1, 'general', %(at)s, %(at)s, %(at)s, %(at)s, 'lapsed')", values)  # fmt: skip
        ids["callback"] = add("insert into callback (incident, work_order, report, attempt, at, channel, outcome, account) "
                              "values (%(quiet_incident)s, %(quiet_order)s, %(quiet)s, 1, %(at)s, 'phone', "
                              "'unsatisfied', 1)")  # fmt: skip
        values["callback"] = ids["callback"]
        ids["review"] = add("insert into review (callback, incident, asked_at, account, actor, unit, evidence) values "
                            "(%(callback)s, %(quiet_incident)s, %(at)s, 1, '丙', %(unit)s, '有书面答复')")  # fmt: skip
        add("insert into quality (work_order, at, account, actor, scores, total) values "
            "(%(quiet_order)s, %(at)s, 1, '丁', '{}', 80)")  # fmt: skip
        add("insert into shelving (work_order, incident, unit, state, condition, review_on, public_reason, proposed_at, actor) "
            "values (%(order)s, %(incident)s, %(bureau)s, 'refused', '等', '2026-09-01', '等', %(at)s, '戊')")  # fmt: skip
        ids["inspection"] = add("insert into inspection (work_order, kind, asked_at, due_at, unit, done_at) values "
                                "(%(order)s, 'centre', %(at)s, %(at)s, %(unit)s, %(at)s)")  # fmt: skip


def _asked(api: Api, place: Place, ids: dict[str, str]) -> None:
    """A request for more time and a supervision order, of the confidential incident's order."""
    ids["clock_request"], ids["supervision"] = str(new_id()), str(new_id())
    values = {**ids, "unit": place.unit, "bureau": f"{place.unit}.cgj", "at": api.clock.now,
              "number": f"督{ids['supervision']}"}  # fmt: skip
    with api.home.owner() as conn:
        conn.execute("insert into clock_request (id, work_order, ask, reason, words, amount, span, unit, to_unit, asked_at, "
                     "actor, state) values (%(clock_request)s, %(quiet_order)s, 'extension', 'complex', '界河清淤', 1, 'days', "
                     "%(bureau)s, %(unit)s, %(at)s, '甲', 'open')", values)  # fmt: skip
        conn.execute("insert into supervision (id, number, work_order, nth, unit, by_unit, actor, grade, cause, words, at, "
                     "explain_by) values (%(supervision)s, %(number)s, %(quiet_order)s, 1, %(bureau)s, %(unit)s, '乙', 1, "
                     "'person', '速办', %(at)s, %(at)s)", values)  # fmt: skip


def _commanded(api: Api, place: Place, ids: dict[str, str]) -> None:
    """A joint command with one of everything, a whistle, a passing and a response; all have ended or been answered."""
    for name in ("joint", "meeting", "task", "decision", "resource", "whistle", "response"):
        ids[name] = str(new_id())
    ids["strand"] = f"case-{place.words[0]}"
    values = {**ids, "unit": place.unit, "bureau": f"{place.unit}.cgj", "at": api.clock.now, "area": place.county,
              "said": place.words[0]}  # fmt: skip
    with api.home.owner() as conn:
        for statement in (
            "insert into joint (id, incident, number, title, area, centre, lead, lead_order, members, reason, started_at, "
            "actor, ended_at, ended_by) values (%(joint)s, %(quiet_incident)s, '1', %(said)s, %(area)s, %(unit)s, %(bureau)s, "
            "%(quiet_order)s, array[%(bureau)s, %(unit)s], 'x', %(at)s, '甲', %(at)s, '甲')",
            "insert into joint_strand (joint, code, name, name_en) values (%(joint)s, %(strand)s, %(said)s, 'x')",
            "insert into joint_meeting (id, joint, nth, subject, starts_at, called_at, actor) values "
            "(%(meeting)s, %(joint)s, 1, %(said)s, %(at)s, %(at)s, '甲')",
            "insert into joint_call (joint, meeting, unit) values (%(joint)s, %(meeting)s, %(bureau)s)",
            "insert into joint_task (id, joint, nth, unit, text, work_order) values "
            "(%(task)s, %(joint)s, 1, %(bureau)s, %(said)s, %(quiet_order)s)",
            "insert into joint_decision (id, joint, meeting, nth, text, at, actor) values "
            "(%(decision)s, %(joint)s, %(meeting)s, 1, %(said)s, %(at)s, '甲')",
            "insert into joint_resource (id, joint, what, source, called_at, actor) values "
            "(%(resource)s, %(joint)s, %(said)s, 'x', %(at)s, '甲')",
            "insert into joint_hearer (joint, report, strand) values (%(joint)s, %(quiet)s, %(strand)s)",
            "insert into joint_entry (joint, at, actor, verb) values (%(joint)s, %(at)s, '甲', 'start')",
            "insert into whistle (id, incident, number, title, area, unit, words, called, at, actor) values "
            "(%(whistle)s, %(quiet_incident)s, '1', %(said)s, %(area)s, %(unit)s, 'x', array[%(bureau)s], %(at)s, '甲')",
            "insert into whistle_call (whistle, unit, called_at, due_at, told) values "
            "(%(whistle)s, %(bureau)s, %(at)s, %(at)s, %(bureau)s)",
            "insert into passing (incident, kind, giver, taker, reason, at, actor) values "
            "(%(quiet_incident)s, 'up', %(unit)s, 'nt', %(said)s, %(at)s, '甲')",
            "insert into response (id, incident, area, centre, plan, level, number, signer, declarer, declared_at, units) "
            "values (%(response)s, %(quiet_incident)s, %(area)s, %(unit)s, %(said)s, 4, '1', 'x', 'x', %(at)s, "
            "array[%(bureau)s])",
            "insert into response_level (response, nth, level, number, signer, declarer, at, actor) values "
            "(%(response)s, 1, 4, '1', 'x', 'x', %(at)s, '甲')",
            "insert into response_task (response, nth, unit, text, work_order) values "
            "(%(response)s, 1, %(bureau)s, %(said)s, %(quiet_order)s)",
        ):
            conn.execute(statement, values)


def _inside(api: Api, handler: Someone, place: Place, ids: dict[str, str]) -> None:
    """A kind's number, a paper, an order from above and what goes up; work inside a unit on another's order."""
    assert handler.account is not None
    ids |= {"paper": str(new_id()), "special": f"急{place.county}", "upper": f"JS-{place.county}"}
    values = {**ids, "unit": place.unit, "bureau": f"{place.unit}.cgj", "at": api.clock.now, "who": handler.account.id,
              "message": new_id()}  # fmt: skip
    with api.home.owner() as conn:
        for statement in (
            "insert into special (incident, kind, number, actor, unit, at) values "
            "(%(other)s, 'urgent', %(special)s, '甲', %(unit)s, %(at)s)",
            "insert into paper (id, number, kind, incident, facts, actor, unit, at) values (%(paper)s, "
            "'交' || %(special)s, 'assignment', %(other)s, '{\"rows\": [], \"words\": \"\"}', '甲', %(unit)s, %(at)s)",
            "insert into handling (work_order, section, account, name, at) values "
            "(%(sent_order)s, '市容科', %(who)s, '甲', %(at)s)",
            "insert into draft_reply (work_order, words, account, actor, at) values "
            "(%(sent_order)s, '已清运', %(who)s, '甲', %(at)s)",
            "insert into first_contact (work_order, due_at) values (%(sent_order)s, %(at)s)",
            "insert into upper_order (number, report, incident, title, due_at, state, body, at) values "
            "(%(upper)s, %(other_report)s, %(other)s, '占道', %(at)s, 'taken', '{}', %(at)s)",
            "insert into upper_message (id, upper_number, kind, body, at) values "
            "(%(message)s, %(upper)s, 'receipt', '{}', %(at)s)",
            "insert into exchange_call (unit, number, work_order, verb, digest, answer, at) values "
            "(%(bureau)s, 'scene-1', %(sent_order)s, 'sign', '', '{}', %(at)s)",
        ):
            conn.execute(statement, values)


def _told(api: Api, place: Place, ids: dict[str, str]) -> None:
    """Something sent, an alarm, a hand-over, an urgent report of the incident; and the unit's roster."""
    for name in ("delivery", "alarm", "handover", "duty_person", "duty_shift", "duty_note"):
        ids[name] = str(new_id())
    values = {
        **ids,
        "unit": f"{place.unit}.cgj",
        "centre": place.unit,
        "at": api.clock.now,
        "phone": place.phone,
    }
    rows_ = {
        "delivery": "insert into delivery (id, key, incident, notice, event, level, channel, unit, recipient, text, state, "
                    "created_at) overriding system value values (%(delivery)s::bigint, 'k' || %(delivery)s::bigint, "
                    "%(incident)s, 0, 'other', 0, 'sms', %(unit)s, '甲', '乙', 'dead', %(at)s)",
        "alarm": "insert into alarm (notice, incident, unit, level, event, text, begun_at, next_at) values (%(alarm)s, "
                 "%(incident)s, %(unit)s, 1, 'other', '乙', %(at)s, 'infinity')",
        "handover": "insert into handover (id, number, incident, party, state, said, offered_at, actor, unit) values "
                    "(%(handover)s::bigint, 'z' || %(handover)s::bigint, %(incident)s, '119', 'offered', "
                    "'丙', %(at)s, '甲', %(centre)s)",
        "case": "insert into urgent_case (incident, level, unit, began_at, actor) values (%(incident)s, 4, %(centre)s, "
                "%(at)s, '甲')",
        "report": "insert into urgent_report (incident, nth, kind, due_at) values (%(incident)s, 1, 'first', %(at)s)",
        "person": "insert into duty_person (id, unit, name, key_version, sealed, masked, token, created_at) overriding system "
                  "value values (%(duty_person)s, %(centre)s, '甲', 1, '', '****', '', %(at)s)",
        "shift": "insert into duty_shift (id, unit, part, person, from_at, to_at, at) overriding system value values "
                 "(%(duty_shift)s, %(centre)s, 'officer', %(duty_person)s, %(at)s::timestamptz - interval '1 hour', "
                 "%(at)s::timestamptz + interval '1 day', %(at)s)",
        "note": "insert into duty_note (id, unit, text, open_items, given_at, given_by, account) overriding system value "
                "values (%(duty_note)s, %(centre)s, '甲', '{}', %(at)s, '甲', 0)",
    }  # fmt: skip
    with api.home.owner() as conn:
        for statement in rows_.values():
            conn.execute(statement, values)


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
