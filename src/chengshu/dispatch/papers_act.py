"""Printing a form: what it says is kept with its number, so that it says the same ever after."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from chengshu.agencies.model import Role, Unit
from chengshu.dispatch import store as order_store
from chengshu.dispatch.assign import Actor, Office
from chengshu.dispatch.kinds import store as kind_store
from chengshu.dispatch.kinds.model import KIND_NAMES, OrderKind, Special
from chengshu.dispatch.model import Step, WorkOrder
from chengshu.dispatch.papers import store
from chengshu.dispatch.papers.model import FORMS, Paper, PaperKind, why_not
from chengshu.dispatch.views import Names
from chengshu.incidents import store as incident_store
from chengshu.incidents.model import Incident
from chengshu.kit.db import Connection
from chengshu.kit.errors import Conflict, Forbidden, Invalid, NotFound
from chengshu.kit.ids import new_id
from chengshu.kit.times import local

_NEEDS_WORDS = frozenset({PaperKind.SUPERVISION, PaperKind.EXTENSION})
_LEAST_WORDS = 4
_DEMANDS = {
    PaperKind.ASSIGNMENT: "请在签收时限内签收，先行联系来电人，按期办结并反馈，反馈须附现场照片或文书。"
    "非本单位职责的，请在退回时限内按职责清单说明依据。",
    PaperKind.SUPERVISION: "请立即办理，明确责任人和办结时间，并书面说明未按期办理的原因。",
}


def print_order(conn: Connection, order_id: int, kind: PaperKind, words: str, until: datetime | None, office: Office,
                names: Names, by: Actor, role: Role, unit: Unit, now: datetime) -> Paper:  # fmt: skip
    """Print a form of an order.

    Args:
        words: Why it is supervised, or to be extended.
        until: Until when an extension is asked.

    Raises:
        NotFound: No such order within the scope.
        Forbidden, Conflict: This person may not, or not at this stage.
        Invalid: The reason is missing.
    """
    order = order_store.order(conn, order_id)
    # the incident's row is locked, so that two who ask at once get one paper
    incident = incident_store.locked(conn, order.incident) if order else None
    if order is None or incident is None:
        raise NotFound("工单", order_id)
    why = why_not(kind, role, order.stage, own=order.unit == unit.unit)
    if why is not None:
        raise (Conflict if "现在" in why[0] else Forbidden)(*why)
    if kind in _NEEDS_WORDS and len(words.strip()) < _LEAST_WORDS:
        raise Invalid("words", "请写明理由（至少 4 个字）", "say why in at least 4 characters")
    if kind is PaperKind.EXTENSION and (until is None or until <= (order.due_at or now)):
        raise Invalid("until", "延期须晚于原期限", "the new limit must be later than the old one")
    if FORMS[kind].once and (found := store.earlier(conn, kind, incident.id, order.id)) is not None:
        return found
    special = kind_store.specials(conn, [incident.id]).get(incident.id)
    at = kind_store.kind_of(conn, incident.id)
    facts = _order_facts(order, incident, at[0] if at else OrderKind.ORDINARY, special, names)
    facts |= _words(kind, order, incident, words, until, special, names)
    return _issue(conn, kind, incident, order, facts, office, by, now)


def print_report(conn: Connection, incident_id: int, office: Office, names: Names, by: Actor, role: Role,
                 now: datetime) -> Paper:  # fmt: skip
    """Print the report to the leader.

    Raises:
        NotFound: No such incident within the scope.
        Forbidden: This person may not.
        Conflict: It was not reported on yet.
    """
    kind = PaperKind.SPECIAL_REPORT
    incident = incident_store.locked(conn, incident_id)
    if incident is None:
        raise NotFound("事件", incident_id)
    why = why_not(kind, role, None, own=True)
    if why is not None:
        raise Forbidden(*why)
    special = kind_store.specials(conn, [incident_id]).get(incident_id)
    if special is None or special.answer is None:
        raise Conflict("还没有专报内容，请先填写专报", "there is no report yet: write it first")
    if (found := store.earlier(conn, kind, incident_id, None)) is not None:
        return found
    leader = f"{special.post} {special.leader}".strip()
    facts: dict[str, Any] = {
        "rows": [
            _row("报送", leader), _row("批示编号", special.number), _row("事件编号", incident.number),
            _row("要求期限", _minute(special.due_at)), _row("事件", incident.title, wide=True),
        ],
        "leader": special.words, "words": special.answer,
    }  # fmt: skip
    return _issue(conn, kind, incident, None, facts, office, by, now)


def _issue(conn: Connection, kind: PaperKind, incident: Incident, order: WorkOrder | None, facts: Mapping[str, Any],
           office: Office, by: Actor, now: datetime) -> Paper:  # fmt: skip
    number = kind_store.take_number(conn, office.kinds, kind, now)
    paper = Paper(
        new_id(),
        number,
        kind,
        incident.id,
        order.id if order else None,
        facts,
        by.name,
        by.unit,
        now,
    )
    store.add(conn, paper, by.account)
    stage = order.stage if order else incident.stage
    order_store.add_steps(conn, [Step(incident.id, paper.order, now, by.account, by.name, by.unit, "paper", stage, stage,
                                      f"打印{FORMS[kind].title} {number}", (("paper", str(paper.id)),), by.address)])  # fmt: skip
    return paper


def _row(name: str, value: str, *, wide: bool = False) -> dict[str, object]:
    return {"name": name, "value": value or "—", "wide": wide}


def _minute(at: datetime | None) -> str:
    return f"{local(at):%Y-%m-%d %H:%M}" if at else ""


def _order_facts(order: WorkOrder, incident: Incident, kind: OrderKind, special: Special | None, names: Names
                 ) -> dict[str, Any]:  # fmt: skip
    place = " ".join(p for p in (names.area(incident.area)[0], incident.place) if p)
    rows = [
        _row("承办单位", names.unit(order.unit) or order.unit), _row("工单编号", order.number),
        _row("件类", KIND_NAMES[kind][0]), _row("件号", special.number if special else ""),
        _row("事项", names.matter(incident.matter)[0]), _row("派单时间", _minute(order.assigned_at)),
        _row("签收时限", _minute(order.sign_due_at)), _row("办理时限", _minute(order.due_at)),
        _row("事件", f"{incident.number} {incident.title}", wide=True), _row("地点", place, wide=True),
    ]  # fmt: skip
    return {"rows": rows}


def _words(kind: PaperKind, order: WorkOrder, incident: Incident, words: str, until: datetime | None,
           special: Special | None, names: Names) -> dict[str, Any]:  # fmt: skip
    asked = order.instruction or incident.title
    if kind is PaperKind.ASSIGNMENT:
        leader = (
            f"{special.post} {special.leader}：{special.words}".strip()
            if special and special.leader
            else None
        )
        return {"words": asked, "leader": leader, "demands": _DEMANDS[kind]}
    if kind is PaperKind.SUPERVISION:
        return {
            "words": words.strip(),
            "to": names.unit(order.unit) or order.unit,
            "demands": _DEMANDS[kind],
        }
    if kind is PaperKind.EXTENSION:
        return {"words": f"申请延期至 {_minute(until)}。\n{words.strip()}"}
    return {"words": order.reply or "", "asked": asked}
