"""Learning from a stream whose truth is partly known: where its reports belong, and what was measured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from chengshu.incidents.learning import Sample


@dataclass(slots=True)
class Teacher:
    """Leads reports whose happening is known to their incident, and keeps every comparison.

    Attributes:
        truth: Number of a report in its channel to the name of its happening.
        samples: The comparisons of these reports, with their answers.
    """

    truth: Mapping[str, str]
    samples: list[Sample] = field(default_factory=list)
    _home: dict[str, int] = field(default_factory=dict)
    _theirs: dict[int, str] = field(default_factory=dict)

    def knows(self, report: str) -> bool:
        """Whether it knows where a report belongs."""
        return report in self.truth

    def home(self, report: str) -> int | None:
        """The incident of a known report's happening, None while there is none."""
        return self._home.get(self.truth[report])

    def owns(self, incident: int) -> bool:
        """Whether an incident is that of a known happening, where strangers would blur what is learnt."""
        return incident in self._theirs

    def opened(self, report: str, incident: int) -> None:
        """An incident was opened for a report."""
        if report in self.truth:
            self._home[self.truth[report]] = incident
            self._theirs[incident] = self.truth[report]

    def saw(self, report: str, incident: int, measured: Mapping[str, float]) -> None:
        """A comparison was made."""
        if report in self.truth:
            same = self._theirs.get(incident) == self.truth[report]
            self.samples.append(Sample(report, measured, same))
