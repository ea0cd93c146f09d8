"""What people correct counts at once, in every process."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import numpy as np

from chengshu.dispatch.routing import store
from chengshu.dispatch.routing.router import Router
from chengshu.dispatch.routing.wording import Power, Read
from chengshu.kit.db import Connection


def teach(
    conn: Connection, router: Router, incident: int, unit: str, account: int | None, now: datetime
) -> bool:
    """Keep that a person sent an incident elsewhere than was proposed; False where it says nothing.

    Every process takes it in when it next looks, this one too.
    """
    proposed, power = store.first_proposed(conn, incident), router.power_of(unit)
    if proposed == unit or power is None:
        return False
    words = store.first_words(conn, incident)
    if words is None:
        return False
    read = router.wording.read(f"{words[0]}。{words[1]}")
    lesson = store.Lesson(0, str(power), tuple(map(int, read.rows)), tuple(map(float, read.values)))
    store.add_lesson(conn, incident, proposed or "", unit, lesson, account, now)
    return True


def refreshed(router: Router, conn: Connection) -> Router:
    """The same with every lesson that was given since, and the calibration that is in use."""
    new = store.lessons(conn, router.learnt)
    mix = store.active(conn) or router.shipped
    if not new and mix == router.mix:
        return router
    wording = replace(router.wording, residual=dict(router.wording.residual), steps=dict(router.wording.steps))  # fmt: skip
    for one in new:
        read = Read(np.array(one.buckets, np.int64), np.array(one.amounts, np.float32), 1.0)
        wording.correct(read, Power.read(one.power))
    return replace(router, wording=wording, mix=mix, learnt=new[-1].id if new else router.learnt)
