"""Show who reported, for a purpose that is written down."""

from __future__ import annotations

import json

from chengshu.agencies import store as agency_store
from chengshu.agencies.gate import Caller
from chengshu.intake import store
from chengshu.intake.model import Reporter
from chengshu.kit.errors import Invalid, NotFound

_LEAST_WORDS = 4


def reveal(caller: Caller, report: int, purpose: str) -> Reporter:
    """Unseal a reporter and append who asked and why to the audit trail.

    Raises:
        Invalid: The purpose says nothing.
        NotFound: No such report, no reporter, or one that this person may not know.
        CannotUnseal: The key is missing.
    """
    if len(purpose) < _LEAST_WORDS:
        raise Invalid(
            "purpose", "请写明查看的事由（至少四个字）", "say why, in at least four letters"
        )
    found = store.sealed(caller.conn, report)
    if found is None:
        raise NotFound("诉求人", report)
    person = json.loads(caller.keyring.unseal(*found, str(report).encode()))
    agency_store.record(caller.conn, caller.now, "reveal", account=caller.person.id, role=caller.person.role,
                        subject=str(report), detail={"purpose": purpose}, address=caller.address)  # fmt: skip
    return Reporter(person["name"], person["phone"], person["identity"])
