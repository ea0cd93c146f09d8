"""Joint commands as pages read them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from chengshu.dispatch.joint import store
from chengshu.dispatch.joint.acting import Acting
from chengshu.dispatch.joint.conclude import reported, sorted_reports
from chengshu.dispatch.joint.model import Command, JointOrder, Meeting, Strand, SubTask
from chengshu.dispatch.joint.rules import (
    counted,
    is_crowd,
    line_of,
    what_is_open,
    why_not_conclude,
    why_not_run,
    why_not_start,
    why_not_take_part,
)
from chengshu.dispatch.joint.start import reports_of
from chengshu.dispatch.joint.template import JointTemplate, is_centre
from chengshu.dispatch.joint.views import (
    DecisionView,
    JointBrief,
    JointTaskView,
    JointView,
    LineView,
    MeetingCallView,
    MeetingView,
    MemberView,
    OfferView,
    ResourceView,
    StrandView,
    TemplateView,
)
from chengshu.dispatch.views import Names
from chengshu.dispatch.workflow import LIVE, Why, stage_name
from chengshu.incidents import store as incident_store
from chengshu.incidents.model import Incident
from chengshu.kit.errors import NotFound
from chengshu.places import Level


@dataclass(frozen=True, slots=True)
class JointReading:
    """Who reads, and with what."""

    a: Acting
    names: Names

    def brief(self, command: Command) -> JointBrief:
        """A command in a list."""
        return JointBrief(**self._brief(command, store.orders(self.a.conn, command.id)))

    def _brief(self, c: Command, orders: Sequence[JointOrder]) -> dict[str, object]:
        area, area_en = self.names.area(c.area)
        parts = [o for o in orders if o.id != c.lead_order]
        live = [o for o in parts if o.stage in LIVE]
        return {
            "id": str(c.id), "incident": str(c.incident), "number": c.number, "title": c.title, "area_name": area,
            "area_name_en": area_en, "lead": c.lead, "lead_name": self.name(c.lead), "lead_name_en": self.english(c.lead),
            "members": len(c.members), "people": c.people, "crowd": c.crowd, "parts": len(parts), "parts_open": len(live),
            "parts_late": sum(o.overdue or _late(o, self) for o in live),
            "next_due_at": min((o.due_at for o in live if o.due_at), default=None), "started_at": c.started_at,
            "ended_at": c.ended_at,
        }  # fmt: skip

    def full(self, c: Command) -> JointView:
        """A command in full, as far as its members may know it."""
        conn, a = self.a.conn, self.a
        orders, strands = store.orders(conn, c.id), store.strands(conn, c.id)
        meetings = store.meetings(conn, c.id)
        seen = c.incident in incident_store.incidents(conn, [c.incident])
        names = {u: a.short(u) for u in a.office.directory.units}
        template = a.joint.templates.get(c.template)
        of = [s for _, s in sorted_reports(conn, c, strands).values()] if seen else []
        open_ = (
            None if c.ended_at else what_is_open(c, orders, reported(strands, of), meetings, names)
        )
        return JointView(
            **self._brief(c, orders), incident_seen=seen, centre=c.centre, centre_name=self.name(c.centre),
            centre_name_en=self.english(c.centre), template=c.template, template_name=template.name if template else "",
            template_name_en=template.name_en if template else "", reason=c.reason, basis=list(c.basis), actor=c.actor,
            ended_by=c.ended_by,
            member_list=[MemberView(unit=u, name=self.name(u), name_en=self.english(u), lead=u == c.lead,
                                    centre=u == c.centre) for u in c.members],
            tasks=self._tasks(c, orders), strands=self._strands(c, strands, seen), meetings=self._meetings(c, meetings),
            resources=[ResourceView(id=str(r.id), what=r.what, source=r.source, contact=r.contact, called_at=r.called_at,
                                    actor=r.actor, arrived_at=r.arrived_at, arrived_by=r.arrived_by)
                       for r in store.resources(conn, c.id)],
            line=self._line(c, orders), open=open_ and open_.chinese, open_en=open_ and open_.english,
            **self._why("run", why_not_run(c, a.role, a.unit.unit)),
            **self._why("take_part", why_not_take_part(c, a.role, a.unit.unit)),
            **self._why("conclude", why_not_conclude(c, a.role, a.unit.unit) or open_),
        )  # fmt: skip

    @staticmethod
    def _why(what: str, why: Why | None) -> dict[str, str | None]:
        return {
            f"why_not_{what}": why.chinese if why else None,
            f"why_not_{what}_en": why.english if why else None,
        }

    def _tasks(self, c: Command, orders: Sequence[JointOrder]) -> list[JointTaskView]:
        tasks = store.tasks(self.a.conn, c.id)
        return [self._task(c, o, line_of(tasks, o.id)) for o in orders]

    def _task(self, c: Command, o: JointOrder, task: SubTask | None) -> JointTaskView:
        name, name_en = stage_name(o.stage)
        return JointTaskView(
            id=str(task.id) if task else None, nth=task.nth if task else 0, strand=task.strand if task else "",
            unit=o.unit, unit_name=self.name(o.unit), unit_name_en=self.english(o.unit), text=task.text if task else "",
            order=str(o.id), order_number=o.number, stage=o.stage, stage_name=name, stage_name_en=name_en,
            lead=o.id == c.lead_order, open=o.stage in LIVE, assigned_at=o.assigned_at, sign_due_at=o.sign_due_at,
            due_at=o.due_at, signed_at=o.signed_at, handled_at=o.handled_at, closed_at=o.closed_at,
            overdue=o.overdue or _late(o, self), reply=o.reply,
        )  # fmt: skip

    def _strands(self, c: Command, strands: Sequence[Strand], seen: bool) -> list[StrandView]:
        of = {r: s for r, (_, s) in sorted_reports(self.a.conn, c, strands).items()} if seen else {}
        told = [s for s, at in store.hearers(self.a.conn, c.id).values() if at is not None]
        return [
            StrandView(code=s.code, name=s.name, name_en=s.name_en, answer=s.answer, answered_at=s.answered_at,
                       answered_by=s.answered_by, told=told.count(s.code),
                       reports=[str(r) for r, code in of.items() if code == s.code] if seen else None)
            for s in strands
        ]  # fmt: skip

    def _meetings(self, c: Command, meetings: Sequence[Meeting]) -> list[MeetingView]:
        calls, decisions = store.calls(self.a.conn, c.id), store.decisions(self.a.conn, c.id)
        number = {t.id: t.nth for t in store.tasks(self.a.conn, c.id)}
        return [
            MeetingView(
                id=str(m.id), nth=m.nth, subject=m.subject, place=m.place, link=m.link, starts_at=m.starts_at,
                called_at=m.called_at, actor=m.actor, ended_at=m.ended_at, summary=m.summary,
                calls=[MeetingCallView(unit=k.unit, name=self.name(k.unit), name_en=self.english(k.unit), coming=k.coming,
                                       words=k.words, answered_at=k.answered_at, attended=k.attended, person=k.person)
                       for k in calls if k.meeting == m.id],
                decisions=[DecisionView(id=str(d.id), nth=d.nth, text=d.text, at=d.at, actor=d.actor,
                                        task=number.get(d.task) if d.task else None)
                           for d in decisions if d.meeting == m.id],
                mine=m.ended_at is None and any(k.meeting == m.id and k.unit == self.a.unit.unit
                                                and k.answered_at is None for k in calls),
            )
            for m in meetings
        ]  # fmt: skip

    def _line(self, c: Command, orders: Sequence[JointOrder]) -> list[LineView]:
        """What was written, and what the orders' own instants say: newest first."""
        lines = [
            LineView(at=e.at, actor=e.actor, unit_name=self.name(e.unit), unit_name_en=self.english(e.unit), verb=e.verb,
                     words=e.words)
            for e in store.entries(self.a.conn, c.id)
        ]  # fmt: skip
        for o in orders:
            for verb, at in (
                ("signed", o.signed_at),
                ("handled", o.handled_at),
                (str(o.stage), o.closed_at),
            ):
                if at is not None and at >= c.started_at:
                    words = o.reply or "" if verb == "handled" else o.number
                    lines.append(LineView(at=at, actor="", unit_name=self.name(o.unit), unit_name_en=self.english(o.unit),
                                          verb=verb, words=words))  # fmt: skip
        lines.reverse()  # of one instant what was written last stands first
        lines.sort(key=lambda e: e.at, reverse=True)
        return lines

    def offer(self, incident_id: int) -> OfferView:
        """What bears on beginning a command for this incident.

        Raises:
            NotFound: It lies outside the scope.
        """
        incident = incident_store.incidents(self.a.conn, [incident_id]).get(incident_id)
        if incident is None:
            raise NotFound("事件", incident_id)
        latest = store.latest(self.a.conn, incident_id)
        people = counted(reports_of(self.a.conn, incident_id))
        why = why_not_start(self.a.role, self.a.unit)
        templates = [self._template(t, incident) for t in self.a.joint.templates.values()]
        return OfferView(
            joint=str(latest.id) if latest else None, running=bool(latest and latest.ended_at is None), people=people,
            crowd=is_crowd(people, incident.people), templates=sorted(templates, key=lambda t: not t.proposed),
            why_not_start=why.chinese if why else None, why_not_start_en=why.english if why else None,
        )  # fmt: skip

    def _template(self, t: JointTemplate, incident: Incident) -> TemplateView:
        lead = self._unit(t, t.lead, incident.area)
        return TemplateView(
            id=t.id, name=t.name, name_en=t.name_en, proposed=incident.matter in t.matters, lead=lead,
            lead_name=self.name(lead), lead_name_en=self.english(lead), basis=list(t.basis),
            parts=[f"{self.a.short(self._unit(t, p.line, incident.area))}：{p.text}（{p.limit.text()}）" for p in t.parts],
        )  # fmt: skip

    def _unit(self, t: JointTemplate, line: str, area: int) -> str:
        directory = self.a.office.directory
        found = (
            directory.centre(area, Level.COUNTY) or directory.city
            if is_centre(line)
            else directory.bureau(line, area, t.tier)
        )
        return found.unit if found else line

    def name(self, unit: str) -> str:
        """A unit's name."""
        return self.names.unit(unit) or unit

    def english(self, unit: str) -> str:
        """A unit's English name."""
        return self.names.unit_en(unit) or unit


def _late(order: JointOrder, reading: JointReading) -> bool:
    return order.stage in LIVE and order.due_at is not None and order.due_at <= reading.a.now
