"""The shape of GET status, and of what PUT override takes and answers, for the API's own description.

The answers themselves are made in status.py; tests hold the two against each other.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from router.core.blame import Whose
from router.core.decision import Reachable
from router.core.health import State
from router.core.orders import REASON_LENGTH, Mode
from router.core.site import Way


class _Body(BaseModel):
    model_config = ConfigDict(use_attribute_docstrings=True)


class OfficeBody(_Body):
    id: str
    name: str


class OverrideBody(_Body):
    """What staff set by hand; for all numbers, or for one."""

    mode: Mode
    number: str | None
    """E.164; null for all numbers."""
    until: datetime | None
    """Null: open end."""
    reason: str | None
    by: str | None
    """Null where nobody ever gave an order."""
    since: datetime


class RouteBody(_Body):
    """The way of calls, all numbers taken together."""

    inbound: Literal["office", "mobile", "office_then_mobile", "mixed"]
    outbound: list[str]
    """Trunks in the order in which they are tried."""
    verified: bool
    """Whether the dialplan was asked and says so too."""
    since: datetime | None
    why: str


class PhoneBody(_Body):
    """An office phone behind a number."""

    device: str
    reachable: bool | None
    """Null while that is not known."""
    since: datetime | None


class NumberBody(_Body):
    """A published number, E.164, and where its calls go."""

    number: str
    trunk: str
    inbound: Way
    """Where its calls shall go; `route.verified` says whether the PBX confirms it."""
    people: list[str]
    """Whose mobiles ring, in order."""
    reachable: Reachable
    """Whether callers reach us now; unproven: nothing speaks against it, and no call has shown it."""
    why: str
    override: OverrideBody | None
    """Only an order for this number alone."""
    phones: list[PhoneBody]
    state: State
    """How it stands: as its trunk does, unless calls in its name fail alone."""
    state_since: datetime | None
    state_why: str
    last_inbound_call: datetime | None
    """The last one that came by its own trunk; null: none since the router started."""


class DirectionBody(_Body):
    """Whether calls get through that way."""

    state: Reachable
    text: str
    since: datetime | None
    """Of yes, the last call that proves it; else since when the trunk is as it is."""


class EvidenceBody(_Body):
    at: datetime
    text: str


class FaultBody(_Body):
    """Whose fault something is, and what shows it."""

    whose: Whose
    text: str
    since: datetime | None
    evidence: list[EvidenceBody]


class TrunkBody(_Body):
    name: str
    label: str
    state: State
    since: datetime | None
    why: str
    registration: str | None
    """As Asterisk says it, such as Registered."""
    contact: str | None
    """As Asterisk says it, such as Reachable."""
    rtt_ms: float | None
    """Milliseconds until the last probe was answered."""
    last_inbound_call: datetime | None
    last_outbound_call: datetime | None
    inbound: DirectionBody
    outbound: DirectionBody
    fault: FaultBody | None


class AsteriskBody(_Body):
    connected: bool
    version: str | None


class StatusBody(_Body):
    """The office now. Keys may be added; none changes its meaning while `schema` is 1."""

    schema_: Literal[1] = Field(alias="schema")
    office: OfficeBody
    override: OverrideBody
    route: RouteBody
    numbers: list[NumberBody]
    trunks: list[TrunkBody]
    asterisk: AsteriskBody
    fault: FaultBody | None
    """Whose fault the office's trouble is, taken as a whole."""


class OrderBody(_Body):
    """Where calls shall go. Only `mode` is required; auto without a number takes back every order."""

    model_config = ConfigDict(use_attribute_docstrings=True, extra="forbid")

    mode: Mode
    number: str | None = None
    """One published number, as people write it; null: all."""
    until: datetime | None = None
    """With its offset from UTC, within a year; null: open end."""
    reason: str | None = Field(None, max_length=REASON_LENGTH)
    """Shown to everybody beside the order."""


class OrderedBody(_Body):
    verified: bool
    """Whether the PBX was asked and follows it already."""
    why: str
    status: StatusBody


# Mode is described with the answers; here it is only named.
ORDER_SHAPE = OrderBody.model_json_schema(ref_template="#/components/schemas/{model}")
ORDER_SHAPE.pop("$defs")
ORDER_EXAMPLES = {
    "mobile": {"summary": "All calls to the mobiles until 18:00", "value": {
        "mode": "mobile", "until": "2026-03-01T18:00:00+01:00", "reason": "Staff meeting",
    }},
    "one": {"summary": "One number to the office, open end", "value": {"mode": "office", "number": "+4930123456"}},
    "auto": {"summary": "Everything back to the automatics", "value": {"mode": "auto"}},
}  # fmt: skip
ORDER_CONTENT = {"application/json": {"schema": ORDER_SHAPE, "examples": ORDER_EXAMPLES}}
ORDER = {"requestBody": {"required": True, "content": ORDER_CONTENT}}
ORDERED: dict[int | str, dict[str, Any]] = {
    200: {"model": OrderedBody, "description": "In force; the PBX was asked and says so too."},
    202: {"model": OrderedBody, "description": "Stored, not verified yet; `why` says what is missing."},
}
