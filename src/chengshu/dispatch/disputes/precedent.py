"""Which incidents a ruling in force decides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from chengshu.dispatch.disputes import store, terms
from chengshu.dispatch.disputes.model import Ruling
from chengshu.dispatch.model import Proposal
from chengshu.dispatch.propose import Directory
from chengshu.incidents import store as incident_store
from chengshu.incidents.attach import Attached
from chengshu.incidents.model import Incident
from chengshu.intake import store as intake_store
from chengshu.kit.db import Connection


@dataclass(frozen=True, slots=True)
class Decided:
    """A ruling applied to a case: the lead, and the units that help."""

    ruling: Ruling
    proposal: Proposal
    assist: tuple[str, ...]


def decide(
    conn: Connection, opened: Sequence[Attached], directory: Directory
) -> dict[int, Decided]:
    """The new incidents that a ruling decides, by id."""
    if not opened:
        return {}
    rulings = store.in_force(conn, sorted({r.incident.matter for r in opened}))
    found = {}
    for r in opened if rulings else ():
        text = f"{r.report.title}\n{r.report.text}"
        decided = _decided(rulings, r.incident, text, r.understanding.confidence, directory)
        if decided is not None:
            found[r.incident.id] = decided
    return found


def decide_again(
    conn: Connection, incident: Incident, sure: float, directory: Directory
) -> Decided | None:
    """The ruling that decides an incident whose matter or place was corrected."""
    rulings = store.in_force(conn, [incident.matter])
    if not rulings:
        return None
    members = [m.report for m in incident_store.members(conn, incident.id)]
    text = "\n".join(f"{r.title}\n{r.text}" for r in intake_store.reports(conn, members))
    return _decided(rulings, incident, text, sure, directory)


def _decided(rulings: Sequence[Ruling], incident: Incident, text: str, sure: float,
             directory: Directory) -> Decided | None:  # fmt: skip
    ruling = terms.deciding(rulings, incident.matter, incident.area, text)
    if ruling is None:
        return None
    proposal = terms.decided(ruling, sure, incident.area, directory)
    if proposal is None:
        return None
    return Decided(ruling, proposal, tuple(terms.assistants(ruling, incident.area, directory)))
