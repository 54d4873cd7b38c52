"""Looks around: performs the effect LookAround, and posts what was found as LookedAround."""

from __future__ import annotations

import asyncio
import logging
import ssl
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from router.core.effects import Effect, LookAround
from router.core.peer import Host, address_in
from router.core.signals import LookedAround
from router.core.surroundings import OWN_FILE, Ending, Exit, Look, Lookup, Reach
from router.internet.connecting import source_for
from router.internet.deadlines import Deadlines
from router.internet.exits import Exits
from router.internet.hosts import Hosts
from router.internet.target import Target, Tried, target_in
from router.internet.targets import tried, trust
from router.ports import Post

if TYPE_CHECKING:  # dnspython costs some megabytes, and an office whose carriers are addresses needs none
    from router.internet.names import Names, Resolver

log = logging.getLogger(__name__)

_MOST_SERVERS = 3
_BEST = (Ending.OK, Ending.TLS, Ending.BROKEN, Ending.REFUSED, Ending.SILENT, Ending.UNREACHABLE)
"""Of two addresses of one target, the one that came further is told."""


class Around:
    """One look at a time. `perform` starts it and never waits for it; every question has its own deadline.

    No gateway is asked where nothing lies beyond this machine: where all targets and every trunk's host are loopback.
    """

    def __init__(
        self, targets: Sequence[str], post: Post, *, names: Names | None = None, exits: Exits | None = None,
        hosts: Hosts | None = None, deadlines: Deadlines | None = None, context: ssl.SSLContext | None = None,
        wall: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:  # fmt: skip
        self._targets = tuple(map(target_in, targets))
        self._post, self._wall = post, wall
        self._names, self._exits, self._hosts = names, exits or Exits(), hosts or Hosts()
        self._deadlines = deadlines or Deadlines()
        https = any(target.path is not None for target in self._targets)
        self._context = context or (trust() if https else None)
        self._known: dict[str, tuple[str, ...]] = {}
        self._task: asyncio.Task[None] | None = None

    async def run(self) -> None:
        """Until cancelled; then no task and no socket stays behind."""
        try:
            await asyncio.Event().wait()
        finally:
            if self._task is not None:
                self._task.cancel()
                await asyncio.gather(self._task, return_exceptions=True)

    def perform(self, effect: Effect) -> None:
        if isinstance(effect, LookAround) and (self._task is None or self._task.done()):
            self._task = asyncio.create_task(self._look(effect))
            self._task.add_done_callback(_ended)

    async def _look(self, effect: LookAround) -> None:
        look = Look(began=time.monotonic(), at=self._wall())
        try:
            look = await self._found(look, effect.hosts)
        finally:
            self._post(LookedAround(look))

    async def _found(self, look: Look, hosts: tuple[Host, ...]) -> Look:
        asked_of = (*hosts, *(Host(target.host) for target in self._targets))
        routes = self._exits.routes() if any(map(self._beyond, asked_of)) else None
        asked = [self._exits.ask(route, self._deadlines.connect, self._wall) for route in routes or ()]
        exits, (names, targets) = await asyncio.gather(asyncio.gather(*asked), self._internet(hosts))
        known = {lookup.name: lookup.addresses for lookup in names}
        addresses = dict.fromkeys(found for host in hosts for found in known.get(host.name) or _literal(host))
        unrouted = tuple(address for address in addresses if source_for(address) is None)
        found: tuple[Exit, ...] | None = None if routes is None else tuple(exits)
        unlinked = self._exits.unlinked() if routes == () else ()
        return replace(look, exits=found, targets=targets, names=names, unlinked=unlinked, unrouted=unrouted)

    def _beyond(self, host: Host) -> bool:
        """Whether it lies beyond this machine; a name does, unless this machine knows it for its own."""
        known = [host.address] if host.address else list(map(address_in, self._hosts.addresses(host.name)))
        return not known or not all(address and address.is_loopback for address in known)

    async def _internet(self, hosts: tuple[Host, ...]) -> tuple[tuple[Lookup, ...], tuple[Reach, ...]]:
        """All names and all targets, side by side; a target waits for its own name only."""
        wanted = {target.name.name: target.name for target in self._targets if target.name}
        wanted |= {host.name: host for host in hosts if host.address is None}
        own = {name: self._hosts.addresses(name) for name in wanted}
        resolver = self._resolver() if not all(own.values()) else None
        lookups = {name: asyncio.create_task(self._lookup(host, own[name], resolver)) for name, host in wanted.items()}
        try:
            targets = await asyncio.gather(*(self._reach(target, lookups) for target in self._targets))
            names = await asyncio.gather(*lookups.values())
        finally:
            for task in lookups.values():
                task.cancel()
        return tuple(names), tuple(targets)

    def _resolver(self) -> Resolver | None:
        from router.internet.names import Names

        self._names = self._names or Names()
        return self._names.resolver()

    async def _lookup(self, host: Host, own: tuple[str, ...], resolver: Resolver | None) -> Lookup:
        """`own`: what this machine knows of that name by itself, and asks nobody for."""
        if own:
            return Lookup(host.name, Ending.OK, 0.0, self._wall(), OWN_FILE, own)
        begun, servers = time.monotonic(), ""
        ending, addresses = Ending.NO_SERVER, tuple[str, ...]()
        if resolver is not None:
            from router.internet.names import look_up

            servers = ", ".join(map(_server, resolver.nameservers[:_MOST_SERVERS]))
            ending, addresses = await look_up(resolver, host, self._deadlines.name)
        return Lookup(host.name, ending, time.monotonic() - begun, self._wall(), servers, addresses)

    async def _reach(self, target: Target, lookups: Mapping[str, asyncio.Task[Lookup]]) -> Reach:
        addresses, remembered = tuple[str, ...]((target.host,)), False
        if target.name is not None:
            addresses, remembered = await self._addresses(target.name, lookups[target.name.name])
        begun = time.monotonic()
        if not addresses:
            return Reach(target.text, Ending.NAME, 0.0, self._wall())
        best = await self._tried(target, addresses)
        return Reach(
            target.text, best.ending, time.monotonic() - begun, self._wall(), best.status, best.address, remembered,
            best.why,
        )  # fmt: skip

    async def _addresses(self, host: Host, lookup: asyncio.Task[Lookup]) -> tuple[tuple[str, ...], bool]:
        """Those of now; where the name cannot be looked up, or takes its time, those that were known last, and True."""
        known = self._known.get(host.name, ())
        await asyncio.wait([lookup], timeout=self._deadlines.remember if known else None)
        found = lookup.result().addresses if lookup.done() else ()
        if found:
            self._known[host.name] = found
        return found or known, not found

    async def _tried(self, target: Target, addresses: tuple[str, ...]) -> Tried:
        """One address of each family at once: either may be the one that works."""
        families = {":" in address: address for address in reversed(addresses)}
        each = [
            tried(target, address, self._context, self._deadlines.connect, self._deadlines.answer)
            for address in families.values()
        ]  # fmt: skip
        return min(await asyncio.gather(*each), key=lambda one: _BEST.index(one.ending))


def _literal(host: Host) -> tuple[str, ...]:
    return () if host.address is None else (host.name,)


def _server(server: object) -> str:
    """An address, with its port where that is not the usual one."""
    return str(server).removeprefix("Do53:").removesuffix("@53").replace("@", ":")


def _ended(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()):
        log.error("looking around failed by a fault of the router", exc_info=error)
