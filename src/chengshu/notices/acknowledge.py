"""A person acknowledges an alarm, or sends a dead letter again."""

from __future__ import annotations

from chengshu.agencies import store as agency_store
from chengshu.agencies.gate import Caller
from chengshu.agencies.model import Role
from chengshu.kit.errors import Conflict, Forbidden, NotFound
from chengshu.notices import store

HEARERS = frozenset({Role.CALL_TAKER, Role.DISPATCHER, Role.HANDLER, Role.SUPERVISOR, Role.LEADER})
RESENDERS = frozenset({Role.DISPATCHER, Role.SUPERVISOR})
READERS = RESENDERS | {Role.LEADER, Role.ANALYST}


def acknowledge(caller: Caller, notice_id: int) -> None:
    """It is heard: it is not repeated, and what still waits of it is not sent.

    Raises:
        NotFound: No such alarm for her unit, or one under it.
        Forbidden: Not for this role.
        Conflict: Somebody did, or it needs nobody any more.
    """
    if caller.person.role not in HEARERS:
        raise Forbidden("您的角色不能确认告警", "your role does not acknowledge alarms")
    found = store.alarm(caller.conn, notice_id)
    own = caller.person.unit
    if found is None or not (found.unit == own or found.unit.startswith(own + ".")):
        raise NotFound("告警", notice_id)
    if not store.end_alarm(caller.conn, notice_id, caller.person.name, caller.now):
        raise Conflict(f"{found.ended_by}已确认", f"{found.ended_by} acknowledged it already")


def send_again(caller: Caller, delivery_id: int) -> None:
    """Send a dead letter once more, from the first attempt on, under the same key.

    Raises:
        NotFound: No such delivery within the scope.
        Forbidden: Not for this role.
        Conflict: It is not dead.
    """
    if caller.person.role not in RESENDERS:
        raise Forbidden("只有派遣和督办人员可以重发", "only dispatchers and supervisors send again")
    found = store.delivery(caller.conn, delivery_id)
    if found is None:
        raise NotFound("发送记录", delivery_id)
    if not store.again(caller.conn, delivery_id, caller.now):
        raise Conflict("这条不是死信，不用重发", "this one is not dead: it need not be sent again")
    who = caller.person
    agency_store.record(caller.conn, caller.now, "notice_resent", account=who.id, role=who.role, subject=str(delivery_id),
                        detail={"channel": str(found.channel), "error": found.last_error}, address=caller.address)  # fmt: skip
