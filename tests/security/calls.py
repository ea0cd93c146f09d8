"""How to call every route of the API: which ids it takes, where, and with what around them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from tests.security.scene import PNG

Ids: TypeAlias = Mapping[str, str]


def _nothing(_: Ids) -> dict[str, Any]:
    return {}


@dataclass(frozen=True)
class Call:
    """One route.

    Attributes:
        path: Names of path parameters to keys of the ids.
        uses: Further keys that stand in query or body, each a reference that must be refused.
        filters: Keys that only narrow a list: what is not to be seen narrows it to nothing.
        refusals: What may be answered to a foreign id besides 401, 403, 404 and 422.
        admins: Roles for which the ids are the whole city's.
        rough: Its figures depend on how rare words are in the whole city: they are not compared.
        once: Ends the session; called last.
        stream: Never ends; tested in tests/app/test_live_http.py.
    """

    path: Mapping[str, str] = field(default_factory=dict)
    body: Callable[[Ids], dict[str, Any]] = _nothing
    query: Callable[[Ids], dict[str, Any]] = _nothing
    files: Mapping[str, tuple[str, bytes]] = field(default_factory=dict)
    uses: tuple[str, ...] = ()
    filters: tuple[str, ...] = ()
    refusals: frozenset[int] = frozenset()
    admins: frozenset[str] = frozenset()
    rough: bool = False
    once: bool = False
    stream: bool = False

    def sent(self, ids: Ids) -> dict[str, Any]:
        """The arguments of a request with these ids."""
        body, query = self.body(ids), self.query(ids)
        return {**({"json": body} if body else {}), **({"params": query} if query else {}),
                **({"files": dict(self.files)} if self.files else {})}  # fmt: skip

    def target(self, template: str, ids: Ids) -> str:
        """The route's address with these ids in it."""
        return template.format_map({name: ids[key] for name, key in self.path.items()})


def _report(more: Mapping[str, str]) -> Callable[[Ids], dict[str, Any]]:
    return lambda i: {
        "text": "路灯坏了请修",
        "place": "如皋市白蒲镇",
        "attachments": [i["picture"]],
        **more,
    }


_I, _O = {"incident_id": "incident"}, {"order_id": "order"}
_SYSTEM, _SECURITY = frozenset({"system_admin"}), frozenset({"security_admin"})
_WORDS = "情况属实,已经处理"
_J = {"joint_id": "joint"}
_M = {**_J, "meeting_id": "meeting"}
_LEVEL = {"level": 4, "number": "一号", "signer": "指挥长", "declarer": "防指"}

CALLS: dict[str, Call] = {
    "GET /api/v1/city": Call(),
    "GET /api/v1/city/boundaries": Call(),
    "GET /api/v1/matters": Call(),
    "GET /api/v1/live": Call(stream=True),
    "GET /healthz": Call(),
    "GET /readyz": Call(),
    "GET /metrics": Call(),
    "GET /api/v1/figures/today": Call(),
    "GET /api/v1/incidents/map": Call(),
    "GET /api/v1/queue": Call(query=lambda i: {"limit": 500}),
    "GET /api/v1/notices": Call(query=lambda i: {"limit": 200}),
    "POST /api/v1/notices/read": Call(),
    "GET /api/v1/me": Call(),
    "POST /api/v1/session": Call(body=lambda i: {"login": "nobody", "password": "nothing-at-all"}, once=True),
    "DELETE /api/v1/session": Call(once=True),
    "GET /api/v1/areas": Call(query=lambda i: {"level": "township"}),
    "GET /api/v1/units": Call(query=lambda i: {"within": "nt"}),
    # ------------------------------------------------------------------ intake
    "POST /api/v1/reports/preview": Call(
        body=lambda i: {"text": f"{i['words']}作坊半夜切割石料,噪音扰民"}, filters=("words",),
        rough=True),
    "POST /api/v1/reports": Call(body=_report({"channel": "hotline"}), uses=("picture",)),
    "POST /api/v1/channels/police110/reports": Call(body=_report({"channel_id": "walk-1"}), uses=("picture",)),
    "POST /api/v1/channels/web/reports": Call(body=_report({"channel_id": "walk-2"}), uses=("picture",)),
    "POST /api/v1/channels/other/reports": Call(body=_report({"channel_id": "walk-3"}), uses=("picture",)),
    "POST /api/v1/channels/police110/reports/{channel_id}/acknowledge": Call(
        {"channel_id": "sent_number"}, body=lambda i: {"receipt": f"CS{i['sent']}"}, uses=("sent",),
        refusals=frozenset({409})),  # the receipt is compared, not looked up
    "GET /api/v1/channels/reports/{channel_id}": Call({"channel_id": "sent_number"}, query=lambda i: {"channel": "police110"}),
    "POST /api/v1/public/reports": Call(body=lambda i: {"client_id": "walk-walk-walk-walk", "text": "路灯坏了请修"}),
    "GET /api/v1/public/track/{code}": Call({"code": "code"}),
    "POST /api/v1/attachments": Call(files={"file": ("a.png", PNG)}),
    "POST /api/v1/channels/{channel}/attachments": Call({"channel": "channel"}, files={"file": ("a.png", PNG)}),
    "GET /api/v1/attachments/{attachment_id}": Call({"attachment_id": "picture"}),
    "GET /api/v1/reports/{report_id}": Call({"report_id": "report"}),
    "POST /api/v1/reports/{report_id}/corrections": Call({"report_id": "report"}, body=lambda i: {
        "corrections": [{"kind": "time", "was": "昨晚", "now": "今早", "start": 0, "end": 2}]}),
    "POST /api/v1/reports/{report_id}/reveal": Call({"report_id": "report"}, body=lambda i: {"purpose": "回访核实情况"}),
    "POST /api/v1/callers": Call(body=lambda i: {"phone": i["phone"]}, filters=("phone",)),
    # ------------------------------------------------------------------ incidents
    "GET /api/v1/incidents": Call(
        query=lambda i: {"q": i["words"], "area": i["area"], "unit": i["unit"]}, filters=("words", "area", "unit")),
    "GET /api/v1/incidents/{incident_id}": Call(_I),
    "POST /api/v1/incidents/{incident_id}/assign": Call(_I, body=lambda i: {"unit": i["unit"]}, uses=("unit",)),
    "POST /api/v1/incidents/{incident_id}/answer": Call(_I, body=lambda i: {"answer": _WORDS, "source": "知识库"}),
    "POST /api/v1/incidents/{incident_id}/refuse": Call(_I, body=lambda i: {"rule": "第十条", "notice": _WORDS}),
    "POST /api/v1/incidents/{incident_id}/refer": Call(
        _I, body=lambda i: {"to": "petition", "rule": "第十条", "notice": _WORDS}),
    "POST /api/v1/incidents/{incident_id}/void": Call(_I, body=lambda i: {"reason": "重复录入作废"}),
    "POST /api/v1/incidents/{incident_id}/correct": Call(_I, body=lambda i: {"urgency": 2, "reason": "情况紧急"}),
    "POST /api/v1/incidents/{incident_id}/merge": Call(
        _I, body=lambda i: {"other": i["waiting"], "reason": "同一件事"}, uses=("waiting",)),
    "POST /api/v1/incidents/{incident_id}/unmerge": Call(
        _I, body=lambda i: {"other": i["waiting"], "reason": "不是一件事"}, uses=("waiting",)),
    "POST /api/v1/incidents/{incident_id}/split": Call(
        _I, body=lambda i: {"report": i["report"], "reason": "不是一件事"}, uses=("report",)),
    "POST /api/v1/incidents/{incident_id}/unsplit": Call(
        _I, body=lambda i: {"other": i["waiting"], "reason": "是一件事"}, uses=("waiting",)),
    "GET /api/v1/incidents/{incident_id}/undo": Call(_I, query=lambda i: {"other": i["waiting"]}, uses=("waiting",)),
    "POST /api/v1/suggestions/{suggestion_id}": Call({"suggestion_id": "suggestion"}, body=lambda i: {"accept": True}),
    "GET /api/v1/suggestions/{suggestion_id}": Call({"suggestion_id": "suggestion"}),
    "POST /api/v1/suggestions/{suggestion_id}/reopen": Call(
        {"suggestion_id": "suggestion"}, body=lambda i: {"reason": "点错了"}),
    "GET /api/v1/incidents/{incident_id}/compare": Call(
        _I, query=lambda i: {"other": i["waiting"]}, uses=("waiting",), rough=True),
    "POST /api/v1/incidents/{incident_id}/relate": Call(
        _I, body=lambda i: {"other": i["waiting"], "reason": "同一家公司"}, uses=("waiting",)),
    "POST /api/v1/incidents/{incident_id}/unrelate": Call(
        _I, body=lambda i: {"other": i["waiting"], "reason": "没有关系"}, uses=("waiting",)),
    "GET /api/v1/scoring/months": Call(),
    "GET /api/v1/scoring/months/{month}": Call({"month": "month"}),
    "GET /api/v1/scoring/months/{month}/table.csv": Call({"month": "month"}),
    "GET /api/v1/scoring/months/{month}/units/{unit}": Call({"month": "month", "unit": "unit"}),
    "POST /api/v1/scoring/months/{month}/run": Call({"month": "month"}),
    "POST /api/v1/scoring/months/{month}/appeals": Call({"month": "month"}, body=lambda i: {
        "order": i["order"], "wants": "clear", "words": _WORDS, "evidence": [i["proof"]]}, uses=("order",)),
    "GET /api/v1/scoring/exclusions": Call(),
    "POST /api/v1/scoring/exclusions": Call(body=lambda i: {
        "order": i["order"], "reason": "legacy", "words": _WORDS}, uses=("order",)),
    "POST /api/v1/scoring/exclusions/{exclusion_id}/decide": Call(
        {"exclusion_id": "exclusion"}, body=lambda i: {"grant": True, "words": _WORDS}),
    "GET /api/v1/scoring/appeals": Call(),
    "POST /api/v1/scoring/appeals/{appeal_id}/answer": Call(
        {"appeal_id": "appeal"}, body=lambda i: {"grant": True, "words": _WORDS}),
    "GET /api/v1/scoring/measures": Call(),
    "POST /api/v1/scoring/measures": Call(body=lambda i: {
        "kind": "talk", "unit": i["unit"], "month": "2026-01", "words": _WORDS}, uses=("unit",)),
    "POST /api/v1/scoring/measures/{measure_id}/{act}": Call(
        {"measure_id": "measure", "act": "act"}, body=lambda i: {"words": _WORDS}),
    "GET /api/v1/routing/quality": Call(),
    "POST /api/v1/routing/versions/{version}/activate": Call({"version": "version"}, body=lambda i: {"reason": "曲线更准"}),
    "GET /api/v1/merging/weights": Call(),
    "POST /api/v1/merging/weights/{version}/activate": Call(
        {"version": "version"}, body=lambda i: {"instead_of": 0, "reason": "试用"}),
    # ------------------------------------------------------------------ statutory replies
    "GET /api/v1/replies": Call(query=lambda i: {"open": True, "limit": 200}),
    "POST /api/v1/reports/{report_id}/accept": Call({"report_id": "report"}),
    "POST /api/v1/reports/{report_id}/decline": Call({"report_id": "report"}, body=lambda i: {"reason": _WORDS}),
    "POST /api/v1/reports/{report_id}/reply": Call({"report_id": "report"}, body=lambda i: {"text": _WORDS}),
    # ------------------------------------------------------------------ kinds of order
    "GET /api/v1/incidents/{incident_id}/kind": Call(_I),
    "POST /api/v1/incidents/{incident_id}/kind": Call(_I, body=lambda i: {"kind": "urgent"}),
    "POST /api/v1/incidents/{incident_id}/named": Call(
        _I, body=lambda i: {"accounts": [i["account"]]}, uses=("account",)),
    "POST /api/v1/incidents/{incident_id}/unname": Call(
        _I, body=lambda i: {"account": i["account"]}, uses=("account",)),
    "POST /api/v1/incidents/{incident_id}/leader-report": Call(_I, body=lambda i: {"words": _WORDS}),
    "GET /api/v1/people": Call(query=lambda i: {"unit": i["unit"]}, filters=("unit",)),
    # ------------------------------------------------------------------ orders
    "GET /api/v1/orders": Call(query=lambda i: {"box": "all", "mine": False}),
    "GET /api/v1/orders/{order_id}": Call(_O),
    "POST /api/v1/orders/{order_id}/sign": Call(_O),
    "POST /api/v1/orders/{order_id}/return": Call(_O, body=lambda i: {"reason": _WORDS, "reason_code": "not_my_area"}),
    "GET /api/v1/orders/{order_id}/return": Call(_O),
    "POST /api/v1/orders/{order_id}/handle": Call(
        _O, body=lambda i: {"reply": _WORDS, "attachments": [i["loose"]]}, uses=("loose",)),
    "POST /api/v1/orders/{order_id}/verify": Call(_O, body=lambda i: {"ok": True}),
    "POST /api/v1/orders/{order_id}/close": Call(_O),
    "POST /api/v1/orders/{order_id}/urge": Call(_O, body=lambda i: {"reason": _WORDS}),
    "POST /api/v1/orders/{order_id}/withdraw": Call(_O, body=lambda i: {"reason": _WORDS}),
    "POST /api/v1/orders/{order_id}/redo": Call(_O, body=lambda i: {"reason": _WORDS}),
    "POST /api/v1/orders/{order_id}/reassign": Call(_O, body=lambda i: {"unit": i["unit"], "reason": _WORDS}, uses=("unit",)),
    "POST /api/v1/orders/{order_id}/lead": Call(_O),
    "POST /api/v1/orders/{order_id}/shelve": Call(
        _O, body=lambda i: {"condition": _WORDS, "review_on": "2026-09-01", "public_reason": _WORDS}),
    "POST /api/v1/orders/{order_id}/allow_shelving": Call(_O, body=lambda i: {"reason": _WORDS}),
    "POST /api/v1/orders/{order_id}/refuse_shelving": Call(_O, body=lambda i: {"reason": _WORDS}),
    "POST /api/v1/orders/{order_id}/strike_off": Call(_O, body=lambda i: {"reason": _WORDS}),
    "POST /api/v1/orders/{order_id}/strike_close": Call(_O, body=lambda i: {"reason": _WORDS}),
    "POST /api/v1/orders/{order_id}/archive": Call(_O),
    "POST /api/v1/orders/{order_id}/reopen": Call(_O, body=lambda i: {"reason": _WORDS}),
    "POST /api/v1/orders/{order_id}/void": Call(_O, body=lambda i: {"reason": _WORDS}),
    "POST /api/v1/orders/{order_id}/inspections": Call(_O, body=lambda i: {"kind": "centre"}),
    # ------------------------------------------------------------------ filing, checks, the problem bank
    "POST /api/v1/incidents/{incident_id}/register": Call(_I, body=lambda i: {"reason": _WORDS}),
    "POST /api/v1/incidents/{incident_id}/ask_confirm": Call(_I, body=lambda i: {"reason": _WORDS}),
    "POST /api/v1/incidents/{incident_id}/confirm": Call(_I, body=lambda i: {"ok": True, "reason": _WORDS}),
    "GET /api/v1/bank": Call(query=lambda i: {"state": "open"}),
    "GET /api/v1/checks": Call(),
    "GET /api/v1/incidents/{incident_id}/checks": Call(_I),
    "POST /api/v1/inspections/{inspection_id}": Call(
        {"inspection_id": "inspection"}, body=lambda i: {"passed": True, "words": _WORDS}),
    "POST /api/v1/incidents/{incident_id}/callback": Call(_I, body=lambda i: {"outcome": "satisfied", "words": _WORDS}),
    "POST /api/v1/callbacks/{callback_id}/doubt": Call({"callback_id": "callback"}, body=lambda i: {"evidence": _WORDS}),
    "POST /api/v1/reviews/{review_id}": Call({"review_id": "review"}, body=lambda i: {"upheld": True, "words": _WORDS}),
    "GET /api/v1/quality": Call(),
    "POST /api/v1/quality": Call(body=lambda i: {"order": i["order"], "scores": {"answers": 1}}, uses=("order",)),
    "POST /api/v1/public/track/{code}/rate": Call({"code": "code"}, body=lambda i: {"outcome": "satisfied"}),
    # ------------------------------------------------------------------ clocks
    "GET /api/v1/orders/{order_id}/clock": Call(_O),
    "POST /api/v1/orders/{order_id}/pause": Call(_O, body=lambda i: {"reason": "citizen", "words": _WORDS}),
    "POST /api/v1/orders/{order_id}/extend": Call(
        _O, body=lambda i: {"reason": "complex", "words": _WORDS, "amount": 1, "span": "hours"}),
    "POST /api/v1/orders/{order_id}/resume": Call(_O, body=lambda i: {"words": _WORDS}),
    "POST /api/v1/orders/{order_id}/cap": Call(
        _O, body=lambda i: {"until": "2031-01-01T00:00:00Z", "source": "leader"}),
    "POST /api/v1/orders/{order_id}/supervise": Call(_O, body=lambda i: {"words": _WORDS}),
    "GET /api/v1/clock-requests": Call(query=lambda i: {"state": "all"}),
    "POST /api/v1/clock-requests/{request_id}/answer": Call(
        {"request_id": "clock_request"}, body=lambda i: {"approve": True, "words": _WORDS}),
    "GET /api/v1/supervisions": Call(query=lambda i: {"state": "all"}),
    "POST /api/v1/supervisions/{supervision_id}/explain": Call(
        {"supervision_id": "supervision"}, body=lambda i: {"words": _WORDS}),
    # ------------------------------------------------------------------ inside a unit
    "GET /api/v1/inside/orders": Call(),
    "GET /api/v1/orders/{order_id}/inside": Call(_O),
    "POST /api/v1/orders/{order_id}/pass-on": Call(
        _O, body=lambda i: {"section": "市容科", "account": i["account"]}, uses=("account",)),
    "POST /api/v1/orders/{order_id}/submit": Call(
        _O, body=lambda i: {"reply": "路灯已更换两盏", "attachments": [i["loose"]]}, uses=("loose",)),
    "POST /api/v1/orders/{order_id}/countersign": Call(_O, body=lambda i: {"agree": True}),
    "POST /api/v1/orders/{order_id}/first-contact": Call(
        _O, body=lambda i: {"way": "phone", "reached": True, "words": _WORDS}),
    "GET /api/v1/units/{unit}/posts": Call({"unit": "unit"}, filters=("unit",), admins=_SYSTEM),
    "POST /api/v1/units/{unit}/posts": Call(
        {"unit": "unit"}, body=lambda i: {"account": i["account"], "post": "liaison"}, uses=("account",), admins=_SYSTEM),
    # ------------------------------------------------------------------ papers
    "GET /api/v1/incidents/{incident_id}/papers": Call(_I, filters=("incident",)),
    "POST /api/v1/orders/{order_id}/papers": Call(_O, body=lambda i: {"kind": "supervision", "words": _WORDS}),
    "POST /api/v1/incidents/{incident_id}/leader-report/paper": Call(_I),
    "GET /api/v1/papers/{paper_id}": Call({"paper_id": "paper"}),
    "GET /api/v1/exports/orders": Call(query=lambda i: {"box": "all"}),
    # ------------------------------------------------------------------ exchange
    "GET /api/v1/exchange/orders": Call(),
    "GET /api/v1/exchange/orders/{order_id}": Call(_O),
    "POST /api/v1/exchange/orders/{order_id}/sign": Call(_O, body=lambda i: {"number": "walk-1"}),
    "POST /api/v1/exchange/orders/{order_id}/return": Call(
        _O, body=lambda i: {"number": "walk-2", "words": _WORDS, "reason_code": "not_my_area"}),
    "POST /api/v1/exchange/orders/{order_id}/reply": Call(_O, body=lambda i: {"number": "walk-3", "words": _WORDS}),
    "POST /api/v1/exchange/reconcile": Call(body=lambda i: {"day": "2026-07-14", "orders": []}),
    "GET /api/v1/incidents/{incident_id}/upper": Call(_I),
    "POST /api/v1/incidents/{incident_id}/upper/return": Call(_I, body=lambda i: {"words": _WORDS}),
    "POST /api/v1/incidents/{incident_id}/upper/extend": Call(
        _I, body=lambda i: {"words": _WORDS, "until": "2027-01-01T00:00:00+08:00"}),
    "GET /api/v1/reconciliations": Call(),
    "POST /api/v1/admin/credentials/{credential_id}/unit": Call(
        {"credential_id": "credential"}, body=lambda i: {"unit": "nt.cgj"}, admins=_SECURITY),
    # ------------------------------------------------------------------ disputes
    "GET /api/v1/disputes": Call(query=lambda i: {"state": "all"}),
    "GET /api/v1/disputes/agenda": Call(),
    "GET /api/v1/disputes/{dispute_id}": Call({"dispute_id": "dispute"}),
    "POST /api/v1/disputes/{dispute_id}/rule": Call(
        {"dispute_id": "dispute"}, body=lambda i: {"lead": i["unit"], "reason": _WORDS, "basis": ["第二十三条"]}),
    "GET /api/v1/rulings": Call(),
    "POST /api/v1/rulings/{number}/revoke": Call({"number": "ruling"}, body=lambda i: {"reason": _WORDS}),
    # ------------------------------------------------------------------ notices, rosters, hand-over
    "GET /api/v1/deliveries": Call(query=lambda i: {"limit": 500}),
    "POST /api/v1/deliveries/{delivery_id}/again": Call({"delivery_id": "delivery"}),
    "GET /api/v1/alarms": Call(),
    "POST /api/v1/alarms/{notice_id}/acknowledge": Call({"notice_id": "alarm"}),
    "GET /api/v1/roster": Call(query=lambda i: {"unit": i["unit"]}, uses=("unit",)),
    "POST /api/v1/roster/people": Call(
        body=lambda i: {"unit": i["unit"], "name": "甲", "phone": "051312345678"}, uses=("unit",)),
    "POST /api/v1/roster/people/{person_id}/retire": Call({"person_id": "duty_person"}),
    "POST /api/v1/roster/people/{person_id}/phone": Call({"person_id": "duty_person"}, body=lambda i: {"purpose": _WORDS}),
    "POST /api/v1/roster/shifts": Call(body=lambda i: {
        "unit": i["unit"], "part": "officer", "person": i["duty_person"], "from_at": "2026-07-20T08:00:00+08:00",
        "to_at": "2026-07-20T20:00:00+08:00"}, uses=("unit", "duty_person")),
    "POST /api/v1/roster/shifts/{shift_id}": Call({"shift_id": "duty_shift"}, body=lambda i: {"remove": True}),
    "POST /api/v1/roster/contact": Call(body=lambda i: {"unit": i["unit"], "phone": "051312345678"}, uses=("unit",)),
    "POST /api/v1/roster/notes": Call(body=lambda i: {"unit": i["unit"], "text": _WORDS}, uses=("unit",)),
    "POST /api/v1/roster/notes/{note_id}/take": Call({"note_id": "duty_note"}),
    "GET /api/v1/handovers": Call(),
    "GET /api/v1/incidents/{incident_id}/handovers": Call(_I),
    "POST /api/v1/incidents/{incident_id}/handovers": Call(_I, body=lambda i: {"party": "110"}),
    "POST /api/v1/handovers/{handover_id}/answer": Call({"handover_id": "handover"}, body=lambda i: {"number": "JJD1"}),
    "POST /api/v1/handovers/{handover_id}/back": Call({"handover_id": "handover"}, body=lambda i: {"words": _WORDS}),
    "GET /api/v1/urgent-reports": Call(),
    "GET /api/v1/incidents/{incident_id}/urgent": Call(_I),
    "POST /api/v1/incidents/{incident_id}/urgent": Call(_I, body=lambda i: {"level": 4}),
    "POST /api/v1/incidents/{incident_id}/urgent/draft": Call(_I, body=lambda i: {"entries": {}}),
    "POST /api/v1/incidents/{incident_id}/urgent/sign": Call(_I, body=lambda i: {"entries": {"casualties": "无"}}),
    "POST /api/v1/incidents/{incident_id}/urgent/end": Call(_I),
    "GET /api/v1/admin/hooks": Call(),
    "POST /api/v1/admin/hooks": Call(body=lambda i: {"name": "甲", "url": "http://walk.test/in", "unit": "nt"}),
    "PATCH /api/v1/admin/hooks/{hook_id}": Call({"hook_id": "version"}, body=lambda i: {"active": True}),
    # ------------------------------------------------------------------ responsibility list
    "GET /api/v1/duties": Call(query=lambda i: {"matter": "city.garbage"}),
    "GET /api/v1/duties/versions": Call(),
    "GET /api/v1/duties/export": Call(query=lambda i: {"form": "csv"}),
    "GET /api/v1/duties/{matter}/history": Call({"matter": "matter"}),
    "POST /api/v1/duties/drafts": Call(
        body=lambda i: {"note": "调整牵头单位", "changes": [{"matter": i["matter"], "rows": []}]}),
    "POST /api/v1/duties/versions/{version}/activate": Call({"version": "version"}, body=lambda i: {"reason": "已复核"}),
    # ------------------------------------------------------------------ administration
    "GET /api/v1/admin/accounts": Call(),
    "POST /api/v1/admin/accounts": Call(body=lambda i: {"login": "walker", "name": "甲", "unit": "nt.rugao"}),
    "PATCH /api/v1/admin/accounts/{account_id}": Call(
        {"account_id": "account"}, body=lambda i: {"active": True}, admins=_SYSTEM | _SECURITY),
    "GET /api/v1/admin/credentials": Call(),
    "POST /api/v1/admin/credentials": Call(body=lambda i: {"name": "甲", "channels": ["web"]}),
    "PATCH /api/v1/admin/credentials/{credential_id}": Call(
        {"credential_id": "credential"}, body=lambda i: {"active": True}, admins=_SECURITY),
    "GET /api/v1/admin/set-aside": Call(),
    "POST /api/v1/admin/set-aside/{message_id}/again": Call({"message_id": "message"}, admins=_SYSTEM),
    "GET /api/v1/admin/audit": Call(),
    # ------------------------------------------------------------------ joint command
    "GET /api/v1/incidents/{incident_id}/joint": Call(_I),
    "POST /api/v1/incidents/{incident_id}/joint": Call(
        _I, body=lambda i: {"reason": _WORDS, "lead": i["unit"]}, uses=("unit",)),
    "GET /api/v1/joint": Call(),
    "GET /api/v1/joint/{joint_id}": Call(_J),
    "POST /api/v1/joint/{joint_id}/members": Call(_J, body=lambda i: {"unit": i["unit"]}, uses=("unit",)),
    "POST /api/v1/joint/{joint_id}/parts": Call(
        _J, body=lambda i: {"unit": i["unit"], "text": _WORDS, "hours": 2}, uses=("unit",)),
    "POST /api/v1/joint/{joint_id}/notes": Call(_J, body=lambda i: {"words": _WORDS}),
    "POST /api/v1/joint/{joint_id}/meetings": Call(_J, body=lambda i: {
        "subject": _WORDS, "starts_at": "2036-07-14T20:00:00+08:00", "units": [i["unit"]]}, uses=("unit",)),
    "POST /api/v1/joint/{joint_id}/meetings/{meeting_id}/coming": Call(_M, body=lambda i: {"coming": True}),
    "POST /api/v1/joint/{joint_id}/meetings/{meeting_id}/attend": Call(
        _M, body=lambda i: {"unit": i["unit"], "attended": True}, uses=("unit",)),
    "POST /api/v1/joint/{joint_id}/meetings/{meeting_id}/decide": Call(
        _M, body=lambda i: {"text": _WORDS, "unit": i["unit"]}, uses=("unit",)),
    "POST /api/v1/joint/{joint_id}/meetings/{meeting_id}/end": Call(_M, body=lambda i: {"summary": _WORDS}),
    "GET /api/v1/joint/{joint_id}/meetings/{meeting_id}/minutes": Call(_M),
    "POST /api/v1/joint/{joint_id}/resources": Call(_J, body=lambda i: {"what": _WORDS, "source": _WORDS}),
    "POST /api/v1/joint/{joint_id}/resources/{resource_id}/arrive": Call({**_J, "resource_id": "resource"},
                                                                        refusals=frozenset({409})),
    "POST /api/v1/joint/{joint_id}/strands": Call(
        _J, body=lambda i: {"report": i["quiet"], "strand": i["strand"]}, uses=("quiet",)),
    "POST /api/v1/joint/{joint_id}/strands/{code}/answer": Call(
        {**_J, "code": "strand"}, body=lambda i: {"answer": _WORDS}),
    "POST /api/v1/joint/{joint_id}/end": Call(_J),
    "GET /api/v1/whistles": Call(query=lambda i: {"incident": i["quiet_incident"]}, filters=("quiet_incident",)),
    "POST /api/v1/incidents/{incident_id}/whistle": Call(
        _I, body=lambda i: {"units": [i["unit"]], "words": _WORDS}, uses=("unit",)),
    "POST /api/v1/whistles/{whistle_id}/answer": Call({"whistle_id": "whistle"}, body=lambda i: {"words": _WORDS}),
    "GET /api/v1/incidents/{incident_id}/passings": Call(_I),
    "POST /api/v1/incidents/{incident_id}/pass": Call(
        _I, body=lambda i: {"kind": "down", "to": i["unit"], "reason": _WORDS}, uses=("unit",)),
    "GET /api/v1/responses": Call(),
    "GET /api/v1/responses/{response_id}": Call({"response_id": "response"}),
    "POST /api/v1/incidents/{incident_id}/response": Call(_I, body=lambda i: {**_LEVEL, "plan": _WORDS, "tasks": [
        {"unit": i["unit"], "text": _WORDS, "acknowledge_min": 5, "finish_min": 60}]}, uses=("unit",)),
    "POST /api/v1/responses/{response_id}/level": Call({"response_id": "response"}, body=lambda i: {**_LEVEL, "level": None}),
}  # fmt: skip


def routes(document: Mapping[str, Any]) -> list[str]:
    """«VERB /path» of every operation of an OpenAPI document."""
    return [f"{verb.upper()} {path}" for path, verbs in document["paths"].items() for verb in verbs]
