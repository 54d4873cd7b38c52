"""The settings file, failover.toml: read, checked as a whole, frozen.

    settings = load(Path("/etc/failover/failover.toml"))

`load` either returns settings that fit together, or raises BadSettings with everything that is wrong, one line each.
The environment wins over the file: FAILOVER_ASTERISK__SECRET for [asterisk] secret, and so on for every section that
stands once; what stands as a list of tables ([[trunks]], [[numbers]], [[people]]) comes from the file only.
"""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final

import phonenumbers
from pydantic import Field, ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, EnvSettingsSource

from router.settings.calls import Forwarding, Person, Policy, PublishedNumber, Trunk
from router.settings.checks import did_you_mean, one_line
from router.settings.panel import Oidc, Panel
from router.settings.problems import BadSettings, lines
from router.settings.references import references
from router.settings.sections import Asterisk, Database, Duty, Hours, Internet, Listed, Office, Section

__all__ = [
    "Asterisk",
    "BadSettings",
    "Database",
    "Duty",
    "Forwarding",
    "Hours",
    "Internet",
    "Office",
    "Oidc",
    "Panel",
    "Person",
    "Policy",
    "PublishedNumber",
    "Settings",
    "Trunk",
    "load",
]

_PREFIX: Final = "FAILOVER_"
_NESTED: Final = "__"
_LISTS: Final = ("trunks", "numbers", "people")


class Settings(Section):
    """The whole file. People and their order seed the database once; from then on the database is the truth."""

    office: Office
    """Whose calls these are."""
    hours: Hours
    """When somebody is in the office."""
    duty: Duty
    """Who is on duty when, where that stands in a calendar."""
    asterisk: Asterisk
    """The PBX, and the account on it."""
    trunks: Annotated[tuple[Trunk, ...], Listed, Field(min_length=1)]
    """In order of preference for outbound calls; at least one."""
    numbers: Annotated[tuple[PublishedNumber, ...], Listed, Field(min_length=1)]
    """The published numbers; at least one."""
    people: Annotated[tuple[Person, ...], Listed, Field(min_length=1)]
    """The mobile fallback; at least one."""
    forwarding: Forwarding
    """How a call finds one of them."""
    policy: Policy
    """When a trunk counts as down and as up."""
    internet: Internet
    """What else is asked before a carrier is blamed."""
    panel: Panel
    """The page for staff."""
    oidc: Oidc
    """Who else vouches for users."""
    database: Database
    """Where the router keeps what it must remember."""

    def secret(self) -> str:
        """The secret of the AMI account, whether it stood in the file, in secret_file or in the environment."""
        return self.asterisk.secret.get_secret_value()


def load(path: Path, environ: Mapping[str, str] | None = None) -> Settings:
    """The settings in `path`, overridden by `environ` (None: that of this process); raises BadSettings."""
    environ = os.environ if environ is None else environ
    document = _document(path)
    overrides, origins, problems = _environment(environ)
    raw = _merged(document, overrides)
    country = _country(raw)
    settings = None
    try:
        settings = Settings.model_validate(raw, context={"country": country, "folder": path.parent})
    except ValidationError as error:
        problems += lines(error.errors(include_url=False), Settings, origins)
    problems += references(raw, country, _allowed_prefixes(raw))
    if problems or settings is None:  # raised here, not above: a traceback must not lead to pydantic's, which quotes
        raise BadSettings(list(dict.fromkeys(problems)))
    return settings


def _document(path: Path) -> dict[str, Any]:
    name = one_line(str(path))
    try:
        return tomllib.loads(path.read_bytes().decode())
    except FileNotFoundError:
        problem = "the settings file does not exist"
    except OSError as error:
        problem = f"cannot be read: {(error.strerror or 'unknown reason').lower()}"
    except UnicodeDecodeError as error:
        problem = f"is no UTF-8 text (byte {error.start + 1})"
    except tomllib.TOMLDecodeError as error:
        problem = f"is no TOML: {one_line(str(error))}"
    except (ValueError, RecursionError):  # a number of thousands of digits, brackets nested as deep; a NUL in the path
        problem = "is no TOML that can be read"
    raise BadSettings([f"{name}: {problem}"])


class _Overrides(Settings, BaseSettings):  # type: ignore[misc]
    """The shape by which pydantic-settings reads the environment; never made."""


class _Environment(EnvSettingsSource):
    """The environment it is given instead of the process's; what it cannot read stays text, for the model to refuse."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        super().__init__(
            _Overrides, case_sensitive=False, env_prefix=_PREFIX, env_nested_delimiter=_NESTED, env_ignore_empty=True
        )

    def _load_env_vars(self) -> Mapping[str, str | None]:
        return {name.lower(): value for name, value in self._environ.items() if value}

    def decode_complex_value(self, field_name: str, field: FieldInfo, value: Any) -> Any:
        try:
            return super().decode_complex_value(field_name, field, value)
        except ValueError:
            return value


def _environment(environ: Mapping[str, str]) -> tuple[dict[str, Any], dict[tuple[str, str], str], list[str]]:
    """What the environment overrides by section, where each (section, key) came from, and what names no section.

    FAILOVER_CONFIG and other names without a section in them are not for the settings.
    """
    mine: dict[str, str] = {}
    origins: dict[tuple[str, str], str] = {}
    problems: list[str] = []
    once = [name for name in Settings.model_fields if name not in _LISTS]
    for name, value in environ.items():
        section, nested, key = name.lower().removeprefix(_PREFIX.lower()).partition(_NESTED)
        if not name.upper().startswith(_PREFIX) or not nested:
            continue
        if section in once and key and _NESTED not in key:
            mine[name], origins[section, key] = value, name
        elif section in _LISTS:
            problems.append(f"{one_line(name)}: [[{section}]] stand in the file only")
        else:
            problems.append(f"{one_line(name)}: names no section{did_you_mean(section, once)}")
    return _Environment(mine)(), origins, problems


def _merged(document: dict[str, Any], overrides: dict[str, Any]) -> dict[str, Any]:
    """The file under the environment, every section there, so that each missing key is named and not its section."""
    raw = dict(document)
    for name in Settings.model_fields:
        section = raw.get(name, {})
        if name not in _LISTS and isinstance(section, dict):
            raw[name] = section | overrides.get(name, {})
    given = overrides.get("asterisk", {}).keys() & {"secret", "secret_file"}
    if len(given) == 1 and isinstance(raw["asterisk"], dict):  # the other one is the file's, and the file yields
        raw["asterisk"] = {
            key: raw["asterisk"][key] for key in raw["asterisk"].keys() - {"secret", "secret_file"} | given
        }
    people, forwarding = raw.get("people"), raw["forwarding"]
    if isinstance(people, list) and isinstance(forwarding, dict):
        names = [person.get("name") for person in people if isinstance(person, dict)]
        everyone = list(dict.fromkeys(name for name in names if isinstance(name, str)))
        raw["forwarding"] = ({"people": everyone} if everyone else {}) | forwarding
    return raw


def _country(raw: Mapping[str, Any]) -> str:
    """The country to read numbers by; empty where the file's is none, lest every number be called wrong too."""
    office = raw["office"]
    country = office.get("country", Office.model_fields["country"].default) if isinstance(office, dict) else ""
    return country if isinstance(country, str) and country in phonenumbers.SUPPORTED_REGIONS else ""


def _allowed_prefixes(raw: Mapping[str, Any]) -> tuple[str, ...]:
    """Those of [forwarding]; none, so that nothing is compared with them, where they are wrong themselves."""
    forwarding = raw["forwarding"] if isinstance(raw["forwarding"], dict) else {}
    given = forwarding.get("allowed_prefixes", Forwarding.model_fields["allowed_prefixes"].default)
    usable = isinstance(given, list | tuple) and all(isinstance(prefix, str) and prefix[:1] == "+" for prefix in given)
    return tuple(given) if usable else ()
