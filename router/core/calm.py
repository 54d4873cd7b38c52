"""A calm return, and that it says so: until when what looks good again stays on the fallback, and why so long."""

from __future__ import annotations

from datetime import datetime, timedelta

from router.core import health as table
from router.core.health import HOUR, Cause, Health
from router.core.sentence import Sentence, say
from router.core.site import Policy


def watched(health: Health, evidence: Sentence, at: float, wall: datetime, policy: Policy) -> Sentence:
    """`evidence` of what recovers, with when its calls come back if that stays so: the rise time, doubled by each
    relapse, or the hour within which it has switched too often."""
    rise = 0.0 if health.cause is Cause.CALLS else table.rise_seconds(health, policy)
    rested, allowed = health.since + rise, table.next_switch_allowed(health, policy)
    until = _whole_minute(wall + timedelta(seconds=max(rested, allowed) - at))
    if allowed > rested:
        lately = sum(1 for moment in health.switches if at - moment < HOUR)
        return say(
            "it has switched {count} times within the hour and stays on the fallback until {until}: {evidence}",
            count=lately, until=until, evidence=evidence,
        )  # fmt: skip
    if health.relapsed:
        return say(
            "it has relapsed within the hour, so it is being watched for {seconds} s, until {until}: {evidence}",
            seconds=round(rise), until=until, evidence=evidence,
        )  # fmt: skip
    return say("it is being watched until {until}: {evidence}", until=until, evidence=evidence)


def _whole_minute(moment: datetime) -> datetime:
    """The next one: told each second, the sentence stays the same."""
    moment = (moment + timedelta(milliseconds=500)).replace(microsecond=0)
    return moment if moment.second == 0 else moment.replace(second=0) + timedelta(minutes=1)
