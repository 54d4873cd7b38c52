"""`failover init` where there is no failover.toml yet: asks the PBX what it has, and writes one to be completed.

Nobody but the office knows its published numbers and its people; where they are not told, their places stay marked.
"""

from __future__ import annotations

import configparser
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from router.ami import translate
from router.ami.link import Account, AmiLink
from router.ami.wire import AmiError
from router.check import Unusable, connected
from router.core.site import TrunkSite, WatchKind

FILL_IN = "FILL IN"
_TRUNK_CONTEXTS = frozenset({"failover-inbound", "from-trunk", "from-pstn", "from-external", "from-carrier"})
_PHONE_CONTEXTS = frozenset({"failover-outbound", "from-internal", "office"})  # the last as in asterisk/README.md


@dataclass(frozen=True, slots=True)
class Found:
    """What the PBX has: endpoints that look like trunks, those that register first, and those that look like phones."""

    trunks: tuple[str, ...]
    phones: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """What only the office knows, as people write it; FILL IN where it was not told."""

    office: str = FILL_IN
    number: str = FILL_IN
    person: str = FILL_IN
    mobile: str = FILL_IN


def account_in(asterisk_dir: Path, environ: Mapping[str, str]) -> Account:
    """The AMI account [failover] as manager.conf or a file beside it has it; the environment wins. Raises Unusable."""
    secret = environ.get("FAILOVER_ASTERISK__SECRET", "")
    for path in sorted(asterisk_dir.glob("manager*.conf")) + sorted(asterisk_dir.glob("manager.d/*.conf")):
        secret = secret or _secret_in(path)
    if not secret:
        raise Unusable(
            f"There is no AMI account [failover] with a secret in {asterisk_dir}/manager.conf: "
            "asterisk/README.md shows the lines to add; or give FAILOVER_ASTERISK__SECRET."
        )
    port = environ.get("FAILOVER_ASTERISK__PORT", "5038")
    return Account(
        environ.get("FAILOVER_ASTERISK__HOST", "127.0.0.1"), int(port) if port.isdecimal() else 5038,
        environ.get("FAILOVER_ASTERISK__USERNAME", "failover"), secret,
    )  # fmt: skip


def _secret_in(path: Path) -> str:
    parser = configparser.RawConfigParser(strict=False, allow_no_value=True, inline_comment_prefixes=(";",))
    try:
        parser.read_string(re.sub(r"(?m)^#.*$", "", path.read_text(errors="replace")).replace("=>", "="))
        return parser.get("failover", "secret", fallback="") or ""
    except (OSError, configparser.Error):
        return ""


async def found(account: Account) -> Found:
    """Raises Unusable where Asterisk cannot be asked."""
    async with connected(account) as (link, _):
        try:
            return await _found(link)
        except AmiError as error:
            raise Unusable(f"Asterisk did not say what it has: {error}.") from None


async def _found(link: AmiLink) -> Found:
    listed = await link.collect("PJSIPShowEndpoints")
    names = [item.get("ObjectName", "") for item in listed if item.get("Event") == "EndpointList"]
    usable = [name for name in names if re.fullmatch(r"[A-Za-z0-9_-]{1,40}", name)]
    details = await link.collect_all([("PJSIPShowEndpoint", {"Endpoint": name}) for name in usable])
    contexts: dict[str, str] = {}
    for name, items in zip(usable, details, strict=True):
        if not isinstance(items, AmiError):
            contexts[name] = next((i.get("Context", "") for i in items if i.get("Event") == "EndpointDetail"), "")
    sites = [TrunkSite(name, name, WatchKind.PJSIP, name, "") for name in usable]
    registering, _ = translate.registrations(await link.collect("PJSIPShowRegistrationsOutbound"), sites)
    others = [n for n in usable if n not in registering and contexts.get(n) in _TRUNK_CONTEXTS]
    phones = [n for n in usable if n not in registering and contexts.get(n) in _PHONE_CONTEXTS]
    return Found((*(n for n in usable if n in registering), *others), tuple(phones))


def toml_text(seen: Found, told: Told, account: Account) -> str:
    """The file. It is complete where everything was told and the PBX has a trunk."""
    identity = re.sub(r"[^a-z0-9]+", "-", told.office.lower()).strip("-")[:40] or "office"
    trunks = seen.trunks or (FILL_IN,)
    lines = [
        "# Written by `failover init` from what the PBX said. docs/failover.example.toml explains every key.",
        "", "[office]", f"id = {_quoted(identity)}", f"name = {_quoted(told.office)}",
        "", "[asterisk]", f"host = {_quoted(account.host)}", f"port = {account.port}",
        f"username = {_quoted(account.username)}", f"secret = {_quoted(account.secret)}",
    ]  # fmt: skip
    for trunk in trunks:
        lines += ["", "[[trunks]]", f"name = {_quoted(trunk)}", f"watch = {_quoted(f'pjsip:{trunk}')}"]
    phones = ", ".join(_quoted(f"PJSIP/{phone}") for phone in seen.phones)
    lines += [
        "", "[[numbers]]", f"number = {_quoted(told.number)}", f"trunk = {_quoted(trunks[0])}",
        'calls = "office-phones,{did},1"  # context,extension,priority where calls go on a normal day: check it',
        f"phones = [{phones}]",
        "", "[[people]]", f"name = {_quoted(told.person)}", f"numbers = [{_quoted(told.mobile)}]", "",
    ]  # fmt: skip
    return "\n".join(lines)


def _quoted(text: str) -> str:
    """A TOML basic string (TOML 1.0): JSON's escapes are a subset of its own."""
    return json.dumps(text, ensure_ascii=False)
