"""The hands on the PBX: performs the core's effects over AMI, and posts what Asterisk says as inputs."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import replace

from router.ami import desk, translate, trial, unprobed
from router.ami.astdb import KEPT_PLANS, RouteTable
from router.ami.legs import Named, is_leg, leg
from router.ami.link import Account, AmiError, AmiLink, AmiRefused, Deadlines, LinkState, Message
from router.ami.loss import in_words
from router.ami.ring import CallRing
from router.ami.translate import Names
from router.core import evidence as seen
from router.core.effects import (
    ApplyPlan,
    ClearCall,
    ClearOrder,
    Effect,
    MoveOn,
    Probe,
    Reregister,
    RingOnce,
    SetLamp,
    Survey,
)
from router.core.evidence import Sight
from router.core.sentence import say
from router.core.signals import Applied, CallWentThrough, Connected, Disconnected, Input, LegMoved, Probed, Surveyed
from router.core.site import Site, WatchKind
from router.ports import Post

log = logging.getLogger(__name__)

_HEEDED = (
    "^Event: (ContactStatus|Registry|UserEvent|Dial(Begin|State|End)|Hangup|FullyBooted|Reload|Shutdown)[[:cntrl:]]"
)
_FORGED = "![[:cntrl:]]{4}[^[:cntrl:]]"
"""Asterisk writes a caller's number and the extension called into its events as SIP delivers them, escaped line breaks
unescaped: a blank line and more text within one event is a second event of the caller's own making."""

_SPEAKS = ("Ringing", "Up")
_NETWORK_OUT_OF_ORDER = "38"
"""The cause (Q.850) with which Dial() returns CHANUNAVAIL, after which the dialplan goes on to the next trunk."""


class Pbx:
    """One Asterisk. `run` keeps the link up; `perform` starts an effect and never waits for it."""

    def __init__(
        self, account: Account, site: Site, writer: str, post: Post, deadlines: Deadlines | None = None
    ) -> None:
        self._site = site
        self._post = post
        self._names = Names.of(site)
        self._link = AmiLink(
            account, on_event=self._event, on_state=self._state, on_sync=self._sync, deadlines=deadlines
        )
        self._table = RouteTable(self._link, writer)
        self._ring = CallRing(self._link, post)
        self._trial = trial.TrialRing(self._link, post)
        self._named = Named()
        self._keys = (*(number.number for number in site.numbers), "out", "trunks", "numbers", "orders", "phones")
        self._plan: ApplyPlan | None = None
        self._writing: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._held_back: list[Input] | None = None

    async def run(self) -> None:
        """Until cancelled; then no task and no socket stays behind."""
        try:
            await self._link.run()
        finally:
            for task in tuple(self._tasks):
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def perform(self, effect: Effect) -> None:
        match effect:
            case ApplyPlan():
                self._plan = effect
                if self._writing is None or self._writing.done():
                    self._writing = self._start(self._write())
            case Probe():
                self._start(self._probe(effect))
            case Survey():
                self._start(self._survey(effect))
            case Reregister():
                self._start(self._reregister(effect))
            case MoveOn():
                self._start(self._move_on(effect))
            case ClearOrder():
                self._start(self._clear(effect))
            case SetLamp():
                self._start(desk.light(self._link, effect.lit))
            case ClearCall():
                self._start(self._ring.clear(effect.slot, effect.id))
            case RingOnce():
                self._start(self._trial.ring(effect))
            case _:
                pass

    def _start(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("an effect on the PBX failed by a fault of the router", exc_info=error)

    def _state(self, state: LinkState, reason: str) -> None:
        log.log(logging.WARNING if state in (LinkState.REFUSED, LinkState.DOWN) else logging.INFO, "AMI: %s", reason)
        if state is LinkState.REFUSED:
            self._post(Disconnected(say("Asterisk refuses our AMI login: user name or secret is wrong."), refused=True))
        elif state is LinkState.DOWN:
            self._post(Disconnected(say("We do not see the PBX: {reason}", reason=in_words(reason))))

    def _event(self, message: Message) -> None:
        if message.get("UserEvent") == "FailoverAnswer":
            return self._table.heard(message)
        if message.get("UserEvent") == "FailoverOrder" or unprobed.is_news(message, self._names):
            self._start(self._survey(Survey(None, renew=False)))
        if message.get("UserEvent") == "FailoverName":
            return self._named.told(message)
        if message.get("UserEvent") == trial.EVENT:
            return self._trial.heard(message)
        names = self._names
        said_of_trunk = translate.signal(message, names)
        if isinstance(said_of_trunk, CallWentThrough):
            said_of_trunk = self._named.add(said_of_trunk, message)
        for said in (leg(message, names), said_of_trunk, unprobed.said(message, names)):
            if said is not None:
                (self._post if self._held_back is None else self._held_back.append)(said)
        return None

    async def _sync(self) -> None:
        """List first, then watch: events of the meantime are handed on after the listing, in order."""
        self._held_back = []
        try:
            await self._listen_to_little()
            self._held_back.clear()  # unfiltered, and the listing tells the truth of them
            settings = await self._link.act("CoreSettings")
            sights = await self._sights()
            phones = await unprobed.device_states(self._link, self._site.phones)
            table = await self._table.read(keys=self._keys)
            version = settings.get("AsteriskVersion", "").partition("+")[0].partition("~")[0]
            self._post(Connected(version, sights, table, phones))
            for said in self._held_back:
                self._post(said)
            self._start(self._ring.tell(away=True))
        finally:
            self._held_back = None

    async def _listen_to_little(self) -> None:
        """A busy PBX sends thousands of events a second, of which ten kinds matter here, and forged ones do not.

        Where Asterisk will not filter them, they are read and left out.
        """
        for together in ((_HEEDED, *unprobed.filters(self._site)), (_FORGED,)):
            with suppress(AmiRefused):  # and no further: the second alone would shut out what the first lets in
                for wanted in together:
                    await self._link.act("Filter", Operation="Add", Filter=wanted)

    async def _sights(self) -> dict[str, Sight]:
        registered = await self._registrations()
        watched = [trunk for trunk in self._site.trunks if trunk.watch is WatchKind.PJSIP]
        details = await self._link.collect_all([("PJSIPShowEndpoint", {"Endpoint": trunk.peer}) for trunk in watched])
        sights = {trunk.name: Sight() for trunk in self._site.trunks} | registered
        sights |= await unprobed.sights(self._link, self._site)
        for trunk, items in zip(watched, details, strict=True):
            if not isinstance(items, AmiError):
                contact = translate.contact_sight(items)
                sights[trunk.name] = replace(
                    sights[trunk.name], contact=contact.contact, rtt_us=contact.rtt_us, peer=contact.peer
                )
        return sights

    async def _registrations(self) -> dict[str, Sight]:
        if not self._names.endpoints:
            return {}
        items = await self._link.collect("PJSIPShowRegistrationsOutbound")
        sights, names = translate.registrations(items, self._site.trunks)
        self._names = replace(self._names, registrations=names)
        return sights

    async def _write(self) -> None:
        """Plans one after the other; of several that wait, only the last counts."""
        while (effect := self._plan) is not None:
            self._plan = None
            try:
                result = await self._table.apply(effect.plan)
            except Exception as error:
                self._post(
                    Applied(effect.plan.id, False, False, say("The router failed: {error}", error=type(error).__name__))
                )
                raise
            self._post(result)
            with suppress(AmiError):
                await self._table.forget(effect.plan.id - KEPT_PLANS)

    async def _probe(self, effect: Probe) -> None:
        """One OPTIONS; the answer shows as a changed round trip time, long before qualify_timeout.

        Without a contact Asterisk would send nothing, and say that it will: then it is only listed.
        """
        peer = self._site.trunk(effect.trunk).peer
        sent = time.monotonic()
        try:
            before = translate.contact_sight(await self._link.collect("PJSIPShowEndpoint", Endpoint=peer))
            sent = time.monotonic()
            answered, sight = False, before
            if not seen.is_absent(before.contact):
                await self._link.act("PJSIPQualify", Endpoint=peer)
                answered, sight = await self._answer(peer, before, sent + effect.patience)
        except AmiError:
            answered, sight = False, None
        except Exception:
            self._post(Probed(effect.trunk, sent, False, None))
            raise
        self._post(Probed(effect.trunk, sent, answered, sight))

    async def _answer(self, peer: str, before: Sight, until: float) -> tuple[bool, Sight]:
        """Look again soon, then later and later, until the round trip time has changed or patience ends."""
        pause = 0.02
        while True:
            await asyncio.sleep(min(pause, max(0.0, until - time.monotonic())))
            pause *= 2
            sight = translate.contact_sight(await self._link.collect("PJSIPShowEndpoint", Endpoint=peer))
            if sight.contact == seen.REACHABLE and sight.rtt_us not in (None, before.rtt_us):
                return True, sight
            if time.monotonic() >= until:
                return False, sight

    async def _survey(self, effect: Survey) -> None:
        try:
            sights = await self._registrations() | await unprobed.sights(self._link, self._site)
            phones = await unprobed.device_states(self._link, self._site.phones)
            table = await self._table.read(effect.current, self._keys)
            self._post(Surveyed(sights, table, effect.current, phones))
            await unprobed.ask(self._link, effect.phones)
            if effect.renew:
                self._start(self._ring.tell(away=False))
                await self._table.renew(table)
            if effect.current is not None and (why := await self._table.wrong_answers(effect.current, effect.asks)):
                self._post(Applied(effect.current, True, False, why))
        except AmiError as error:
            log.info("the survey found no answer: %s", error)
            self._post(Surveyed({}, None, None))

    async def _reregister(self, effect: Reregister) -> None:
        """PJSIPRegister unregisters first: so it is listed once more, whether there is anything to revive."""
        try:
            items = await self._link.collect("PJSIPShowRegistrationsOutbound")
            for name in translate.given_up(items, self._site.trunk(effect.trunk)):
                await self._link.act("PJSIPRegister", Registration=name)
        except AmiError as error:
            log.info("%s was not made to register anew: %s", effect.trunk, error)

    async def _move_on(self, effect: MoveOn) -> None:
        done = False
        try:
            if is_leg(effect.channel, effect.trunk, self._names) and not await self._speaks(effect.channel):
                await self._link.act("Hangup", Channel=effect.channel, Cause=_NETWORK_OUT_OF_ORDER)
                done = True
        except AmiError as error:
            log.info("a silent leg was not moved on: %s", error)
        finally:
            self._post(LegMoved(effect.channel, effect.trunk, effect.silence, done))

    async def _speaks(self, channel: str) -> bool:
        """Asterisk knows better than its events: 181 and 182 raise none, and others may just be on their way."""
        state, keys = await self._link.act_all(
            [("Getvar", {"Channel": channel, "Variable": what}) for what in ("CHANNEL(state)", "HANGUPCAUSE_KEYS()")]
        )
        if isinstance(state, AmiError):
            raise state
        if state.get("Value") in _SPEAKS:
            return True
        if isinstance(keys, AmiError) or channel not in keys.get("Value", "").split(","):
            return False
        answer = await self._link.act("Getvar", Channel=channel, Variable=f"HANGUPCAUSE({channel},tech)")
        return answer.get("Value", "").startswith("SIP 18")

    async def _clear(self, effect: ClearOrder) -> None:
        try:
            if not await self._table.take_out(effect.fates):
                log.warning("the dialplan does not take desk phones' orders out: is it older than the router?")
        except AmiError as error:
            log.info("the desk phones' orders stay in the table for now: %s", error)
