"""Whom to call back: one row for each caller who was missed, has not got through since, and was not called back.

| what came after an attempt of his      | the attempt                                                    |
|----------------------------------------|----------------------------------------------------------------|
| nothing, or more attempts              | open: it stands in his row                                     |
| a call of his that anybody took        | settled: he got through, nobody needs to call back             |
| a call-back was marked as done         | done, if the attempt was over by then; a later one opens the   |
|                                        | row again                                                      |

An attempt is a missed call. Who got through is known of calls that came in; calls out are not told to us, so that
a call-back is done when somebody says so. Whoever withholds his number cannot be called back: he has no row.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from router.core.calls import Call, Outcome

DAYS = 14
"""Attempts that are older ask for no call back any more."""
UNDO_WITHIN = timedelta(hours=1)
"""For so long a call-back that was marked as done can be taken back."""
NOTE_LENGTH = 500
MOST_ATTEMPTS = 50
"""Of one caller that are looked at, the newest: a machine may try thousands of times."""


@dataclass(frozen=True, slots=True)
class Remark:
    """What somebody said of a caller's row: that the call-back is done, with a note or without, or a note only."""

    caller: str
    at: datetime
    by: str
    note: str | None = None
    done: bool = False


@dataclass(frozen=True, slots=True)
class CallBack:
    """`attempts` and `remarks`, newest first; of a row that is done, the attempts that this covers.

    `done`: None while somebody should call back.
    """

    caller: str
    attempts: tuple[Call, ...]
    remarks: tuple[Remark, ...] = ()
    done: Remark | None = None

    @property
    def last(self) -> Call:
        return self.attempts[0]

    @property
    def first(self) -> Call:
        return self.attempts[-1]

    @property
    def numbers(self) -> tuple[str, ...]:
        """The published numbers that he dialled, each once, the last one first."""
        return tuple(dict.fromkeys(call.number for call in self.attempts))


@dataclass(frozen=True, slots=True)
class CallBackList:
    """`rows` as of `call_backs`, at most so many as were asked for; `still`: how many callers wait in all.

    `withheld`: missed calls without a number, which nobody can call back; `withheld_last`: when the last of them came.
    """

    rows: tuple[CallBack, ...] = ()
    still: int = 0
    withheld: int = 0
    withheld_last: datetime | None = None


def call_backs(calls: Iterable[Call], remarks: Iterable[Remark] = ()) -> tuple[CallBack, ...]:
    """One row for each caller, whatever the order of `calls` and `remarks`: those to call back first, with the last
    attempt on top; then those that are done, the last one on top."""
    said = _by_caller(remarks)
    rows = [_row(caller, his, said.get(caller, ())) for caller, his in _of_callers(calls).items()]
    return tuple(sorted(filter(None, rows), key=lambda row: (row.done is None, *_when(row)), reverse=True))


def over(call: Call) -> datetime:
    """When it was over, also where Asterisk's clock was set back meanwhile."""
    return max(call.began, call.ended)


def _row(caller: str, calls: list[Call], remarks: tuple[Remark, ...]) -> CallBack | None:
    attempts = [call for call in calls if call.outcome is Outcome.MISSED]
    through = max((call.began for call in calls if call.outcome is Outcome.TAKEN), default=None)
    dones = [remark for remark in remarks if remark.done]
    unsettled = [call for call in attempts if through is None or call.began > through]
    still = tuple(call for call in unsettled if not dones or over(call) > dones[0].at)
    if still:
        return CallBack(caller, still, remarks)
    for done, older in zip(dones, (*dones[1:], None), strict=False):  # two people may have marked the same row
        covered = tuple(call for call in attempts if over(call) <= done.at and (older is None or over(call) > older.at))
        if covered:
            return CallBack(caller, covered, remarks, done)
    return None


def _of_callers(calls: Iterable[Call]) -> dict[str, list[Call]]:
    """Newest first, by caller; without those who withheld their number, and without our own calls that came back."""
    found: dict[str, list[Call]] = {}
    for call in sorted(calls, key=_newest, reverse=True):
        if call.caller and call.outcome is not Outcome.REFUSED:
            found.setdefault(call.caller, []).append(call)
    return found


def _newest(call: Call) -> tuple[datetime, str]:
    return call.began, call.id


def _when(row: CallBack) -> tuple[datetime, str]:
    return (row.done.at, row.caller) if row.done else _newest(row.last)


def _by_caller(remarks: Iterable[Remark]) -> Mapping[str, tuple[Remark, ...]]:
    """Newest first."""
    found: dict[str, tuple[Remark, ...]] = {}
    for remark in sorted(remarks, key=lambda remark: remark.at, reverse=True):
        found[remark.caller] = (*found.get(remark.caller, ()), remark)
    return found
