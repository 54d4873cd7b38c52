"""One TCP connection to an address, opened and closed at once: nothing is sent over it."""

from __future__ import annotations

import asyncio
import errno
import socket

from router.core.surroundings import Ending

_NO_WAY = {
    errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EHOSTDOWN, errno.ENETDOWN, errno.EADDRNOTAVAIL, errno.ENOPROTOOPT,
    errno.ENONET, errno.EACCES,
}  # fmt: skip
"""No route, nobody at that address, or a firewall's ICMP: Linux makes ENOPROTOOPT, ENONET and EACCES of some kinds."""


async def connected(address: str, port: int, deadline: float) -> Ending:
    """OK, REFUSED, UNREACHABLE or SILENT. `address` is numeric, with %card where it is link-local. Never raises."""
    plain, _, card = address.partition("%")
    family = socket.AF_INET6 if ":" in plain else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM) as wire:
            wire.setblocking(False)
            where: tuple[str, int] | tuple[str, int, int, int] = (plain, port)
            if card:
                where = (plain, port, 0, socket.if_nametoindex(card))
            async with asyncio.timeout(deadline):
                await asyncio.get_running_loop().sock_connect(wire, where)
    except (TimeoutError, BlockingIOError):
        return Ending.SILENT
    except OSError as error:
        return failed(error)
    return Ending.OK


def failed(error: OSError) -> Ending:
    """What an error of the network says. ETIMEDOUT, ECONNRESET and whatever else: nobody answered as he should."""
    if isinstance(error, ConnectionRefusedError):
        return Ending.REFUSED
    return Ending.UNREACHABLE if error.errno in _NO_WAY else Ending.SILENT


def source_for(address: str, port: int = 9) -> str | None:
    """The address from which this machine would speak to `address`; None where it knows no way. Sends nothing."""
    plain, _, card = address.partition("%")
    family = socket.AF_INET6 if ":" in plain else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as wire:
            wire.connect((plain, port, 0, socket.if_nametoindex(card)) if card else (plain, port))
            return str(wire.getsockname()[0])
    except OSError:
        return None
