"""The ring of AstDB keys in which the dialplan leaves a row for each call, for a router that was away."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace

from router.ami.astdb import FAMILY
from router.ami.link import AmiLink
from router.ami.wire import AmiError, AmiRefused, Message
from router.core.calls import SLOTS, call_in, slot_in
from router.core.signals import CallEnded
from router.ports import Post

log = logging.getLogger(__name__)

BATCH = 50
"""Keys asked for in one go where Asterisk lists no tree."""
HANDED_ON = 20
"""Calls handed on between two turns of everything else."""


class CallRing:
    def __init__(self, link: AmiLink, post: Post) -> None:
        self._link = link
        self._post = post
        self._lists_trees = True
        self._told: dict[int, str] = {}
        self._clearing: set[tuple[int, str]] = set()

    async def tell(self, *, away: bool) -> None:
        """Hands on every call that stands in the ring, oldest first. Raises nothing: it is read again.

        `away`: the calls of the time without a router. Else those of which no event came, as where a caller's name
        looked like a forged one; each once.
        """
        if away:
            self._told.clear()
            self._lists_trees = True
        elif not self._lists_trees:
            return
        try:
            rows = await self._rows()
        except AmiError as error:
            log.info("the calls of the time without a router were not read: %s", error)
            return
        calls = {slot: call for slot, row in rows.items() if (call := call_in(row)) is not None}
        if len(calls) < len(rows) and away:
            log.warning("rows in failover/calls that are no calls, left out: %d", len(rows) - len(calls))
        for count, (slot, call) in enumerate(sorted(calls.items(), key=lambda item: item[1].began), 1):
            if self._told.get(slot) != call.id:
                self._told[slot] = call.id
                self._post(CallEnded(replace(call, away=away), slot))
            if count % HANDED_ON == 0:
                await asyncio.sleep(0)

    async def clear(self, slot: int, call: str) -> None:
        """Takes the row out, unless the slot holds another call by now. Raises nothing.

        Once at a time: a call may be told by its event and by a listing, and Asterisk warns of a row that is gone.
        """
        if (slot, call) in self._clearing:
            return
        self._clearing.add((slot, call))
        try:
            row = (await self._some(range(slot, slot + 1))).get(slot, "")
            if row.startswith(f"{call}|"):
                await self._link.act("DBDel", Family=FAMILY, Key=f"calls/{slot}")
        except AmiError as error:
            log.info("a call stays in AstDB for now: %s", error)
        finally:
            self._clearing.discard((slot, call))

    async def _rows(self) -> dict[int, str]:
        """By slot. Asterisk before 16.28 knows no DBGetTree."""
        try:
            return _listed(await self._link.collect("DBGetTree", Family=FAMILY, Key="calls"))
        except AmiRefused:
            self._lists_trees = False
            rows: dict[int, str] = {}
            for first in range(1, SLOTS + 1, BATCH):
                rows |= await self._some(range(first, first + BATCH))
            return rows

    async def _some(self, slots: range) -> dict[int, str]:
        """By slot, without those that are empty."""
        answers = await self._link.collect_all([("DBGet", {"Family": FAMILY, "Key": f"calls/{n}"}) for n in slots])
        rows: dict[int, str] = {}
        for slot, answer in zip(slots, answers, strict=True):
            if isinstance(answer, AmiError) and not isinstance(answer, AmiRefused):
                raise answer
            if not isinstance(answer, AmiError) and answer:
                rows[slot] = _value(answer[0])
        return rows


def _listed(items: list[Message]) -> dict[int, str]:
    """Keys are told whole: /failover/calls/17."""
    slots = ((slot_in(item.get("Key", "").rpartition("/calls/")[2]), item) for item in items)
    return {slot: _value(item) for slot, item in slots if slot is not None}


def _value(item: Message) -> str:
    """Nothing, where whoever wrote it put a line break and a second value into it."""
    return item.get("Val", "") if len(item.all("Val")) == 1 else ""
