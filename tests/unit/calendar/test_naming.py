"""Whom a title names."""

from __future__ import annotations

import pytest

from router.calendar.naming import named_in

PEOPLE = ("Anna", "Ben", "Anna Lena", "Jürgen", "O'Neil (2)", "ß")


@pytest.mark.parametrize(
    ("title", "who"),
    [
        ("Anna", ("Anna",)),
        ("Dienst: Anna", ("Anna",)),
        ("Ben, Anna", ("Ben", "Anna")),
        ("ANNA und ben", ("Anna", "Ben")),
        ("Ben/Anna/Ben", ("Ben", "Anna")),
        ("Joanna, Benno", ()),
        ("Anna Lena", ("Anna Lena",)),
        ("Anna  Lena, Anna", ("Anna Lena", "Anna")),
        ("Ju\u0308rgen", ("Jürgen",)),
        ("JÜRGEN!", ("Jürgen",)),
        ("(O'Neil (2))", ("O'Neil (2)",)),
        ("_Anna_", ()),
        ("", ()),
        ("x" * 5000 + " Anna", ()),
    ],
)
def test_names_count_as_whole_words_in_the_order_of_the_title(title: str, who: tuple[str, ...]) -> None:
    assert named_in(title, PEOPLE) == who


def test_an_office_without_people_names_nobody() -> None:
    assert named_in("Anna", ()) == ()
    assert named_in("Anna", (" ",)) == ()
