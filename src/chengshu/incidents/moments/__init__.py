"""When something happens or happened, as a message says it, resolved against the time of the message."""

from chengshu.incidents.moments.model import Habit, Moment
from chengshu.incidents.moments.read import moments

__all__ = ["Habit", "Moment", "moments"]
