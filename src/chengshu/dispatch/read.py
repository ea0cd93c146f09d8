"""Putting together what a page shows of one incident or order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from chengshu.agencies.model import Role, Unit
from chengshu.dispatch import clocks_read, lists, relate, replies_read, store
from chengshu.dispatch.component_evidence import component_view, nearest_to
from chengshu.dispatch.disputes import store as dispute_store
from chengshu.dispatch.facts.store import facts as facts_of
from chengshu.dispatch.filing import store as filing_store
from chengshu.dispatch.filing.lines import (
    Lines,
    why_not_ask,
    why_not_assign,
    why_not_confirm,
    why_not_register,
)
from chengshu.dispatch.filing.model import Filing
from chengshu.dispatch.handle import reasons_against
from chengshu.dispatch.model import WorkOrder
from chengshu.dispatch.replies.rules import ReplyRules
from chengshu.dispatch.views import (
    AttachmentView,
    ClueView,
    DetailView,
    FilingView,
    IncidentView,
    MarkView,
    MayView,
    Names,
    OrderView,
    ProposalView,
    RelatedView,
    ReplyView,
    ReportView,
    StepView,
    SuggestionView,
    TransferView,
    incident_fields,
    mark_views,
    may_view,
    order_fields,
    prior_bits,
)
from chengshu.dispatch.whereabouts import place_marks, places_in
from chengshu.dispatch.workflow import LIVE, VAIN, Verb, Why
from chengshu.incidents import store as incident_store
from chengshu.incidents.attach import Rules
from chengshu.incidents.marks import laid
from chengshu.incidents.model import ENDED, Incident, Relation, Stage
from chengshu.incidents.understand import Understanding
from chengshu.intake import store as intake_store
from chengshu.intake.corrections import store as corrections
from chengshu.intake.store import Attachment
from chengshu.kit.db import Connection
from chengshu.kit.errors import NotFound


def briefs(
    conn: Connection, found: Sequence[Incident], names: Names, now: datetime
) -> list[IncidentView]:
    """Incidents with the unit that has them."""
    units = lists.lead_units(conn, [i.id for i in found])
    return [IncidentView(**incident_fields(i, names, now, units.get(i.id))) for i in found]


def order_views(
    conn: Connection,
    orders: Sequence[WorkOrder],
    names: Names,
    role: Role,
    unit: Unit,
    now: datetime,
) -> list[OrderView]:
    """Orders with what this person may do with each."""
    found = filing_store.filings(conn, list({o.incident for o in orders})) if orders else {}
    lines = {i: names.lines.named(f.line).orders for i, f in found.items()}
    plain = names.lines.named("").orders
    facts = facts_of(conn, orders)
    known = incident_store.incidents(conn, list({o.incident for o in orders}))
    files = intake_store.attachments(conn, orders=[o.id for o in orders]) if orders else []
    aside = [o.id for o in orders if o.withdrawn_for is not None]
    made_way = store.made_way(conn, aside) if aside else {}
    standing = dispute_store.standing(conn, orders)
    clocks = clocks_read.standing(conn, orders)
    return [
        OrderView(
            **order_fields(
                o, known.get(o.incident), names, made_way.get(o.id), standing[o.id].ruling
            ),
            attachments=[attachment_view(f) for f in files if f.work_order == o.id],
            needs_evidence=bool(
                (i := known.get(o.incident))
                and (m := names.matters.get(i.matter))
                and names.checks.needs_evidence(m)
            ),
            may=[
                may_view(verb, why or of_clock.get(verb), lines.get(o.incident, plain))
                for of_clock in [_of_clock(o, known.get(o.incident), clocks, names, now)]
                for verb, why in reasons_against(
                    o, role, unit, standing[o.id], facts[o.id], lines.get(o.incident, plain), now
                ).items()
            ],
            light=clocks_read.light(o, clocks, now),
            clocks=clocks_read.clock_views(o, clocks, names, now),
        )
        for o in orders
    ]


def _of_clock(order: WorkOrder, incident: Incident | None, clocks: clocks_read.Standing, names: Names,
              now: datetime) -> dict[Verb, Why | None]:  # fmt: skip
    matter = incident.matter if incident else ""
    return clocks_read.reasons_against(order, clocks, names.clocks, matter, now)


def detail(
    conn: Connection,
    incident_id: int,
    rules: Rules,
    names: Names,
    role: Role,
    unit: Unit,
    now: datetime,
    reply_rules: ReplyRules,
) -> DetailView:
    """An incident with reports, reasons, orders and history.

    Raises:
        NotFound: There is none, or not within the scope.
    """
    incident = incident_store.incidents(conn, [incident_id]).get(incident_id)
    if incident is None:
        raise NotFound("事件", incident_id)
    orders = store.orders_of(conn, [incident_id])
    holders = {o.unit for o in orders if o.stage in LIVE}
    reports = _reports(conn, incident_id, replies_read.Reading(reply_rules, role, unit, holders))
    counted = Counter(r.relation for r in reports)
    related = relate.related(conn, incident)
    lead = next((o.unit for o in reversed(orders) if o.stage not in VAIN), None)
    suggested = incident_store.suggestions(conn, incident_id)
    others = incident_store.incidents(
        conn, [s.other if s.incident == incident_id else s.incident for s in suggested]
    )
    history = store.steps(conn, incident_id)
    named = {incident.merged_into, incident.recurrence_of, *(_other(r[9]) for r in history)}
    visible = incident_store.incidents(conn, [i for i in named if i is not None])
    filing = filing_store.filings(conn, [incident_id]).get(incident_id)
    first = (
        rules.reader.read(reports[0].title, reports[0].text, reports[0].said_at)
        if reports
        else None
    )
    return DetailView(
        **incident_fields(incident, names, now, lead),
        answer=incident.answer,
        answer_source=incident.answer_source,
        merged_into=_text(incident.merged_into) if incident.merged_into in visible else None,
        recurrence_of=_text(incident.recurrence_of) if incident.recurrence_of in visible else None,
        joined=counted[Relation.JOINED],
        repeated=counted[Relation.REPEATED],
        open_replies=sum(r.reply is not None and r.reply.due_at is not None for r in reports),
        related=[
            RelatedView(incident=IncidentView(**incident_fields(r.incident, names, now)), kind=r.kind, reason=r.reason)
            for r in related
        ],
        report_list=reports,
        orders=order_views(conn, orders, names, role, unit, now),
        proposals=[proposal_view(p, names) for p in store.proposals(conn, [incident_id])],
        suggestions=[
            SuggestionView(id=str(s.id), other=IncidentView(**incident_fields(others[o], names, now)),
                           probability=s.probability, prior_bits=prior_bits(s.probability, s.clues),
                           clues=[ClueView.model_validate(c) for c in s.clues])
            for s in suggested if (o := s.other if s.incident == incident_id else s.incident) in others
        ],
        steps=[
            StepView(id=str(r[0]), order=_text(r[1]), at=r[2], actor=r[3], unit_name=r[4],
                     unit_name_en=names.english(r[4]), verb=r[5], from_stage=r[6], to_stage=r[7], reason=r[8],
                     detail=r[9] if _other(r[9]) in (None, *visible) else {})
            for r in history
        ],
        marks=_marks(reports, first, rules, names, incident.area),
        transfers=[
            TransferView(report=str(t.report), service=t.service, reason=t.reason, actor=t.actor, at=t.at)
            for t in corrections.transfers(conn, [int(r.id) for r in reports])
        ],
        component=component_view(
            nearest_to(conn, first.object if first else None, incident.lon, incident.lat)
        ),
        filing=filing_view(filing, names.lines) if filing else None,
        may=_may(incident, orders, role, filing, names.lines),
    )  # fmt: skip


def filing_view(filing: Filing, lines: Lines) -> FilingView:
    """How an incident is filed."""
    line = lines.named(filing.line)
    return FilingView(
        line=filing.line, line_name=line.name, line_name_en=line.name_en, registered_at=filing.registered_at,
        registered_by=filing.actor, asked_at=filing.asked_at, asked_words=filing.asked_words, confirmed=filing.confirmed,
        confirmed_at=filing.confirmed_at, confirmed_by=filing.confirmed_by, confirmed_words=filing.confirmed_words,
    )  # fmt: skip


def proposal_view(proposal: store.StoredProposal, names: Names) -> ProposalView:
    """A unit that may be the right one."""
    return ProposalView(
        rank=proposal.rank, unit=proposal.unit, unit_name=proposal.unit_name,
        unit_name_en=names.unit_en(proposal.unit) or "", probability=proposal.probability,
        clues=[ClueView.model_validate(c) for c in proposal.clues],
    )  # fmt: skip


def _other(detail: Mapping[str, Any]) -> int | None:
    """The other incident that a line of history names: one that was merged or split off."""
    return int(detail["other"]) if "other" in detail else None


def _text(number: int | None) -> str | None:
    return None if number is None else str(number)


def _reports(conn: Connection, incident_id: int, reading: replies_read.Reading) -> list[ReportView]:
    members = {m.report: m for m in incident_store.members(conn, incident_id)}
    found = intake_store.reports(conn, list(members))
    masked = intake_store.masked(conn, list(members))
    files = intake_store.attachments(conn, reports=list(members))
    replies: dict[int, ReplyView] = replies_read.views(conn, list(members), reading)
    return [
        ReportView(
            id=str(r.id), channel=r.channel, said_at=r.said_at, received_at=r.received_at, title=r.title, text=r.text,
            nature=r.nature, place=r.place, lon=r.lon, lat=r.lat, anonymous=r.anonymous, confidential=r.confidential,
            reporter_masked=masked.get(r.id, ""), relation=members[r.id].relation, reply=replies.get(r.id),
            outcome=members[r.id].outcome, probability=members[r.id].probability,
            clues=[ClueView.model_validate(c) for c in members[r.id].clues],
            attachments=[attachment_view(a) for a in files if a.report == r.id],
        )
        for r in found
    ]  # fmt: skip


def attachment_view(attachment: Attachment) -> AttachmentView:
    """A file without its content."""
    return AttachmentView(
        id=str(attachment.id), name=attachment.name, kind=attachment.kind, bytes=attachment.bytes
    )


def _marks(
    reports: Sequence[ReportView],
    first: Understanding | None,
    rules: Rules,
    names: Names,
    area: int,
) -> list[MarkView]:
    """Marked spans of the first report's text."""
    if first is None:
        return []
    places = places_in(rules.locator, names, reports[0].text, area)
    return mark_views(laid((*first.marks, *place_marks(places))))


_DESK_VERBS: tuple[tuple[str, str, str, frozenset[Role]], ...] = (
    ("assign", "派遣", "Assign", frozenset({Role.DISPATCHER})),
    ("answer", "直接答复", "Answer", frozenset({Role.CALL_TAKER, Role.DISPATCHER})),
    ("refuse", "不予受理", "Refuse", frozenset({Role.DISPATCHER})),
    ("refer", "转信访纪检司法", "Refer", frozenset({Role.DISPATCHER})),
    ("void", "作废", "Void", frozenset({Role.DISPATCHER})),
    ("correct", "更正", "Correct", frozenset({Role.CALL_TAKER, Role.DISPATCHER})),
    ("merge", "合并", "Merge", frozenset({Role.DISPATCHER, Role.CALL_TAKER})),
    ("split", "拆出", "Split", frozenset({Role.DISPATCHER, Role.CALL_TAKER})),
    (
        "unmerge",
        "撤销合并和拆分",
        "Undo merges and splits",
        frozenset({Role.DISPATCHER, Role.CALL_TAKER}),
    ),
    ("relate", "关联", "Link", frozenset({Role.DISPATCHER, Role.CALL_TAKER, Role.SUPERVISOR})),
    ("register", "立案", "File", frozenset({Role.DISPATCHER, Role.SUPERVISOR})),
    (
        "ask_confirm",
        "派员核实",
        "Send somebody to look",
        frozenset({Role.DISPATCHER, Role.CALL_TAKER}),
    ),
    ("confirm", "核实结果", "What was found", frozenset({Role.GRID_WORKER, Role.DISPATCHER})),
)
_FILING = {"assign": why_not_assign, "register": why_not_register, "ask_confirm": why_not_ask,
           "confirm": why_not_confirm}  # fmt: skip
_NO_LIVE_ORDER = frozenset({"answer", "refuse", "refer", "void"})


def desk_roles(verb: str) -> frozenset[Role]:
    """Who may do something with an incident at the desk."""
    return next(roles for name, _, _, roles in _DESK_VERBS if name == verb)


def _may(incident: Incident, orders: Sequence[WorkOrder], role: Role, filing: Filing | None,
         lines: Lines) -> list[MayView]:  # fmt: skip
    live = any(o.stage in LIVE for o in orders)
    words = lines.named(filing.line if filing else "").desk
    result = []
    for verb, table_label, table_label_en, roles in _DESK_VERBS:
        label, label_en = words.get(verb, (table_label, table_label_en))
        why = why_en = None
        if role not in roles:
            why, why_en = f"您的角色不能{label}", "your role may not do this"
        elif incident.stage in ENDED and not (
            verb == "unmerge"
            or (verb in ("split", "relate") and incident.stage is not Stage.MERGED)
        ):
            why, why_en = "事件已结束", "the incident has ended"
        elif verb in _NO_LIVE_ORDER and live:
            why, why_en = "还有在办工单，请先撤回或办结", "a unit still has a live order"
        elif verb == "split" and incident.reports < 2:
            why, why_en = "事件只有一条线索", "it has only one report"
        elif verb in _FILING and (against := _FILING[verb](filing)) is not None:
            why, why_en = against.chinese, against.english
        result.append(
            MayView(verb=verb, label=label, label_en=label_en, why_not=why, why_not_en=why_en)
        )
    return result
