"""The panel's own address and certificate, and the sign-on service of the office."""

import ipaddress
import ssl
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

from pydantic import AfterValidator, Field, SecretStr, ValidationInfo, field_validator, model_validator

from router.settings import checks as check
from router.settings.sections import Distinct, Listed, Readable, SecretFile, Section

ROLES: Final = ("viewer", "staff", "admin")


def _network(value: str) -> str:
    try:
        ipaddress.ip_network(value)
    except ValueError:
        raise ValueError('must be an address or a network, such as "10.0.0.5" or "10.0.0.0/24"') from None
    return value


def _issuer(value: str) -> str:
    """What the service calls itself in its tokens, to the letter."""
    if value and not check.is_issuer(value):
        raise ValueError("must be https://HOST/…")
    return value


class Panel(Section):
    """The page on which staff see and steer."""

    listen: Annotated[str, AfterValidator(check.host_port)] = "127.0.0.1:8080"
    """host:port; loopback, since whoever reaches it may try passwords: elsewhere with a certificate or a proxy."""
    tls_certificate: Readable = ""
    """Path of a PEM file with the certificate and its chain; then https only. Read anew when it is renewed."""
    tls_key: str = Field(default="", validate_default=True)
    """Path of the PEM file with its key, without a password."""
    proxies: Annotated[tuple[Annotated[str, AfterValidator(_network)], ...], Listed, Distinct] = ()
    """Addresses of the proxies in front, whose X-Forwarded-For and -Proto are believed; empty: those on loopback."""

    @field_validator("tls_key")
    @classmethod
    def _fits(cls, path: str, info: ValidationInfo) -> str:
        if "tls_certificate" not in info.data:  # it is wrong itself, and that is said already
            return path
        certificate = info.data["tls_certificate"]
        if not path and not certificate:
            return path
        if not path:
            raise ValueError("is missing: tls_certificate needs its key")
        if not certificate:
            raise ValueError("is given without tls_certificate")
        key = check.readable(path, info)
        if why := unfit(certificate, key):
            raise ValueError(why)
        return key

    @property
    def host(self) -> str:
        """The host to bind, an IPv6 address without its brackets."""
        return self.listen.rpartition(":")[0].strip("[]")

    @property
    def port(self) -> int:
        """The TCP port to bind."""
        return int(self.listen.rpartition(":")[2])

    @property
    def address(self) -> str:
        """Where a browser on this machine finds the panel, without a slash at the end."""
        host = self.listen.replace("0.0.0.0:", "127.0.0.1:").replace("[::]:", "[::1]:")
        return f"{'https' if self.tls_certificate else 'http'}://{host}"

    @property
    def bare(self) -> bool:
        """Passwords cross a network as they are: beyond loopback without a certificate, and no proxy is named."""
        if self.tls_certificate or self.proxies:
            return False
        try:
            return not ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host != "localhost"


def unfit(certificate: str, key: str) -> str | None:
    """Why these two files cannot be used together; None where they can."""
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key, password=lambda: "")
    except ssl.SSLError as error:
        if error.reason == "KEY_VALUES_MISMATCH":
            return "does not belong to tls_certificate"
        return "and tls_certificate are no PEM files with a key (without a password) and its certificate"
    except OSError as error:
        return f"cannot be read: {(error.strerror or 'unknown reason').lower()}"
    return None


class Oidc(Section):
    """The office's own sign-on service (OpenID Connect), as an extra beside the passwords: pip install '.[oidc]'."""

    issuer: Annotated[str, AfterValidator(_issuer)] = ""
    """Its address, as it stands in its tokens; empty: no such service."""
    label: Annotated[str, Field(max_length=40)] = ""
    """What the button on the login page calls it; empty: the host of the issuer."""
    client_id: str = ""
    """By which the service knows this panel; its answer goes to https://PANEL/login/sign-on/back."""
    client_secret_file: SecretFile | None = None
    """Path of a file that holds the client's secret and nothing else."""
    client_secret: SecretStr = Field(default=SecretStr(""), validate_default=True)
    """The client's secret, after loading whichever way it was given; empty: a public client."""
    role_claim: str = "groups"
    """Which claim of the token says the groups; dots lead into it, as in realm_access.roles."""
    roles: tuple[tuple[str, str], ...] = ()
    """Which group may do what, as a table; of several groups the one that may most counts."""
    default_role: Literal["", "viewer", "staff", "admin"] = ""
    """Role of those in none of these groups; empty: they are refused."""

    @field_validator("roles", mode="plain")
    @classmethod
    def _table_of_roles(cls, raw: Any) -> tuple[tuple[str, str], ...]:
        if not isinstance(raw, dict):
            raise ValueError('must be a table: { "group" = "staff" }')
        for role in raw.values():
            if role not in ROLES:
                raise ValueError(f"gives a role that is none of {', '.join(ROLES)}")
        return tuple(raw.items())

    @model_validator(mode="after")
    def _knows_its_client(self) -> Self:
        if self.issuer and not self.client_id:
            raise ValueError("has an issuer and no client_id")
        return self

    @field_validator("client_secret", mode="after")
    @classmethod
    def _one_secret(cls, given: SecretStr, info: ValidationInfo) -> SecretStr:
        path = info.data.get("client_secret_file")  # None, too, where it is wrong itself, and that is said already
        return SecretStr(check.one_secret(given.get_secret_value(), path, "client_secret", info))

    @property
    def on(self) -> bool:
        return bool(self.issuer)


def tls_files(panel: Panel) -> tuple[Path, Path] | None:
    """Certificate and key, where there are some."""
    if not panel.tls_certificate:
        return None
    return Path(panel.tls_certificate), Path(panel.tls_key)
