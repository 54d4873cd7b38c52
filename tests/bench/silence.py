"""Silent carrier to verified switch: 30 trunks of one office, each cut at a random moment."""

from __future__ import annotations

import asyncio
import random
import time

from router.ami.link import Account
from router.core.health import State
from router.core.office import Office
from router.core.site import NumberSite, Person, Policy, Site, TrunkSite, WatchKind, Way
from router.office_conf import office_conf
from tests.bench.figures import Figure, figure
from tests.bench.inside import running, until
from tests.bench.responder import Responder
from tests.lab.lab import Lab

TRUNKS = 30
TOGETHER = 6
"""Trunks cut within one window of the probe time; the others stay well meanwhile, the fallback always."""

TRUNK = """
[bench{n}]
type = endpoint
context = failover-inbound
disallow = all
allow = alaw
aors = bench{n}
[bench{n}]
type = aor
contact = sip:{address}
qualify_frequency = 60
"""


POLICIES = {Policy(): "most 9 s, median under 7 s", Policy(probe=2): "most 6 s"}
"""The default one, and one that probes more often; what each is to keep."""


def _site(policy: Policy) -> Site:
    trunks = [
        TrunkSite(f"bench{n}", f"Bench {n}", WatchKind.PJSIP, f"bench{n}", f"PJSIP/{{number}}@bench{n}")
        for n in range(TRUNKS)
    ]
    gsm = TrunkSite("gsm", "GSM gateway", WatchKind.PJSIP, "gsm", "PJSIP/{number}@gsm")
    numbers = [
        NumberSite(f"+4930200{n:03d}", f"bench{n}", "office-phones,{did},1", people=("Anna",)) for n in range(TRUNKS)
    ]
    return Site(
        "bench",
        "Bench",
        "DE",
        (gsm, *trunks),
        tuple(numbers),
        (Person("Anna", ("+4917112345678",)),),
        fallbacks=("gsm",),
        policy=policy,
    )


async def silence(lab: Lab, secret: str, seed: int) -> list[Figure]:
    """The office is an Asterisk of the lab with 30 trunks more."""
    figures = []
    for policy, aim in POLICIES.items():
        name = f"silent carrier to verified switch, probe_seconds = {policy.probe:g}"
        figures.append(figure(name, "s", await seconds(lab, secret, policy, random.Random(seed)), aim))
    return figures


async def seconds(lab: Lab, secret: str, policy: Policy, rng: random.Random) -> list[float]:
    """Of each of 30 trunks, from its cut to the verified switch of its number."""
    site = _site(policy)
    addresses = [f"127.0.{lab.net}.{200 + n}" for n in range(TRUNKS)]
    carriers = [await Responder().listen(address) for address in addresses]
    try:
        pjsip = lab.office.etc / "pjsip.conf"
        more = "".join(TRUNK.format(n=n, address=address) for n, address in enumerate(addresses))
        before = pjsip.read_text()
        pjsip.write_text(before + more)
        lab.office.install_dialplan(office_conf(site))
        lab.office.wipe_astdb_family()
        lab.office.cli("module reload res_pjsip.so")
        spans: list[float] = []
        async with running(site, Account(lab.office.address, 5038, "failover", secret)) as (loop, _, _):
            async with asyncio.timeout(60):
                await until(loop, lambda office: all(t.health.state is State.UP for t in office.trunks.values()))

            async def cut(n: int) -> None:
                await asyncio.sleep(rng.uniform(0, site.policy.probe))
                began, number = time.perf_counter(), f"+4930200{n:03d}"
                carriers[n].silent = True
                await until(loop, lambda office: _diverted(office, number) and office.route.verified)
                spans.append(time.perf_counter() - began)

            for first in range(0, TRUNKS, TOGETHER):
                async with asyncio.TaskGroup() as group:
                    for n in range(first, first + TOGETHER):
                        group.create_task(cut(n))
        pjsip.write_text(before)
        return spans
    finally:
        for carrier in carriers:
            carrier.close()
        await asyncio.sleep(0)  # a closed socket lets go of its address with the loop's next turn


def _diverted(office: Office, number: str) -> bool:
    return any(d.number == number and d.way is Way.MOBILE for d in office.decisions)
