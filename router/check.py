"""`failover check`: what stands between this office and a working failover, one sentence each. Changes nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress

from router import check_internet, check_watches
from router.ami.astdb import RouteTable
from router.ami.link import Account, AmiError, AmiLink, AmiRefused, LinkState, Message
from router.ami.trial import CONTEXT as TEST_RING
from router.ami.version import leaves_silent_legs
from router.check_watches import Told
from router.core.plan import VERSION, Ask
from router.core.site import Site
from router.office_conf import office_values

CONNECT_SECONDS = 8.0
_NEEDED = "the dialplan needs 18.22, 20.7, 21.2, 22 or newer"


class Unusable(Exception):  # noqa: N818 - named for what it says
    """Nothing can be checked; str() is the sentence that says why."""


@asynccontextmanager
async def connected(account: Account) -> AsyncIterator[tuple[AmiLink, RouteTable]]:
    """A link of its own, for as long as the block lasts. Raises Unusable."""
    ended: asyncio.Future[tuple[LinkState, str]] = asyncio.get_running_loop().create_future()
    tables: list[RouteTable] = []

    def state(now: LinkState, reason: str) -> None:
        if now not in (LinkState.CONNECTING, LinkState.SYNCING) and not ended.done():
            ended.set_result((now, reason))

    def event(message: Message) -> None:
        if message.get("UserEvent") == "FailoverAnswer":
            tables[0].heard(message)

    async def sync() -> None:
        return None

    link = AmiLink(account, on_event=event, on_state=state, on_sync=sync)
    tables.append(RouteTable(link, "check"))
    running = asyncio.create_task(link.run())
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            now, reason = await ended
        if now is not LinkState.READY:
            raise Unusable(f"Asterisk at {account.host}:{account.port} cannot be reached: {reason}.")
        yield link, tables[0]
    except TimeoutError:
        raise Unusable(f"Asterisk at {account.host}:{account.port} gives no answer.") from None
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


async def checked(account: Account, site: Site, probes: Sequence[str] = ()) -> Told:
    """Everything that is not as it should be. Raises Unusable where Asterisk cannot be asked at all.

    `probes`: the office's own targets on the internet.
    """
    async with connected(account) as (link, table):
        try:
            version = Told(findings=tuple(await version_findings(link)))
            trunks = await check_watches.told(link, site, site.policy.probe)
            dialplan = (*await _globals(link, site), *await _answers(table, site), *await _places(link, site))
            older = Told(findings=dialplan, hints=tuple(await dialplan_hints(link)))
            return version + trunks + older + await check_internet.told(probes)
        except AmiError as error:
            raise Unusable(f"Asterisk stopped answering during the check: {error}.") from None


async def version_findings(link: AmiLink) -> list[str]:
    """Whether the dialplan can rely on this Asterisk to leave a silent leg."""
    version = (await link.act("CoreSettings")).get("AsteriskVersion", "")
    leaves = leaves_silent_legs(version)
    if leaves:
        return []
    if leaves is None:
        return [f"Whether this Asterisk ({version or 'no version'}) is new enough cannot be told: {_NEEDED}."]
    return [
        f"Asterisk {version} stays on a silent trunk for the whole time to ring, with emergency calls too: {_NEEDED}."
    ]


async def dialplan_hints(link: AmiLink) -> tuple[str, ...]:
    """What an older dialplan lacks, without which calls go their way all the same. The number is not dialled."""
    known = await link.act("Getvar", Variable=f"DIALPLAN_EXISTS({TEST_RING},+49301234567,1)")
    if known.get("Value") != "0":
        return ()
    return ("The dialplan knows no test ring of new numbers: copy extensions_failover.conf again, and reload it.",)


async def _globals(link: AmiLink, site: Site) -> list[str]:
    found = []
    expected = office_values(site) | {"FAILOVER_VERSION": VERSION}
    for name, value in expected.items():
        now = (await link.act("Getvar", Variable=name)).get("Value", "")
        if value and not now:
            found.append(f"The dialplan does not know {name}: is its file included in extensions.conf and reloaded?")
        elif now != value:
            hint = (
                "reload the dialplan" if name == "FAILOVER_VERSION" else "run `failover init` and reload the dialplan"
            )
            found.append(f"{name} in the dialplan is not what failover.toml says: {hint}.")
    return found


async def _answers(table: RouteTable, site: Site) -> list[str]:
    """Whether calls of all kinds get an answer from the dialplan; which one is the running router's concern."""
    asks = [Ask("failover-inbound", number.number, "") for number in site.numbers]
    asks.append(Ask("failover-outbound", site.outside_prefix + site.sample, ""))
    asks += [Ask("failover-outbound", number, "") for number in site.emergency]
    found = []
    for ask, answer in zip(asks, await table.ask(asks, calls=len(asks)), strict=True):
        if answer is None:
            found.append(f"The dialplan has no answer for {ask.extension} in {ask.context}.")
        elif answer.would.startswith("no "):
            place = answer.would.removeprefix("no ").replace("&", ",")
            found.append(f"{ask.extension} would ring {place}, which does not exist in the dialplan.")
    return found


async def _places(link: AmiLink, site: Site) -> list[str]:
    """Of the places in the office's own dialplan: whether calls end there, and whether there are such."""
    found = []
    for number in site.numbers:
        context, extension, _ = number.calls.replace("{did}", number.number).split(",")
        try:
            matching = await link.collect("ShowDialPlan", Context=context, Extension=extension)
        except AmiRefused:  # there is none, which the dialplan's own answer says
            continue
        first = next((item["Context"] for item in matching if item.get("Event") == "ListDialplan"), "")
        if first == "failover-outbound":
            found.append(
                f"{number.number} would ring {context},{extension},1, which only leads out again by an include of "
                "failover-outbound: such calls ring the mobiles. Let `calls` name an extension that rings the phones."
            )
    nobody = site.forwarding.nobody
    if "," in nobody and (await link.act("Getvar", Variable=f"DIALPLAN_EXISTS({nobody})")).get("Value") == "0":
        found.append(f"nobody = {nobody} does not exist in the dialplan: callers hear the announcement instead.")
    return found
