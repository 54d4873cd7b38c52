"""The actions of one AMI connection that wait for their answer, found again by ActionID."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from router.ami.wire import AmiDeadline, AmiDown, AmiError, AmiRefused, Message

_REFUSALS = frozenset({"error", "fail", "failed", "failure"})


@dataclass
class Asked:
    """An action on its way. Its answer is a result even where it is an error: nobody may be left to fetch it."""

    action: str
    answer: asyncio.Future[Message | AmiError]
    wants_list: bool
    items: list[Message] = field(default_factory=list)

    def settle(self, answer: Message | AmiError) -> None:
        if not self.answer.done():
            self.answer.set_result(answer)


class Pending:
    """Which message answers which action. A list is complete at its `EventList: Complete`, whatever comes between."""

    def __init__(self) -> None:
        self._asked: dict[str, Asked] = {}

    def add(self, batch: Mapping[str, Asked]) -> None:
        self._asked |= batch

    def take(self, message: Message) -> bool:
        """True if the message belongs to an action that was asked here, False if it is an event for everyone."""
        action_id = message.get("ActionID", "")
        asked = self._asked.get(action_id)
        if asked is None:
            return "Event" not in message  # an answer that came after its deadline is nobody's
        if "Event" in message:
            return asked.wants_list and self._take_item(action_id, asked, message)
        refused = message.get("Response", "").lower() in _REFUSALS
        if not asked.wants_list or message.get("EventList", "").lower() != "start":
            del self._asked[action_id]
            asked.settle(AmiRefused(asked.action, message.get("Message", "no reason given")) if refused else message)
        return True

    def _take_item(self, action_id: str, asked: Asked, message: Message) -> bool:
        mark = message.get("EventList", "").lower()
        if mark in ("complete", "cancelled"):
            del self._asked[action_id]
            asked.settle(message if mark == "complete" else AmiRefused(asked.action, "the list was broken off"))
        elif not asked.answer.done():
            asked.items.append(message)
        return True

    def give_up(self, batch: Mapping[str, Asked], deadline: float) -> None:
        """Settles what has no answer yet. The rest of a list given up must not pass for events later, so a list stays
        known until it is complete or the connection ends."""
        for action_id, asked in batch.items():
            if not asked.answer.done():
                asked.settle(AmiDeadline(f"no answer to {asked.action} within {deadline:g} s"))
                if not asked.wants_list:
                    self._asked.pop(action_id, None)

    def fail(self, reason: str) -> None:
        for asked in self._asked.values():
            asked.settle(AmiDown(f"no answer to {asked.action}: {reason}"))
        self._asked.clear()

    def __len__(self) -> int:
        return len(self._asked)
