"""Notes on the shared time line, and resources: called, arrived."""

from __future__ import annotations

from chengshu.dispatch.joint import store
from chengshu.dispatch.joint.acting import Acting, check, needed
from chengshu.dispatch.joint.model import ResourceCall
from chengshu.dispatch.joint.rules import why_not_take_part
from chengshu.kit.errors import Conflict
from chengshu.kit.ids import new_id


def note(a: Acting, joint: int, words: str) -> None:
    """A member writes what happened.

    Raises:
        NotFound, Forbidden, Conflict: As with every act of a command.
        Invalid: No words.
    """
    check(a, joint, why_not_take_part)
    a.entry(joint, "note", needed("words", words))


def call_resource(a: Acting, joint: int, what: str, source: str, contact: str) -> ResourceCall:
    """Write what was called from whom.

    Raises:
        NotFound, Forbidden, Conflict: As with every act.
        Invalid: Something is missing.
    """
    check(a, joint)
    one = ResourceCall(new_id(), needed("what", what), needed("source", source), contact.strip(), a.now, a.by.name,
                       None, None)  # fmt: skip
    store.add_resource(a.conn, joint, one)
    a.entry(joint, "resource", f"{one.source}：{one.what}")
    return one


def arrive(a: Acting, joint: int, resource: int) -> None:
    """Write that it arrived.

    Raises:
        NotFound, Forbidden: As with every act.
        Conflict: It arrived already, or was not called.
    """
    check(a, joint)
    if not store.arrive(a.conn, joint, resource, a.by.name, a.now):
        raise Conflict("没有待到达的这项资源", "no such resource is awaited")
    found = next(r for r in store.resources(a.conn, joint) if r.id == resource)
    a.entry(joint, "arrived", f"{found.source}：{found.what}")
