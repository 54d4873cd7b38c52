"""Telephone numbers: as people write them, as the world knows them (E.164), as carriers want and deliver them.

Every number inside the router is E.164 with a leading plus, at most 15 digits (ITU-T E.164, section 6). It is read and
written here only. A `country` is an ISO 3166-1 code such as "DE": it says how a number without a country code is meant.

A number must be *possible* for its country (length, prefixes), not *assigned*: numbering plans change faster than the
metadata, and the numbers of examples and tests are assigned to nobody.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from typing import Final, Literal, get_args

import phonenumbers
from phonenumbers import (
    PhoneMetadata,
    PhoneNumber,
    PhoneNumberFormat,
    PhoneNumberType,
    ValidationResult,
    shortnumberinfo,
)

NumberFormat = Literal["e164", "international", "national", "digits"]
"""How a trunk wants a number: +4930123456, 004930123456, 030123456 or 4930123456."""

_WRITTEN: Final = re.compile(r"\(?\+?[0-9][0-9 ()./-]*")
_PUNCTUATION: Final = re.compile(r"[ ()./-]")
_DAY: Final = (
    r"\b(?:[0-9]{4}-[0-9]{2}-[0-9]{2}|"
    r"(?:0?[1-9]|[12][0-9]|3[01])\.(?:0?[1-9]|1[0-2])\.(?:[0-9]{4}|[0-9]{2})?)(?![0-9])"
)
_IN_TEXT: Final = re.compile(rf"(?P<day>{_DAY})|\+?[0-9][0-9 ()/.-]{{4,}}[0-9]")
_MOST_DIGITS: Final = 15
_LONGEST_TEXT: Final = 40
_LINES: Final[Mapping[int, str]] = {
    PhoneNumberType.MOBILE: "mobile number",
    PhoneNumberType.FIXED_LINE: "fixed line number",
    PhoneNumberType.FIXED_LINE_OR_MOBILE: "mobile or fixed line number",
    PhoneNumberType.VOIP: "fixed line number",  # in France and elsewhere what an ordinary household has
}
_NO_LINES: Final[Mapping[int, str]] = {
    PhoneNumberType.PREMIUM_RATE: "a premium rate number",
    PhoneNumberType.SHARED_COST: "a number that costs more than a call (a service line or televoting)",
    PhoneNumberType.TOLL_FREE: "a freephone number",
    PhoneNumberType.PERSONAL_NUMBER: "a personal number, which costs more than a call",
    PhoneNumberType.UAN: "a company's service number",
    PhoneNumberType.PAGER: "a pager",
    PhoneNumberType.VOICEMAIL: "a voicemail",
}
_KNOWN: Final = frozenset({*_LINES, *_NO_LINES})
_PREMIUM_ONCE: Final = ("+49190",)
"""Germany's premium rate numbers until 2005, which the metadata has forgotten."""


class NotANumber(ValueError):  # noqa: N818 - named for what it says about the text
    """The text is no number that can be called from everywhere; str() is the sentence that says why.

    The sentence has no subject ("has letters in it …"), so that it can follow the name of a key or of a field.
    """


def e164(text: str, country: str) -> str:
    """The number in E.164 ("+4930123456"), read as people in `country` write it; raises NotANumber.

    Read are blanks of every kind, brackets, dots, slashes, dashes, "00" or another international prefix of the country,
    "+49 (0)30 …", and digits of other scripts. Refused is what would be guessing: letters, extensions, two numbers in
    one text, a number without its area code, and numbers that work within one country only (110, 112, 116117, 11833).
    """
    plain = _plain(text)
    digits = _PUNCTUATION.sub("", plain)
    metadata = PhoneMetadata.metadata_for_region(country)
    if metadata is None:
        raise NotANumber(f"cannot be read: {country!r} is no country")
    if digits.isdigit() and shortnumberinfo.is_emergency_number(digits, country):
        raise NotANumber("is an emergency number, which the router never forwards to")
    if metadata.national_prefix == "0" and digits[:1] not in ("0", "+"):
        raise NotANumber("lacks the area code: write it with 0 or + in front")
    try:
        number = phonenumbers.parse(digits, country)
    except phonenumbers.NumberParseException:
        raise NotANumber("is no telephone number") from None
    _refuse_unreachable(number)
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def not_a_line(number: str) -> str | None:
    """What the E.164 number is, where it is nobody's mobile or fixed line: a sentence without a subject, or None.

    One that the metadata does not know is judged by its neighbours, with digits more and with digits less. One without
    neighbours passes: numbering plans change faster than the metadata.
    """
    parsed = phonenumbers.parse(number)
    kind = phonenumbers.number_type(parsed)
    if kind in _LINES:
        return None
    if kind == PhoneNumberType.UNKNOWN and not number.startswith(_PREMIUM_ONCE):
        return _by_its_neighbours(parsed)
    return f"is {_NO_LINES.get(kind, 'a premium rate number')}, no mobile or fixed line: nobody is forwarded there"


def _by_its_neighbours(number: PhoneNumber) -> str | None:
    longer = next((kind for kind in map(phonenumbers.number_type, _longer(number)) if kind in _KNOWN), None)
    shorter = next((kind for kind in map(phonenumbers.number_type, _shorter(number)) if kind in _KNOWN), None)
    kind = shorter if longer is None else longer
    if kind is not None and kind in _NO_LINES:
        return f"is {_NO_LINES[kind]}, no mobile or fixed line: nobody is forwarded there"
    if longer is not None:
        return f"is too short for a {_LINES[longer]}"
    return "is too long for a mobile number" if shorter == PhoneNumberType.MOBILE else None


def _longer(number: PhoneNumber) -> Iterator[PhoneNumber]:
    for more in range(1, _MOST_DIGITS - len(str(number.national_number))):
        yield PhoneNumber(number.country_code, (number.national_number or 0) * 10**more)


def _shorter(number: PhoneNumber) -> Iterator[PhoneNumber]:
    for less in range(1, len(str(number.national_number)) - 3):
        yield PhoneNumber(number.country_code, (number.national_number or 0) // 10**less)


def as_written(number: str, country: str) -> str:
    """The E.164 number as people in `country` write it: "030 123456" at home, "+43 1 234567" abroad.

    For display: what is no number (a withheld caller, a name) comes back unchanged.
    """
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return number
    home = parsed.country_code == phonenumbers.country_code_for_region(country)
    return phonenumbers.format_number(parsed, PhoneNumberFormat.NATIONAL if home else PhoneNumberFormat.INTERNATIONAL)


def deliveries(number: str, country: str) -> tuple[str, ...]:
    """The forms in which a carrier may deliver this DID as extension, each once, E.164 first.

    In Germany: +4930123456, 4930123456, 004930123456, 030123456.
    """
    forms: tuple[NumberFormat, ...] = get_args(NumberFormat)
    written = {form: trunk_format(number, form, country) for form in forms}
    return tuple(dict.fromkeys(written[form] for form in ("e164", "digits", "international", "national")))


def trunk_format(number: str, fmt: NumberFormat, country: str) -> str:
    """The E.164 number as a trunk wants it dialled; digits, and a plus for e164 only.

    A foreign number has no national form: "national" then gives the international one, which national trunks take.
    """
    digits = number.removeprefix("+")
    international = _international_prefix(country) + digits
    match fmt:
        case "e164":
            return f"+{digits}"
        case "digits":
            return digits
        case "international":
            return international
        case "national":
            written = as_written(number, country)
            return international if written.startswith("+") else re.sub(r"[^0-9]", "", written)
    raise ValueError(f"{fmt!r} is no number format")


def _plain(text: str) -> str:
    """The text in ASCII, without the "(0)" after a country code; NotANumber where it cannot be a number."""
    plain = "".join(_plain_character(character) for character in text.strip()).strip()
    if not plain:
        raise NotANumber("is empty")
    if any(character.isalpha() for character in plain):
        raise NotANumber("has letters in it, a telephone number has none")
    if any(character in "#*,;" for character in plain):
        raise NotANumber("has an extension or a pause in it, which cannot be called from outside")
    if len(plain) > _LONGEST_TEXT or not _WRITTEN.fullmatch(plain):
        raise NotANumber("is no telephone number")
    return re.sub(r"^(\(?\+[^(]+|00[^(]+)\(0\)", r"\1", plain)


def _plain_character(character: str) -> str:
    if character.isdecimal():
        return str(unicodedata.decimal(character))
    category = unicodedata.category(character)
    if category in ("Zs", "Cf"):  # Cf: direction marks and soft hyphens, which copying from a phone book brings along
        return " "
    if category == "Pd" or character == "\N{MINUS SIGN}":
        return "-"
    folded = unicodedata.normalize("NFKC", character)
    return folded if len(folded) == 1 and folded in "+()./" else character


def _refuse_unreachable(number: PhoneNumber) -> None:
    """Refuse what no caller from elsewhere could reach: too short, too long, short codes of one country."""
    significant = phonenumbers.national_significant_number(number)
    metadata = PhoneMetadata.metadata_for_region(phonenumbers.region_code_for_country_code(number.country_code or 0))
    reason = phonenumbers.is_possible_number_with_reason(number)
    too_long = len(f"{number.country_code}{significant}") > _MOST_DIGITS
    if reason == ValidationResult.TOO_LONG or too_long:
        raise NotANumber("is too long for a telephone number")
    # A 0 that parse() could not take off stands before something too short to be a number, 0112 for one.
    unread_prefix = metadata is not None and metadata.national_prefix == "0" and significant.startswith("0")
    if unread_prefix or reason != ValidationResult.IS_POSSIBLE:
        raise NotANumber("is too short, or no number of its country")
    if not phonenumbers.is_valid_number(number) and shortnumberinfo.is_valid_short_number(number):
        raise NotANumber("is a short number, which works within one country only")


def _international_prefix(country: str) -> str:
    """What is dialled before a country code: 00 nearly everywhere (ITU-T E.164), 011 in North America."""
    metadata = PhoneMetadata.metadata_for_region(country)
    if metadata is None:
        return "00"
    candidates = (metadata.preferred_international_prefix, metadata.international_prefix)
    return next((prefix for prefix in candidates if prefix and prefix.isdigit()), "00")


def numbering(country: str) -> tuple[str, str, str]:
    """Country code, national prefix and international prefix of `country`: ("49", "0", "00") for Germany.

    The national prefix is empty where there is none to dial.
    """
    metadata = PhoneMetadata.metadata_for_region(country)
    if metadata is None:
        raise NotANumber(f"cannot be read: {country!r} is no country")
    return str(metadata.country_code), metadata.national_prefix or "", _international_prefix(country)


def example(country: str) -> str:
    """A mobile number as `country` has them, which nobody may hold: to ask with, never to be dialled."""
    for kind in (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE):
        number = phonenumbers.example_number_for_type(country, kind)
        if number is not None:
            return phonenumbers.format_number(number, PhoneNumberFormat.E164)
    raise NotANumber(f"cannot be read: {country!r} is no country")


def hidden_in(text: str, hide: Callable[[str], str]) -> str:
    """`text` with what may be somebody's number in it, as people write them, put through `hide`; days are none."""
    return _IN_TEXT.sub(lambda found: found[0] if found["day"] else hide(found[0]), text)
