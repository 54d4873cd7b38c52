"""The part of `failover check` that is about trunks and phones: how far each watch goes, and what keeps it from more.

Settings are read from AMI as Asterisk lists them; what it does not list (an IAX2 peer's pace) is said to be unseen.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from router.ami import translate, unprobed
from router.ami.link import AmiError, AmiLink, Message
from router.core import evidence as seen
from router.core import held
from router.core.evidence import Sight
from router.core.registration import REGISTERED, SIP_TIMER_F
from router.core.site import Site, TrunkSite, WatchKind

LONGEST_QUALIFY = 60
LONGEST_OUTAGE = 86_400
"""Seconds that a registration must go on being tried for: outages of ten hours happen."""
_PACE = (
    "once a minute as it comes, and up to 22 s for an answer; qualifyfreqok = 10000 in iax.conf shows silence in 19 s"
)


@dataclass(frozen=True, slots=True)
class Told:
    """`watches`: how far each watch goes. `findings` must be mended; `hints` may suit this office, or not."""

    watches: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()

    def __add__(self, more: Told) -> Told:
        return Told(self.watches + more.watches, self.findings + more.findings, self.hints + more.hints)


async def told(link: AmiLink, site: Site, probe_seconds: float) -> Told:
    """All trunks, then all phones. Raises AmiError."""
    pjsip = [trunk for trunk in site.trunks if trunk.watch is WatchKind.PJSIP]
    items = await link.collect("PJSIPShowRegistrationsOutbound") if pjsip else []
    registered, names = translate.registrations(items, site.trunks)
    settings = {names.get((item.get("ClientUri", ""), item.get("ServerUri", ""))): item for item in items}
    others = await unprobed.sights(link, site)
    all_told = Told()
    for trunk in site.trunks:
        match trunk.watch:
            case WatchKind.PJSIP:
                [details] = await link.collect_all([("PJSIPShowEndpoint", {"Endpoint": trunk.peer})])
                sight = registered.get(trunk.name, Sight())
                all_told += _pjsip(trunk, details, sight, settings.get(trunk.name), probe_seconds)
            case WatchKind.IAX2:
                all_told += _iax2(trunk, others.get(trunk.name, Sight()))
            case WatchKind.DEVICE:
                all_told += _device(trunk, others.get(trunk.name, Sight()))
            case _:
                all_told += Told(findings=(
                    f"Trunk {trunk.name} is not watched (watch = none): only failed calls will show that it is down.",
                ))  # fmt: skip
    return all_told + await _phones(link, site)


def _pjsip(
    trunk: TrunkSite, details: list[Message] | AmiError, registered: Sight, settings: Message | None, probe: float
) -> Told:
    if isinstance(details, AmiError):
        return Told(findings=(f"Asterisk knows no PJSIP endpoint {trunk.peer} (trunk {trunk.name}).",))
    sight = translate.contact_sight(details)
    found = []
    if sight.contact == seen.NOT_QUALIFIED:
        found.append(
            f"Trunk {trunk.name}: qualify is off. Set qualify_frequency to {LONGEST_QUALIFY} or less in its AOR, "
            "or the router cannot probe it."
        )
    elif sight.contact in (seen.UNREACHABLE, seen.NO_CONTACT):
        found.append(f"Trunk {trunk.name} does not answer just now (contact {sight.contact}).")
    if registered.registration not in (None, REGISTERED):
        found.append(f"Trunk {trunk.name} is not registered just now ({registered.registration}).")
    found += (
        f"Trunk {trunk.name}: qualify_frequency is {frequency} s; above {LONGEST_QUALIFY} s calls stay away "
        f"from it too long once the router is dead. Set it to {LONGEST_QUALIFY} or less in its AOR."
        for frequency in _frequencies(details)
        if frequency > LONGEST_QUALIFY
    )
    found += _gives_up(trunk, settings) if settings else ()
    how = f"probed by the router every {probe:g} s" if sight.contact != seen.NOT_QUALIFIED else "not probed"
    register = "its registration and its calls count, too" if settings else "it does not register; its calls count, too"
    return Told((f"Trunk {trunk.name}: {how}; {register}.",), tuple(found), tuple(_takes_any_answer(trunk, details)))


def _frequencies(details: Iterable[Message]) -> Iterator[int]:
    for item in details:
        frequency = item.get("QualifyFrequency", "")
        if item.get("Event") == "AorDetail" and frequency.isdecimal():
            yield int(frequency)


def _gives_up(trunk: TrunkSite, settings: Message) -> Iterator[str]:
    """After what Asterisk would register no more, until somebody makes it."""
    retries, interval = _number(settings, "MaxRetries"), _number(settings, "RetryInterval")
    if retries is not None and interval is not None and (tried := retries * (interval + SIP_TIMER_F)) < LONGEST_OUTAGE:
        yield (
            f"Trunk {trunk.name}: max_retries is {retries}: after {tried / 60:.0f} minutes without an answer Asterisk "
            "stops registering for ever. Set max_retries = 100000 in its registration."
        )
    for name, header, after in (
        ("forbidden_retry_interval", "ForbiddenRetryInterval", "403"),
        ("fatal_retry_interval", "FatalRetryInterval", "404 or the like"),
    ):
        if _number(settings, header) == 0:
            yield (
                f"Trunk {trunk.name}: {name} is 0: after a single {after} Asterisk stops registering for ever. "
                f"Set {name} = 60 in its registration."
            )


def _takes_any_answer(trunk: TrunkSite, details: Iterable[Message]) -> Iterator[str]:
    if any(item.get("Event") == "AorDetail" and item.get("Qualify2xxOnly") == "false" for item in details):
        yield (
            f"Trunk {trunk.name}: qualify_2xx_only is off: a 503 to a probe counts as alive. If the carrier answers "
            "OPTIONS with 200, set qualify_2xx_only = yes in its AOR; many answer 404 or 405, and would count as dead."
        )


def _iax2(trunk: TrunkSite, sight: Sight) -> Told:
    if sight.contact == held.INVALID:
        return Told(findings=(f"Asterisk knows no IAX2 peer {trunk.peer} (trunk {trunk.name}).",))
    found = []
    if sight.contact == held.UNMONITORED:
        found.append(
            f"Trunk {trunk.name}: qualify is off. Set qualify = yes and qualifyfreqok = 10000 for {trunk.peer} in "
            "iax.conf, or only failed calls will show that it is down."
        )
    elif not seen.is_reachable(sight.contact):
        found.append(f"Trunk {trunk.name} does not answer just now ({sight.contact}).")
    if sight.registration not in (None, REGISTERED):
        found.append(f"Trunk {trunk.name} is not registered just now ({sight.registration}).")
    how = "not probed" if sight.contact == held.UNMONITORED else f"Asterisk's own qualify alone ({_PACE})"
    register = "its calls count, too" if sight.registration is None else "its registration and its calls count, too"
    return Told((f"Trunk {trunk.name}: {how}; {register}.",), tuple(found))


def _device(trunk: TrunkSite, sight: Sight) -> Told:
    watch = (
        f"Trunk {trunk.name}: what the driver of {trunk.peer} tells Asterisk, {sight.contact or 'nothing'} just now; "
        "whether the far end answers only calls will show."
    )
    if sight.contact in (None, held.INVALID):
        return Told(findings=(f"Asterisk knows no device {trunk.peer} (trunk {trunk.name}): is its module loaded?",))
    if sight.contact == "UNKNOWN":
        return Told((watch,), (
            f"Trunk {trunk.name}: Asterisk cannot tell the state of {trunk.peer}: only failed calls will show a fault.",
        ))  # fmt: skip
    if not seen.is_reachable(sight.contact):
        return Told((watch,), (f"Trunk {trunk.name} is unavailable just now ({sight.contact}).",))
    return Told((watch,))


async def _phones(link: AmiLink, site: Site) -> Told:
    states = await unprobed.device_states(link, site.phones)
    endpoints = [phone for phone in site.phones if phone.startswith("PJSIP/")]
    listed = await link.collect_all(
        [("PJSIPShowEndpoint", {"Endpoint": phone.partition("/")[2]}) for phone in endpoints]
    )  # fmt: skip
    details = dict(zip(endpoints, listed, strict=True))
    found = [text for phone in site.phones for text in _phone(phone, states.get(phone), details.get(phone))]
    watches = [f"Phones behind {n.number}: {', '.join(n.phones)}." for n in site.numbers if n.phones]
    return Told(tuple(watches), tuple(found))


def _phone(phone: str, state: str | None, details: list[Message] | AmiError | None) -> Iterator[str]:
    if state in (None, held.INVALID):
        yield f"Asterisk knows no phone {phone}: it counts neither as there nor as gone."
        return
    if state == "UNKNOWN":
        yield f"Asterisk cannot tell whether phone {phone} can be reached: it counts as there, so calls stay."
    elif state == "UNAVAILABLE":
        yield f"Phone {phone} cannot be reached just now."
    for frequency in _frequencies(details) if isinstance(details, list) else ():
        if frequency == 0:
            yield (
                f"Phone {phone}: qualify is off: Asterisk holds it for there until its registration runs out. "
                f"Set qualify_frequency to {LONGEST_QUALIFY} or less in its AOR."
            )
        elif frequency > LONGEST_QUALIFY:
            yield (
                f"Phone {phone}: qualify_frequency is {frequency} s: that it is gone shows as late. "
                f"Set it to {LONGEST_QUALIFY} or less in its AOR."
            )


def _number(item: Message, name: str) -> int | None:
    text = item.get(name, "")
    return int(text) if text.isdecimal() else None
