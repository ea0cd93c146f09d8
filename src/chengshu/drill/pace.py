"""The clock of the living city: it runs with ours until the play begins, and faster from then on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Pace:
    """Maps the city's time to ours and back.

    Attributes:
        began_at: The instant at which both clocks agree; aware.
        factor: Minutes of the city that pass in one of ours, from then on.

    Examples:
        >>> from datetime import UTC
        >>> six = Pace(datetime(2026, 7, 14, 12, tzinfo=UTC), 6.0)
        >>> six.ours(datetime(2026, 7, 14, 13, tzinfo=UTC)).isoformat()
        '2026-07-14T12:10:00+00:00'
        >>> six.ours(datetime(2026, 7, 14, 11, tzinfo=UTC)).isoformat()
        '2026-07-14T11:00:00+00:00'
    """

    began_at: datetime
    factor: float

    def ours(self, city: datetime) -> datetime:
        """Our instant at which the city's clock shows `city`."""
        if city <= self.began_at:
            return city
        return self.began_at + (city - self.began_at) / self.factor

    def city(self, ours: datetime) -> datetime:
        """What the city's clock shows at one of our instants."""
        if ours <= self.began_at:
            return ours
        return self.began_at + (ours - self.began_at) * self.factor

    def lasts(self, minutes: float) -> timedelta:
        """How long so many minutes of the city last for us."""
        return timedelta(minutes=minutes / self.factor)
