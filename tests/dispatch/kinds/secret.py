"""A confidential matter in 如皋, those who may know of it, and everybody else."""

from __future__ import annotations

from dataclasses import dataclass

from chengshu.agencies.model import Role
from tests.security.people import Someone, person
from tests.security.scene import PNG, RUGAO, Scene, file, incident_of, ok, upload

WORDS = "琵琶"  # said of this matter only


@dataclass(frozen=True)
class Secret:
    """The matter and its people.

    Attributes:
        knows: The dispatcher who made it confidential.
        acts: The handler whom she named.
        outside: Everybody else, those among them who knew of it before.
    """

    scene: Scene
    ids: dict[str, str]
    number: str
    knows: Someone
    acts: Someone
    outside: dict[str, Someone]

    def marks(self) -> list[str]:
        """What nobody outside may ever read."""
        return [
            self.number,
            WORDS,
            *(v for k, v in self.ids.items() if k not in ("waiting", "account")),
        ]


def make(scene: Scene, kind: str = "confidential") -> Secret:
    """File it, give it to the city management of 如皋, then veil it."""
    api, people = scene.api, scene.rugao.people
    knows, acts = people["dispatcher"], people["bureau"]
    picture = upload(people["call_taker"], "secret.png")
    report = file(people["call_taker"], RUGAO, f"{WORDS}巷有人夜里倾倒不明废物", attachments=[picture],
                  said_at="2026-05-02T08:00:00+08:00", channel_id=f"no-{WORDS}")  # fmt: skip
    api.work()
    incident = incident_of(api, report)
    found = ok(knows.get(f"/incidents/{incident}"))
    if not any(o["unit"] == "nt.rugao.cgj" for o in found["orders"]):
        found = ok(knows.post(f"/incidents/{incident}/assign", {"unit": "nt.rugao.cgj"}))
    order = next(o for o in found["orders"] if o["unit"] == "nt.rugao.cgj")
    assert acts.account is not None
    wish = {"kind": kind, "named": [str(acts.account.id)]}
    if kind == "leader":
        wish |= {
            "leader": "王市长",
            "words": "请认真核实，三日内报结果。",
            "due_at": "2026-07-16T10:00:00+08:00",
        }
    special = ok(knows.post(f"/incidents/{incident}/kind", wish))["special"]
    outside = {
        k: people[k]
        for k in (
            "call_taker",
            "supervisor",
            "analyst",
            "leader",
            "neighbour",
            "grid_worker",
            "key",
        )
    }
    outside["city_dispatcher"] = scene.city["dispatcher"]
    outside["colleague"] = person(api, Role.DISPATCHER, "nt.rugao")
    outside["handler_beside"] = person(api, Role.HANDLER, "nt.rugao.cgj")
    outside["city_supervisor"] = person(api, Role.SUPERVISOR, "nt")
    outside["city_leader"] = person(api, Role.LEADER, "nt")
    ids = {"incident": incident, "report": report, "order": order["id"], "picture": picture,
           "order_number": order["number"], "special": special["number"]}  # fmt: skip
    return Secret(scene, ids, found["number"], knows, acts, outside)


__all__ = ["PNG", "WORDS", "Secret", "make"]
