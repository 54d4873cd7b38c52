"""Names looked up as SIP does (NAPTR, SRV, A, AAAA), with a deadline, and without a thread that may hang."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import dns.asyncresolver
import dns.exception
import dns.name
import dns.nameserver
import dns.rdatatype
import dns.resolver

from router.core.peer import Host
from router.core.surroundings import Ending
from router.internet.modest import Modest

Resolver = dns.asyncresolver.Resolver

MOST_ADDRESSES = 4
_MOST_SERVICES = 4
_MOST_SEARCHED = 6
"""Domains of resolv.conf's search: so many had the C library for decades."""
_SERVICES = ("_sip._udp", "_sip._tcp", "_sips._tcp")
_BACKEND = Modest()
_ONE_TRY = 1.0
"""Seconds until the next name server of several is asked."""
_TOLD_FIRST = (
    Ending.NO_SUCH_NAME, Ending.SERVER_FAILED, Ending.REFUSED, Ending.BROKEN, Ending.SILENT, Ending.NO_ADDRESS,
)  # fmt: skip
"""Of several that one name's records ended with. That one kind of address is missing is usual."""


@dataclass
class _Found:
    """What was found of one name so far; it stays when the deadline ends the rest."""

    addresses: list[str] = field(default_factory=list)
    endings: set[Ending] = field(default_factory=set)

    @property
    def ending(self) -> Ending:
        if self.addresses:
            return Ending.OK
        return next((ending for ending in _TOLD_FIRST if ending in self.endings), Ending.SILENT)


class Names:
    """`servers`: addresses of name servers with their port; None: those of this machine, read anew for each look.

    `search`: the domains of names without a dot, where `servers` are given.
    """

    def __init__(self, servers: Sequence[tuple[str, int]] | None = None, search: Sequence[str] = ()) -> None:
        self._servers, self._search = servers, search

    def resolver(self) -> Resolver | None:
        """None where no name server is set."""
        try:
            made = dns.asyncresolver.Resolver(configure=self._servers is None)
        except (dns.exception.DNSException, OSError, ValueError):
            return None
        if self._servers is not None:
            made.nameservers = [dns.nameserver.Do53Nameserver(host, port) for host, port in self._servers]
            made.search = [dns.name.from_text(domain) for domain in self._search]
        made.search = made.search[:_MOST_SEARCHED]
        made.timeout = _ONE_TRY
        made.use_search_by_default = False
        return made if made.nameservers else None


async def look_up(resolver: Resolver, host: Host, deadline: float) -> tuple[Ending, tuple[str, ...]]:
    """How it ended, and a few addresses, IPv4 first. Never raises."""
    found = _Found()
    try:
        async with asyncio.timeout(deadline):
            await _ask(resolver, host, found, deadline)
    except TimeoutError:
        found.endings.add(Ending.SILENT)
    addresses = sorted(dict.fromkeys(found.addresses), key=lambda address: ":" in address)
    return found.ending, tuple(addresses[:MOST_ADDRESSES])


async def _ask(resolver: Resolver, host: Host, found: _Found, deadline: float) -> None:
    single = "." not in host.name  # only such a name is looked for in the domains of resolv.conf's search
    try:
        name = dns.name.from_text(host.name, None) if single else dns.name.from_text(host.name + ".")
    except (dns.exception.DNSException, ValueError):
        found.endings.add(Ending.NO_SUCH_NAME)
        return
    asking = _Asking(resolver, found, deadline)
    if host.port:
        await asking.addresses(name)
        return
    async with asyncio.TaskGroup() as group:
        group.create_task(asking.addresses(name))
        group.create_task(asking.services(name))


@dataclass
class _Asking:
    resolver: Resolver
    found: _Found
    deadline: float

    async def addresses(self, name: dns.name.Name) -> None:
        async with asyncio.TaskGroup() as group:
            for kind in (dns.rdatatype.A, dns.rdatatype.AAAA):
                group.create_task(self._address(name, kind))

    async def _address(self, name: dns.name.Name, kind: dns.rdatatype.RdataType) -> None:
        for record in await self._records(name, kind, tell=True):
            self.found.addresses.append(str(record.address))

    async def services(self, name: dns.name.Name) -> None:
        """The addresses of the servers that NAPTR and SRV name. That there are none is no fault."""
        wanted = list(_replacements(await self._records(name, dns.rdatatype.NAPTR), name))
        with suppress(dns.exception.DNSException):
            wanted = wanted or [dns.name.from_text(service, name) for service in _SERVICES]
        answers = await asyncio.gather(*(self._records(service, dns.rdatatype.SRV) for service in wanted))
        records = sorted((record for answer in answers for record in answer), key=lambda record: record.priority)
        targets = dict.fromkeys(record.target for record in records if record.target != dns.name.root)
        async with asyncio.TaskGroup() as group:
            for target in list(targets)[:_MOST_SERVICES]:
                group.create_task(self.addresses(target))

    async def _records(self, name: dns.name.Name, kind: dns.rdatatype.RdataType, tell: bool = False) -> list[Any]:
        """What the answer holds; empty where there is none, and why is kept where `tell` says so."""
        try:
            answer = await self.resolver.resolve(
                name, kind, search=not name.is_absolute(), raise_on_no_answer=False, lifetime=self.deadline,
                backend=_BACKEND,
            )  # fmt: skip
            records = list(answer.rrset or ())
            ending = None if records else Ending.NO_ADDRESS
        except dns.resolver.NXDOMAIN:
            records, ending = [], Ending.NO_SUCH_NAME
        except dns.resolver.NoNameservers as failed:
            records, ending = [], _failure(failed)
        except dns.exception.Timeout:
            records, ending = [], Ending.SILENT
        except Exception:  # whatever else a strange answer brings about: it is no answer
            records, ending = [], Ending.BROKEN
        if tell and ending is not None:
            self.found.endings.add(ending)
        return records


def _replacements(records: Sequence[Any], name: dns.name.Name) -> Iterator[dns.name.Name]:
    """The services that NAPTR names for SIP (RFC 3263, 4.1)."""
    for record in records[:_MOST_SERVICES]:
        if record.flags.lower() == b"s" and record.service.upper().startswith((b"SIP+", b"SIPS+")):
            yield record.replacement


def _failure(failed: dns.resolver.NoNameservers) -> Ending:
    """What the servers said: each left a text or an exception (dnspython's Resolver.resolve)."""
    said = [entry[3] for entry in failed.kwargs.get("errors", ()) if len(entry) > 3]
    words = " ".join(str(word) for word in said).upper()
    if "SERVFAIL" in words:
        return Ending.SERVER_FAILED
    refused = "REFUSED" in words or any(isinstance(word, OSError) for word in said)
    return Ending.REFUSED if refused else Ending.BROKEN
