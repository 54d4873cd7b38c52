"""Numbers are read as people write them, refused where reading would be guessing, and written as carriers want them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.core.numbers import (
    NotANumber,
    NumberFormat,
    as_written,
    deliveries,
    e164,
    hidden_in,
    not_a_line,
    trunk_format,
)

FORMATS: tuple[NumberFormat, ...] = ("e164", "international", "national", "digits")


@pytest.mark.parametrize(
    "written",
    [
        "030 123456",
        "030123456",
        "030/123456",
        "030-12 34 56",
        "030.123.456",
        "(030) 12 34 56",
        "+49 30 123456",
        "+4930123456",
        "(+49) 30 123456",
        "+49 (0)30 123456",
        "+49 (0) 30 / 12 34 56",
        "0049 30 123456",
        "0049 (0)30 123456",
        "  030 123456  ",
        "030\N{NO-BREAK SPACE}123456",
        "030\N{NARROW NO-BREAK SPACE}12\N{FIGURE SPACE}3456",
        "030 12\N{EN DASH}34\N{NON-BREAKING HYPHEN}56",
        "030\N{MINUS SIGN}123456",
        "\N{LEFT-TO-RIGHT EMBEDDING}+49 30 123456\N{POP DIRECTIONAL FORMATTING}",
        "030 123456",
        "+49 (30) 123456",
        "\N{FULLWIDTH PLUS SIGN}\uff14\uff19\N{IDEOGRAPHIC SPACE}\uff13\uff10 \uff11\uff12\uff13\uff14\uff15\uff16",
        "\N{FULLWIDTH LEFT PARENTHESIS}030\N{FULLWIDTH RIGHT PARENTHESIS} 123456",
        "٠٣٠ ١٢٣٤٥٦",
    ],
)
def test_one_berlin_number_in_every_way_of_writing_it(written: str) -> None:
    assert e164(written, "DE") == "+4930123456"


@pytest.mark.parametrize(
    ("written", "country", "number"),
    [
        ("0171 12345678", "DE", "+4917112345678"),
        ("01 234567", "AT", "+431234567"),
        ("044 668 18 00", "CH", "+41446681800"),
        ("+43 1 234567", "DE", "+431234567"),
        ("06 1234 5678", "IT", "+390612345678"),
        ("(212) 555-0123", "US", "+12125550123"),
        ("1-212-555-0123", "US", "+12125550123"),
        ("011 49 30 123456", "US", "+4930123456"),
        ("0800 1234567", "DE", "+498001234567"),
    ],
)
def test_a_number_is_read_as_its_country_writes_it(written: str, country: str, number: str) -> None:
    assert e164(written, country) == number


LETTERS = "has letters in it, a telephone number has none"
EXTENSION = "has an extension or a pause in it, which cannot be called from outside"
EMERGENCY = "is an emergency number, which the router never forwards to"
SHORT = "is too short, or no number of its country"
NO_AREA = "lacks the area code: write it with 0 or + in front"
NO_NUMBER = "is no telephone number"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "is empty"),
        (" \N{NO-BREAK SPACE} ", "is empty"),
        ("\N{ZERO WIDTH JOINER}", "is empty"),
        ("Anna", LETTERS),
        ("030 PIZZA", LETTERS),
        ("030 123456 ext 7", LETTERS),
        ("030 123456 Anna", LETTERS),
        ("tel:+4930123456", LETTERS),
        ("030 123456 #7", EXTENSION),
        ("030 123456,7", EXTENSION),
        ("*21*030123456#", EXTENSION),
        ("030 123456; 030 654321", EXTENSION),
        ("110", EMERGENCY),
        ("1 1 2", EMERGENCY),
        ("112", EMERGENCY),
        ("0112", SHORT),
        ("+49112", SHORT),
        ("+49 0112", SHORT),
        ("0116117", "is a short number, which works within one country only"),
        ("11833", NO_AREA),
        ("123456", NO_AREA),
        ("4930123456", NO_AREA),
        ("+", NO_NUMBER),
        ("()", NO_NUMBER),
        ("030 +123456", NO_NUMBER),
        ("++49 30 123456", NO_NUMBER),
        ("+49 30 123456 +49 30 654321", NO_NUMBER),
        ("030 123456\r\nAction: Originate", LETTERS),
        ("030\n123456", NO_NUMBER),
        ("030\x00123456", NO_NUMBER),
        ("030_123456", NO_NUMBER),
        ("${EXTEN}", LETTERS),
        ("½", NO_NUMBER),
        ("+999 123456", NO_NUMBER),
        ("+49 3012345678901234", "is too long for a telephone number"),
        ("0" * 41, NO_NUMBER),
        ("0", NO_NUMBER),
    ],
)
def test_what_is_no_number_is_refused_with_a_sentence_that_says_why(text: str, sentence: str) -> None:
    with pytest.raises(NotANumber) as refused:
        e164(text, "DE")
    assert str(refused.value) == sentence


def test_an_unknown_country_is_said_and_not_guessed() -> None:
    with pytest.raises(NotANumber, match="cannot be read: 'XX' is no country"):
        e164("030 123456", "XX")


@pytest.mark.parametrize(
    ("number", "country", "written"),
    [
        ("+4930123456", "DE", "030 123456"),
        ("+4930123456", "AT", "+49 30 123456"),
        ("+431234567", "AT", "01 234567"),
        ("+12125550123", "US", "(212) 555-0123"),
        ("anonymous", "DE", "anonymous"),
        ("", "DE", ""),
    ],
)
def test_a_number_is_shown_as_people_of_the_country_write_it(number: str, country: str, written: str) -> None:
    assert as_written(number, country) == written


@pytest.mark.parametrize(
    ("number", "country", "forms"),
    [
        ("+4930123456", "DE", ("+4930123456", "4930123456", "004930123456", "030123456")),
        ("+431234567", "DE", ("+431234567", "431234567", "00431234567")),
        ("+390612345678", "IT", ("+390612345678", "390612345678", "00390612345678", "0612345678")),
        ("+12125550123", "US", ("+12125550123", "12125550123", "01112125550123", "2125550123")),
    ],
)
def test_a_carrier_may_deliver_a_number_in_these_forms(number: str, country: str, forms: tuple[str, ...]) -> None:
    assert deliveries(number, country) == forms


@pytest.mark.parametrize(
    ("number", "forms"),
    [
        ("+4917112345678", ("+4917112345678", "004917112345678", "017112345678", "4917112345678")),
        ("+431234567", ("+431234567", "00431234567", "00431234567", "431234567")),
    ],
)
def test_a_trunk_gets_the_number_in_its_own_format(number: str, forms: tuple[str, ...]) -> None:
    assert tuple(trunk_format(number, fmt, "DE") for fmt in FORMATS) == forms


def test_an_unknown_format_is_an_error_and_not_a_guess() -> None:
    with pytest.raises(ValueError, match=r"'e\.164' is no number format"):
        trunk_format("+4930123456", "e.164", "DE")  # type: ignore[arg-type]


@given(st.text(max_size=60), st.sampled_from(["DE", "AT", "CH", "IT", "US", "GB", "FR", "AU"]))
def test_any_text_is_either_a_plain_e164_number_or_refused_in_one_line(text: str, country: str) -> None:
    try:
        number = e164(text, country)
    except NotANumber as refused:
        assert str(refused).isprintable()
    else:
        assert number.isascii()
        assert number[0] == "+"
        assert number[1:].isdigit()
        assert len(number) <= 16


@given(st.text(alphabet="0123456789 +()/-.", max_size=24))
def test_a_number_read_once_is_read_again_from_all_that_is_made_of_it(text: str) -> None:
    try:
        number = e164(text, "DE")
    except NotANumber:
        return
    again = [number, as_written(number, "DE"), as_written(number, "AT"), *deliveries(number, "DE")]
    again = [form for form in again if form[0] in "0+"]
    assert {e164(form, "DE") for form in again} == {number}
    assert all(set(form) <= set("+0123456789") for form in deliveries(number, "DE"))


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("0171 1", "is too short for a mobile number"),
        ("0171 123", "is too short for a mobile number"),
        ("0171 1234567890", "is too long for a mobile number"),
        ("0551 1", "is too short for a fixed line number"),
        ("0137 123456", "is a number that costs more than a call (a service line or televoting), no"),
        ("0137 1123456", "is a number that costs more than a call (a service line or televoting), no"),
        ("0180 1234567", "is a number that costs more than a call (a service line or televoting), no"),
        ("0190 123456", "is a premium rate number, no mobile or fixed line: nobody is forwarded there"),
        ("0900 1234567", "is a premium rate number, no mobile or fixed line: nobody is forwarded there"),
        ("0700 12345678", "is a personal number, which costs more than a call, no mobile or fixed line"),
        ("0800 1234567", "is a freephone number, no mobile or fixed line"),
        ("+1 900 5551234", "is a premium rate number, no mobile or fixed line"),
    ],
)
def test_what_is_no_mobile_or_fixed_line_is_named(text: str, what: str) -> None:
    assert (not_a_line(e164(text, "DE")) or "").startswith(what)


@pytest.mark.parametrize(
    "text",
    [
        "0171 1234567", "0171 12345678", "0155 50123456", "0160 1234567", "0151 12345678", "030 123456", "0551 123",
        "030 12345678901", "+43 676 1234567", "+43 1 234567", "+33 9 12 34 56 78", "+44 7911 123456", "+1 202 555 0123",
    ],
)  # fmt: skip
def test_mobiles_and_fixed_lines_pass(text: str) -> None:
    assert not_a_line(e164(text, "DE")) is None


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("an 0171 123456-78, bis 18 Uhr", "an #, bis 18 Uhr"),
        ("+49 (0)30 / 12 34 56 oder 030.123.456", "# oder #"),
        ("vom 24.12. bis 2026-03-01 und 1.3.2026 um 14:30", "vom 24.12. bis 2026-03-01 und 1.3.2026 um 14:30"),
        ("24.12. 0171 1234567", "24.12. #"),
        ("INC 0815, 5 Laptops", "INC 0815, 5 Laptops"),
        ("01712345678", "#"),
        ("", ""),
    ],
)
def test_numbers_in_what_somebody_wrote_are_found_and_days_are_none(text: str, left: str) -> None:
    assert hidden_in(text, lambda _: "#") == left


@given(st.text("0123456789 ()/.-+abc", max_size=60))
def test_whatever_is_written_no_eleven_digits_in_a_row_are_left(text: str) -> None:
    left = hidden_in(text, lambda _: "#")
    assert not any(len(run) > 10 for run in "".join(c if c.isdigit() else " " for c in left).split())
