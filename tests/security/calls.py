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
    # ------------------------------------------------------------------ disputes
    "GET /api/v1/disputes": Call(query=lambda i: {"state": "all"}),
    "GET /api/v1/disputes/agenda": Call(),
    "GET /api/v1/disputes/{dispute_id}": Call({"dispute_id": "dispute"}),
    "POST /api/v1/disputes/{dispute_id}/rule": Call(
        {"dispute_id": "dispute"}, body=lambda i: {"lead": i["unit"], "reason": _WORDS, "basis": ["第二十三条"]}),
    "GET /api/v1/rulings": Call(),
    "POST /api/v1/rulings/{number}/revoke": Call({"number": "ruling"}, body=lambda i: {"reason": _WORDS}),
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
}  # fmt: skip


def routes(document: Mapping[str, Any]) -> list[str]:
    """«VERB /path» of every operation of an OpenAPI document."""
    return [f"{verb.upper()} {path}" for path, verbs in document["paths"].items() for verb in verbs]
