"""The link to Asterisk's manager interface (AMI): supervised, with a deadline on everything, and never replaying.

The only file that knows panoramisk, of which two parts serve as the codec: `Action` writes a message, `Message` reads
one. Its `Manager` and `AMIProtocol` are not used: connecting, logging in, pinging, replaying and cutting the stream are
what they get wrong, and so nothing of them has to be held down.
"""

import asyncio
import contextlib
import logging
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence

import panoramisk.actions
import panoramisk.message

from router.ami.account import Account, Deadlines, LinkState
from router.ami.connection import Connection
from router.ami.pending import Asked
from router.ami.wire import (
    AmiDeadline,
    AmiDown,
    AmiError,
    AmiLoginRefused,
    AmiRefused,
    AmiUnsendable,
    Fields,
    Headers,
    Message,
    check_action,
    redact,
)

__all__ = [
    "Account",
    "AmiDeadline",
    "AmiDown",
    "AmiError",
    "AmiLink",
    "AmiLoginRefused",
    "AmiRefused",
    "AmiUnsendable",
    "Deadlines",
    "LinkState",
    "Message",
]

_ASKS_FOR_SYNC = frozenset({"FullyBooted", "Reload"})

log = logging.getLogger(__name__)


def _without_secrets(record: logging.LogRecord) -> bool:
    record.msg, record.args = redact(record.getMessage()), ()
    return True


for _name in ("panoramisk", "panoramisk.ami_protocol", "panoramisk.manager"):
    logging.getLogger(_name).setLevel(logging.WARNING)  # below that it writes whole actions, secrets included
    logging.getLogger(_name).addFilter(_without_secrets)


class _Parsed(panoramisk.message.Message):  # type: ignore[misc]  # panoramisk has no types
    """What its parser found, kept as it was: its own container takes half of the time, and loses a header `Content`."""

    def __init__(self, headers: Fields, content: str) -> None:
        self.headers = {**headers, "Content": content} if content else headers


class _Panoramisk:
    """panoramisk 1.4 as the codec."""

    def read(self, text: str) -> Message | None:
        parsed = _Parsed.from_line(text)
        return None if parsed is None else Message(parsed.headers)

    def write(self, headers: Headers) -> tuple[str, str]:
        action = panoramisk.actions.Action(headers)
        return str(action.id), str(action)


class AmiLink:
    """The one link of the router to its Asterisk.

    `on_event` gets every event in order of arrival and must not block; what it raises is logged and changes nothing.
    `on_state` gets each new state with the reason in plain words; the same pair is never told twice in a row.
    `on_sync` reads what Asterisk has, by way of this link: after each login, before READY, and again at each
    FullyBooted or Reload. Where it fails, the connection is given up and made anew. Events that
    arrive meanwhile reach `on_event`.
    """

    def __init__(
        self,
        account: Account,
        *,
        on_event: Callable[[Message], None],
        on_state: Callable[[LinkState, str], None],
        on_sync: Callable[[], Awaitable[None]],
        deadlines: Deadlines | None = None,
        rng: Callable[[], float] = random.random,
    ) -> None:
        self.state = LinkState.DOWN
        self.reason = "not started"
        self._account = account
        self._deadlines = deadlines or Deadlines()
        self._on_event = on_event
        self._on_state = on_state
        self._on_sync = on_sync
        self._rng = rng
        self._sent: Counter[str] = Counter()
        self._connection: Connection | None = None  # logged in
        self._booted = asyncio.Event()
        self._stale = asyncio.Event()

    @property
    def version(self) -> str | None:
        """The AMI version Asterisk greeted with, such as "9.0.0"; None while not logged in."""
        return self._connection.framing.version if self._connection else None

    @property
    def sent(self) -> Mapping[str, int]:
        """How many actions were ever sent, by name; logins and the heartbeat's pings are among them."""
        return dict(self._sent)

    async def act(self, action: str, /, *, deadline: float | None = None, **fields: str | Sequence[str]) -> Message:
        """Sends one action and returns its answer. Raises AmiError."""
        [answer] = await self.act_all([(action, fields)], deadline=deadline)
        if isinstance(answer, AmiError):
            raise answer
        return answer

    async def act_all(
        self, actions: Sequence[tuple[str, Fields]], *, deadline: float | None = None
    ) -> list[Message | AmiError]:
        """Sends all actions in one write and returns their answers in the same order, an error in the place of each
        that failed. Raises AmiDown or AmiUnsendable where nothing was sent at all."""
        return [asked.answer.result() for asked in await self._ask(actions, deadline, lists=False)]

    async def collect(
        self, action: str, /, *, deadline: float | None = None, **fields: str | Sequence[str]
    ) -> list[Message]:
        """The items of a list, without its closing event. Raises AmiError: what is returned is the whole list."""
        [items] = await self.collect_all([(action, fields)], deadline=deadline)
        if isinstance(items, AmiError):
            raise items
        return items

    async def collect_all(
        self, actions: Sequence[tuple[str, Fields]], *, deadline: float | None = None
    ) -> list[list[Message] | AmiError]:
        """As `act_all`, for actions that answer with a list."""
        answers = [(asked.items, asked.answer.result()) for asked in await self._ask(actions, deadline, lists=True)]
        return [answer if isinstance(answer, AmiError) else items for items, answer in answers]

    async def _ask(self, actions: Sequence[tuple[str, Fields]], deadline: float | None, *, lists: bool) -> list[Asked]:
        checked = [check_action(action, fields) for action, fields in actions]
        if self._connection is None:
            raise AmiDown(f"no connection to Asterisk: {self.reason}")
        return await self._connection.ask(checked, deadline or self._deadlines.action, lists=lists)

    async def run(self) -> None:
        """Keeps the link up for ever. Cancel it to stop: no task, socket or timer stays behind."""
        clock = asyncio.get_running_loop().time
        failures = 0
        self._report(LinkState.CONNECTING, f"connecting to {self._account.host}:{self._account.port}")
        try:
            while True:
                began = clock()
                state, reason = await self._one_connection()
                if clock() - began > self._deadlines.backoff_most:
                    failures = 0
                self._report(state, reason)
                await asyncio.sleep(self._pause(state, failures))
                failures += 1
        finally:
            self._report(LinkState.DOWN, "stopped")

    def _pause(self, state: LinkState, failures: int) -> float:
        if state is LinkState.REFUSED:
            return self._deadlines.refused * (1 + self._rng() / 10)
        longest = min(self._deadlines.backoff_most, self._deadlines.backoff_first * 2.0 ** min(failures, 30))
        return longest * (1 + self._rng()) / 2

    async def _one_connection(self) -> tuple[LinkState, str]:
        """From the first packet to the loss; returns how it ended."""
        connection: Connection | None = None
        self._booted.clear()
        try:
            connection = await Connection.open(
                self._account, _Panoramisk(), self._event, self._sent, self._deadlines.connect
            )
            await self._log_in(connection)
            self._connection = connection
            self._report(LinkState.SYNCING, "logged in, reading what Asterisk has")
            await self._until_lost(connection)
        except AmiLoginRefused as error:
            return LinkState.REFUSED, str(error)
        except AmiError as error:
            return LinkState.DOWN, str(error)
        except Exception as error:
            log.exception("the AMI link met a fault of its own")
            return LinkState.DOWN, f"fault in the router: {type(error).__name__}"
        finally:
            self._connection = None
            if connection is not None:
                await connection.close("closed by the router")
        return LinkState.DOWN, connection.reason or "connection lost"

    async def _log_in(self, connection: Connection) -> None:
        account = self._account
        login = check_action("Login", {"Username": account.username, "Secret": account.secret, "Events": "on"})
        [asked] = await connection.ask([login], self._deadlines.login)
        answer = asked.answer.result()
        if isinstance(answer, AmiRefused):
            raise AmiLoginRefused(f"login refused by Asterisk: {answer.message}")
        if isinstance(answer, AmiError):
            raise answer if connection.reason is None else AmiDown(f"during the login: {connection.reason}")

    async def _until_lost(self, connection: Connection) -> None:
        """Returns when the connection is lost, whoever ended it: Asterisk, the heartbeat, or a reading that failed."""
        tasks = [asyncio.create_task(self._heartbeat(connection)), asyncio.create_task(self._keep_in_sync(connection))]
        try:
            await connection.lost
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _heartbeat(self, connection: Connection) -> None:
        while connection.reason is None:
            await asyncio.sleep(self._deadlines.ping_every)
            try:
                [asked] = await connection.ask([check_action("Ping")], self._deadlines.ping)
            except AmiDown as error:
                connection.fail(str(error))
            else:
                if isinstance(asked.answer.result(), AmiDeadline):
                    connection.fail(f"no answer to the heartbeat for {self._deadlines.ping:g} s")

    async def _keep_in_sync(self, connection: Connection) -> None:
        with contextlib.suppress(
            TimeoutError
        ):  # not booted, or no right to know: FullyBooted then asks for another reading
            async with asyncio.timeout(self._deadlines.booted_grace):
                await self._booted.wait()
        try:
            while True:
                self._stale.clear()
                async with asyncio.timeout(self._deadlines.sync):
                    await self._on_sync()
                if not self._stale.is_set():
                    self._report(LinkState.READY, "connected")
                    await self._stale.wait()
        except AmiError as error:
            connection.fail(f"could not read what Asterisk has: {error}")
        except TimeoutError:
            connection.fail(f"could not read what Asterisk has within {self._deadlines.sync:g} s")
        except Exception as error:
            log.exception("reading what Asterisk has met a fault of the router")
            connection.fail(f"fault in the router: {type(error).__name__}")

    def _event(self, message: Message) -> None:
        name = message["Event"]
        if name == "FullyBooted":
            self._booted.set()
        if name in _ASKS_FOR_SYNC:
            self._stale.set()
        self._on_event(message)

    def _report(self, state: LinkState, reason: str) -> None:
        if (state, reason) == (self.state, self.reason):
            return
        self.state, self.reason = state, reason
        try:
            self._on_state(state, reason)
        except Exception:
            log.exception("the new state of the AMI link could not be told: %s", state.value)
