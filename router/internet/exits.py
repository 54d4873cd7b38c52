"""The way out: default routes, the network card's link, and whether the gateway is there. Without privileges."""

from __future__ import annotations

import asyncio
import fcntl
import ipaddress
import socket
import struct
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from router.core.surroundings import Ending, Exit
from router.internet.connecting import connected, source_for

PORTS = (53, 80, 443)
"""Where a home router answers, or refuses; one word of it by any of them is enough."""
_RTF_UP, _RTF_GATEWAY, _RTF_REJECT = 0x1, 0x2, 0x200
"""Of linux/route.h."""
_COMPLETE = 0x2
"""ATF_COM of linux/if_arp.h: the neighbour's hardware address is known."""
_UP, _IN_USE = 0x1, 0x41
"""IFF_UP, and that with IFF_RUNNING of linux/if.h."""
_SIOCGIFFLAGS = 0x8913


@dataclass(frozen=True, slots=True)
class Route:
    """`gateway` is empty where there is none: PPP, a tunnel, or a route by the card alone."""

    card: str
    gateway: str
    metric: int


def flags_of(card: str) -> int | None:
    """The card's flags (netdevice(7)), in the network namespace that this process is in; None: no such card."""
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
            answer = fcntl.ioctl(asked, _SIOCGIFFLAGS, struct.pack("40s", card.encode()[:15]))
    except OSError:
        return None
    return int(struct.unpack_from("H", answer, 16)[0])


class Exits:
    """`proc`: where the kernel shows its tables. `flags`: how it tells a network card's."""

    def __init__(self, proc: Path = Path("/proc/net"), flags: Callable[[str], int | None] = flags_of) -> None:
        self._proc, self._flags = proc, flags

    def routes(self) -> tuple[Route, ...] | None:
        """The default route of IPv4 and that of IPv6, where there is one; None where the kernel does not tell."""
        tables = ((_default_4, self._read("route")), (_default_6, self._read("ipv6_route")))
        if all(text is None for _, text in tables):
            return None
        found = (parse(text or "") for parse, text in tables)
        return tuple(route for route in found if route is not None)

    def unlinked(self) -> tuple[str, ...]:
        """The network cards that are in use and have no link."""
        cards = [line.partition(":")[0].strip() for line in (self._read("dev") or "").splitlines() if ":" in line]
        return tuple(card for card in cards if (self._flags(card) or 0) & _IN_USE == _UP)

    def link(self, card: str) -> bool | None:
        """Whether the card has a link; None where the kernel does not tell. A card that is switched off has none."""
        flags = self._flags(card)
        return None if flags is None else flags & _IN_USE == _IN_USE

    async def ask(self, route: Route, deadline: float, wall: Callable[[], datetime]) -> Exit:
        """Whether the gateway is there: it answers, or refuses; else what the table of neighbours says.

        Who rejects by ICMP gives the same error as a network that finds nobody; the neighbours tell them apart.
        """
        if not route.gateway:
            return Exit(route.card, "", Ending.SILENT, 0.0, wall(), self.link(route.card))
        scoped = f"{route.gateway}%{route.card}" if route.gateway.startswith("fe80:") else route.gateway
        begun = time.monotonic()
        ending = await _first_word(scoped, deadline)
        took = time.monotonic() - begun
        source = source_for(scoped) or ""
        if ending is not Ending.OK:
            ending = by_neighbours(ending, self._neighbour(route), bool(source))
        return Exit(route.card, route.gateway, ending, took, wall(), self.link(route.card), source)

    def _neighbour(self, route: Route) -> bool | None:
        """Whether the network knows the gateway's card; None where that cannot be told (IPv6)."""
        for line in (self._read("arp") or "").splitlines()[1:]:
            fields = line.split()
            if len(fields) >= 6 and fields[0] == route.gateway and fields[5] == route.card:
                try:
                    return bool(int(fields[2], 16) & _COMPLETE)
                except ValueError:
                    return None
        return None

    def _read(self, name: str) -> str | None:
        try:
            return (self._proc / name).read_text(errors="replace")
        except OSError:
            return None


def by_neighbours(ending: Ending, known: bool | None, speaks: bool) -> Ending:
    """What an ending of one who did not answer means.

    `known`: whether the network knows the gateway's card; `speaks`: whether this machine knows a way to it.
    """
    if known is False:
        return Ending.UNREACHABLE
    if ending is Ending.UNREACHABLE and speaks:
        return Ending.OK if known else Ending.SILENT
    return ending


async def _first_word(address: str, deadline: float) -> Ending:
    """OK with the first port that answers or refuses; UNREACHABLE where the network says so of any; else SILENT."""
    asked = [asyncio.create_task(connected(address, port, deadline)) for port in PORTS]
    try:
        endings = []
        for done in asyncio.as_completed(asked):
            endings.append(await done)
            if endings[-1] in (Ending.OK, Ending.REFUSED):
                return Ending.OK
        return Ending.UNREACHABLE if Ending.UNREACHABLE in endings else Ending.SILENT  # ICMP is sent sparingly
    finally:
        for task in asked:
            task.cancel()
        await asyncio.gather(*asked, return_exceptions=True)


def _default_4(text: str) -> Route | None:
    """Of /proc/net/route: addresses are the kernel's words in hexadecimal, in this machine's byte order."""
    found = []
    for line in text.splitlines()[1:]:
        fields = line.split()
        try:
            card, destination, gateway, flags, metric, mask = (*fields[:4], fields[6], fields[7])
            if int(destination, 16) or int(mask, 16) or not _leads_out(flags, card):
                continue
            address = ipaddress.IPv4Address(int(gateway, 16).to_bytes(4, sys.byteorder))
            found.append(Route(card, str(address) if int(flags, 16) & _RTF_GATEWAY else "", int(metric)))
        except (ValueError, IndexError, OverflowError):
            continue
    return min(found, key=lambda route: route.metric, default=None)


def _leads_out(flags: str, card: str) -> bool:
    return int(flags, 16) & (_RTF_UP | _RTF_REJECT) == _RTF_UP and card != "lo"


def _default_6(text: str) -> Route | None:
    """Of /proc/net/ipv6_route: destination, its prefix, source, its prefix, gateway, metric, uses, flags, card."""
    found = []
    for line in text.splitlines():
        fields = line.split()
        try:
            destination, prefix, gateway, metric, flags, card = (
                fields[0],
                fields[1],
                fields[4],
                fields[5],
                fields[8],
                fields[9],
            )
            if int(destination, 16) or int(prefix, 16) or not _leads_out(flags, card):
                continue
            address = str(ipaddress.IPv6Address(int(gateway, 16)))
            found.append(Route(card, address if int(flags, 16) & _RTF_GATEWAY else "", int(metric, 16)))
        except (ValueError, IndexError, OverflowError):
            continue
    return min(found, key=lambda route: route.metric, default=None)
