"""The sections of failover.toml, frozen. The sentence under each field gives its unit and its reason.

A new key is a new field with a default here, and a line in docs/failover.example.toml (a test compares the two).
Numbers come out in E.164, paths absolute, secrets as SecretStr, so that printing a section never shows one.
"""

from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    Strict,
    TypeAdapter,
    ValidationInfo,
    field_validator,
    model_validator,
)

from router.settings import checks as check

Shown = Annotated[str, AfterValidator(check.shown_name)]
Digits = Annotated[str, check.matching(r"[0-9]{2,6}", "must be 2 to 6 digits")]
Probe = Annotated[str, AfterValidator(check.probe)]
Distinct = AfterValidator(check.distinct)
SecretFile = Annotated[str, AfterValidator(check.secret_file)]
Readable = Annotated[str, AfterValidator(check.readable)]
Listed = Strict(False)  # TOML has lists, a frozen model has tuples


class Section(BaseModel):
    """What all sections share: frozen, no unknown key, no guessing of types, values never in a traceback."""

    model_config = ConfigDict(
        frozen=True,
        strict=True,
        extra="forbid",
        allow_inf_nan=False,
        use_attribute_docstrings=True,
        hide_input_in_errors=True,
    )


class Office(Section):
    """Whose calls these are, and how people there write things."""

    id: Annotated[str, check.matching(r"[a-z0-9-]{1,40}", "must be 1 to 40 of a-z, 0-9 and -")]
    """Names this office in metrics, records and the API; never changed later, or the history falls in two."""
    name: Shown
    """As people read it on the panel and in notices."""
    language: Literal["de", "en"] = "de"
    """Of panel, notices and prompts."""
    timezone: Annotated[str, AfterValidator(check.timezone)] = "Europe/Berlin"
    """IANA name; records are kept in UTC, hours and screens are local."""
    country: Annotated[str, AfterValidator(check.country)] = "DE"
    """ISO 3166-1 code: how numbers are read when typed as people write them."""
    emergency: Annotated[
        tuple[Digits, ...], Listed, Distinct, check.filled("without it the router would treat 112 as any number")
    ] = ("110", "112")
    """Dialled digits that go out before every rule, by any trunk, unchanged."""
    outside_prefix: Annotated[str, check.matching(r"[0-9*#]{0,4}", "must be at most 4 of 0-9, * and #")] = ""
    """What a desk phone dials for an outside line, if anything: it is taken off before numbers are read."""
    inside: Annotated[str, check.matching(r"[A-Za-z0-9_-]{0,79}", "must be the name of a context")] = ""
    """The context of the office's extensions: what is dialled with at most 4 digits and exists there stays inside."""
    pin: Annotated[str, check.matching(r"([0-9]{3,10})?", "must be 3 to 10 digits")] = ""
    """What a desk phone is asked for at *28; empty: nothing. It stands in failover_office.conf."""


class Hours(Section):
    """Office hours, local time, one key a day or range of days; a day wins over a range. No day: always open."""

    week: tuple[tuple[check.Span, ...], ...] | None = None
    """Spans in minutes since midnight for Monday to Sunday; None: always open. In the file: mon-fri = "08:00-18:00"."""
    holidays: Annotated[str, AfterValidator(check.holiday_region)] = ""
    """ISO 3166-2 region whose public holidays have a duty plan of their own; empty: no holidays."""

    @model_validator(mode="before")
    @classmethod
    def _days_are_keys(cls, raw: Any) -> Any:
        if not isinstance(raw, dict):
            return raw
        days = {key: value for key, value in raw.items() if key != "holidays"}
        return {key: raw[key] for key in raw.keys() - days.keys()} | ({"week": days} if days else {})

    @field_validator("week", mode="plain")
    @classmethod
    def _read_week(cls, raw: Any) -> tuple[tuple[check.Span, ...], ...]:
        days = Annotated[str, AfterValidator(check.days)]
        spans = Annotated[str, AfterValidator(check.spans)]
        return check.week(TypeAdapter(dict[days, spans]).validate_python(raw, strict=True))  # type: ignore[arg-type]


class Asterisk(Section):
    """The AMI account. It is close to root on the PBX: loopback or a network of its own, or TLS."""

    host: Annotated[str, check.matching(r"[A-Za-z0-9._:-]{1,253}", "must be a host name or an address")] = "127.0.0.1"
    """Where Asterisk's manager interface listens."""
    port: Annotated[int, Field(ge=1, le=65535)] = 5038
    """TCP port of the manager interface; 5039 is usual with TLS."""
    username: Annotated[str, check.matching(r"[!-~]{1,80}", "must be 1 to 80 ASCII characters without blanks")]
    """Section name in manager.conf."""
    secret_file: SecretFile | None = None
    """Path of a file that holds the secret and nothing else: so it stays out of this file and of its backups."""
    secret: SecretStr = Field(default=SecretStr(""), validate_default=True)
    """The account's secret, after loading whichever way it was given; FAILOVER_ASTERISK__SECRET wins over this file."""
    tls: bool = False
    """Speak TLS (tlsenable in manager.conf): needed as soon as the PBX is another machine."""
    tls_ca: Readable = ""
    """Path of a PEM file with the certificate to trust; empty: those of the system."""

    @field_validator("secret", mode="after")
    @classmethod
    def _one_secret(cls, given: SecretStr, info: ValidationInfo) -> SecretStr:
        if "secret_file" not in info.data:  # it is wrong itself, and that is said already
            return given
        held = check.one_secret(given.get_secret_value(), info.data["secret_file"], "secret", info)
        if not held:
            raise ValueError("is missing: give secret_file, secret or FAILOVER_ASTERISK__SECRET")
        return SecretStr(check.secret(held))


class Duty(Section):
    """A calendar of shifts. Without one, the plan that staff keep in the panel holds."""

    calendar: Annotated[str, Field(repr=False)] = ""
    """Path of an iCal file, or its address, https:// (http:// on this machine only); empty: none. Never logged."""
    calendar_minutes: Annotated[int, Field(ge=1, le=1440)] = 5
    """Minutes between two readings: so late a change counts, and so often somebody else's server is asked."""

    @field_validator("calendar")
    @classmethod
    def _can_be_one(cls, value: str, info: ValidationInfo) -> str:
        value = check.calendar(value)
        return value if not value or "://" in value else str(check.located(value, info).absolute())


class Internet(Section):
    """How to tell "the carrier is down" from "the internet is down"."""

    probes: Annotated[tuple[Probe, ...], Listed, Distinct, Field(max_length=2)] = ()
    """At most two targets of the office's choice, https://… or tcp:host:port; empty: not asked."""


class Database(Section):
    """Where journal, people and users are kept."""

    url: Annotated[str, AfterValidator(check.database_url), Field(repr=False)] = (
        "sqlite+aiosqlite:////var/lib/failover/failover.db"
    )
    """SQLAlchemy URL, sqlite+aiosqlite or postgresql+asyncpg; an absolute SQLite path has four slashes."""
    keep_calls_days: Annotated[int, Field(ge=1, le=3650)] = 90
    """Days after which a call is forgotten: who called whom is personal data, kept while it is of use (GDPR)."""
    keep_lines_days: Annotated[int, Field(ge=1, le=3650)] = 400
    """Days after which a line of the journal is forgotten: a whole year can be shown to a carrier."""
