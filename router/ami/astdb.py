"""The route table in AstDB, family `failover`: written under a new prefix, flipped by one key, read back, asked for.

The dialplan is asked by a call that carries FAILOVER_ASK: it takes the way of a real call and reports what it would do.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from router.ami import desk
from router.ami.link import AmiLink
from router.ami.loss import in_words
from router.ami.wire import AmiDown, AmiError, AmiRefused, Message
from router.core.plan import VERSION, Ask, Plan
from router.core.sentence import Sentence, say
from router.core.signals import Applied, Table

log = logging.getLogger(__name__)

FAMILY = "failover"
KEPT_PLANS = 30
"""Old plans that stay readable: a call keeps the plan it began with."""
ANSWER_SECONDS = 1.0
CALLS_AT_ONCE = 4
LONGEST_CHAIN = 12
"""Questions of one call: a line of AMI holds 1022 bytes."""
NO_RECORD = "CDR_PROP(disable)=1"
"""Of our own end of a question; the dialplan sees to its end. An office may record unanswered calls, too."""
LEASE_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Answer:
    """What the dialplan would do, by which plan."""

    plan: str
    would: str


class RouteTable:
    """`writer` is our instance id, which stands in failover/writer while we write."""

    def __init__(self, link: AmiLink, writer: str) -> None:
        self._link = link
        self._writer = writer
        self._asked: dict[str, asyncio.Future[Answer]] = {}

    async def read(self, plan: int | None = None, keys: Sequence[str] = ()) -> Table:
        """The table now, with the entries `keys` of `plan`, or of the current plan. Raises AmiError."""
        heads = ("current", "writer", "lease", "version", "order", "spent")
        (ping,), values, lamp = await asyncio.gather(
            self._link.act_all([("Ping", {})]), self._get(heads), self._get([desk.LAMP_KEY], desk.LAMP_FAMILY)
        )
        if isinstance(ping, AmiError):
            raise ping
        pointer = values["current"] or ""
        current = int(pointer) if pointer.isdecimal() else None
        about = plan if plan is not None else current
        entries = await self._get([f"plan/{about}/{key}" for key in keys]) if about is not None and keys else {}
        lease = values["lease"] or ""
        return Table(
            now=float(ping.get("Timestamp", time.time())),
            current=current,
            writer=values["writer"],
            lease=float(lease) if lease.isdecimal() else None,
            version=values["version"],
            order=values["order"],
            spent=values["spent"],
            lamp=desk.lit(lamp[desk.LAMP_KEY]),
            entries={key.split("/", 2)[2]: value for key, value in entries.items() if value is not None},
        )

    async def renew(self, table: Table) -> None:
        """Vouch for the automatic plan for another while, unless the table names another writer. Raises AmiError."""
        if table.writer == self._writer:
            await self._put({"lease": str(int(table.now) + LEASE_SECONDS)})

    async def take_out(self, fates: Sequence[tuple[str, str]]) -> bool:
        """Desk phones' orders out of failover/order, each with what its phone is told. Raises AmiError.

        The dialplan does it, under the lock by which it writes that key: what is dialled meanwhile stays in. False
        where it gives no answer.
        """
        errands = [(_token(), chain) for chain in desk.chains(fates)]
        originates = [
            _originate("s", "failover-heard", [f"FAILOVER_ASK={token}", NO_RECORD, f"FAILOVER_HEARD={chain}"])
            for token, chain in errands
        ]
        return None not in await self._answers([token for token, _ in errands], originates)

    async def apply(self, plan: Plan) -> Applied:
        """Write, read back, flip, read back, ask. Never raises: what went wrong is in the result."""
        began = time.perf_counter()
        stored, why = False, None
        try:
            stored, why = await self._write(plan)
            if stored:
                why = await self.wrong_answers(plan.id, plan.asks)
        except AmiError as error:
            log.warning("the PBX did not take plan %d: %s", plan.id, error)
            why = say("The PBX did not take it: {error}", error=in_words(str(error)))
        return Applied(plan.id, stored, why is None, why, time.perf_counter() - began)

    async def _write(self, plan: Plan) -> tuple[bool, Sentence | None]:
        prefix = f"plan/{plan.id}/"
        new = {prefix + key: value for key, value in plan.entries.items()}
        clock = self._link.act_all([("Ping", {})])
        (ping,), _, seen = await asyncio.gather(clock, self._put(new), self._get(list(new)))
        if isinstance(ping, AmiError):
            raise ping
        if dict(seen) != new:
            return False, say("The route table could not be written: AstDB gives back something else.")
        heads = {
            "version": VERSION,
            "writer": self._writer,
            "lease": str(int(float(ping.get("Timestamp", time.time()))) + LEASE_SECONDS),
            "current": str(plan.id),
        }
        _, back = await asyncio.gather(self._put(heads), self._get(list(heads)))
        if dict(back) != heads:
            return False, say("The route table could not be switched: AstDB gives back something else.")
        return True, None

    async def forget(self, plan: int) -> None:
        """Take an old plan out of the table, if there is one. Raises AmiError."""
        if plan > 0:
            await self._link.act_all([("DBDelTree", {"Family": FAMILY, "Key": f"plan/{plan}"})])

    async def wrong_answers(self, plan: int, asks: Sequence[Ask]) -> Sentence | None:
        """What the dialplan answers otherwise than `plan` wants it; None where all is right. Raises AmiError."""
        answers = await self.ask(asks)
        for ask, answer in zip(asks, answers, strict=True):
            if answer is None:
                return say("The dialplan does not answer: is extensions_failover.conf included and reloaded?")
            if answer.plan != str(plan):
                return say("The dialplan does not follow the route table: is it of another version than the router?")
            if answer.would != ask.expected:
                return say(
                    "The dialplan would do something else with {number}: {would} instead of {expected}.",
                    number=ask.extension, would=answer.would[:100], expected=ask.expected,
                )  # fmt: skip
        return None

    async def ask(self, asks: Sequence[Ask], calls: int = CALLS_AT_ONCE) -> list[Answer | None]:
        """What the dialplan would do with each call; None where no answer came within a second. Raises AmiError.

        They are spread over `calls` calls at once, or more where a chain would get too long. A call asks its questions
        one after the other; where one gets no answer, those behind it get none either.
        """
        questions = [(_token(), ask) for ask in asks]
        chains = max(calls, -(-len(questions) // LONGEST_CHAIN))
        originates = [_call(chain) for n in range(chains) if (chain := questions[n::chains])]
        return await self._answers([token for token, _ in questions], originates)

    async def _answers(
        self, tokens: Sequence[str], originates: Sequence[tuple[str, dict[str, str | list[str]]]]
    ) -> list[Answer | None]:
        """What the dialplan says to each token within a second. Raises AmiError."""
        loop = asyncio.get_running_loop()
        futures: dict[str, asyncio.Future[Answer]] = {token: loop.create_future() for token in tokens}
        self._asked.update(futures)
        try:
            if originates:
                for answer in await self._link.act_all(originates):
                    if isinstance(answer, AmiDown):
                        raise answer
                with suppress(TimeoutError):
                    async with asyncio.timeout(ANSWER_SECONDS):
                        await asyncio.gather(*futures.values())
            return [f.result() if f.done() and not f.cancelled() else None for f in futures.values()]
        finally:
            for token, future in futures.items():
                self._asked.pop(token, None)
                future.cancel()

    def heard(self, message: Message) -> None:
        """A FailoverAnswer has come."""
        future = self._asked.get(message.get("Ask", ""))
        if future is not None and not future.done():
            future.set_result(Answer(message.get("Plan", ""), message.get("Would", "")))

    async def _put(self, values: Mapping[str, str]) -> None:
        actions = [("DBPut", {"Family": FAMILY, "Key": key, "Val": value}) for key, value in values.items()]
        for answer in await self._link.act_all(actions):
            if isinstance(answer, AmiError):
                raise answer

    async def _get(self, keys: Sequence[str], family: str = FAMILY) -> dict[str, str | None]:
        actions = [("DBGet", {"Family": family, "Key": key}) for key in keys]
        values: dict[str, str | None] = {}
        for key, answer in zip(keys, await self._link.collect_all(actions), strict=True):
            if isinstance(answer, AmiRefused):
                values[key] = None
            elif isinstance(answer, AmiError):
                raise answer
            else:
                values[key] = answer[0].get("Val", "") if answer else None
        return values


def _call(questions: Sequence[tuple[str, Ask]]) -> tuple[str, dict[str, str | list[str]]]:
    """The marker call that asks them all. A context is named without its `failover-` in the chain."""
    (token, first), *others = questions
    chain = "&".join(f"{t}:{ask.context.removeprefix('failover-')}:{ask.extension}" for t, ask in others)
    variables = [f"FAILOVER_ASK={token}", NO_RECORD, *([f"FAILOVER_ASK_NEXT={chain}"] if chain else [])]
    return _originate(first.extension, first.context, variables)


def _originate(extension: str, context: str, variables: list[str]) -> tuple[str, dict[str, str | list[str]]]:
    return "Originate", {
        "Channel": f"Local/{extension}@{context}", "Application": "Wait", "Data": "1", "Async": "true",
        "CallerID": "failover", "Variable": variables,
    }  # fmt: skip


def _token() -> str:
    return f"a{secrets.token_hex(8)}"
