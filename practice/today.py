"""A day as a person has it: where it begins decides what counts for today."""

from datetime import date, datetime, timedelta, tzinfo

from simulator.spec import Spec


class Today(Spec):
    """A moment in seconds since the epoch, and the person's day around it. `interview_in` is in whole days, 0 today;
    None without a date or after it.
    """

    now: float
    starts_at: float
    day: date
    interview_in: int | None = None

    def holds(self, moment: float) -> bool:
        """Whether something happened today."""
        return self.starts_at <= moment <= self.now

    def days_since(self, moment: float) -> float:
        return (self.now - moment) / timedelta(days=1).total_seconds()

    def at_most(self, gap_days: float) -> float:
        """A gap as the interview leaves it: at most a fifth of the days that are left."""
        return gap_days if self.interview_in is None else min(gap_days, self.interview_in / 5)


def today(now: float, zone: tzinfo, interview_on: date | None = None) -> Today:
    """The day of a moment in a time zone."""
    here = datetime.fromtimestamp(now, zone)
    start = datetime(here.year, here.month, here.day, tzinfo=zone)
    left = None if interview_on is None else (interview_on - here.date()).days
    return Today(
        now=now,
        starts_at=start.timestamp(),
        day=here.date(),
        interview_in=left if left is not None and left >= 0 else None,
    )
