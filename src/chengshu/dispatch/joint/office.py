"""What joint command needs to know of the city beside dispatch's rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from chengshu.dispatch.joint.ports import Conference, NoConference
from chengshu.dispatch.joint.template import JointTemplate


@dataclass(frozen=True, slots=True)
class JointOffice:
    """A city's templates, and where its meetings are held at a distance."""

    templates: Mapping[str, JointTemplate] = field(default_factory=dict)
    conference: Conference = field(default_factory=NoConference)
