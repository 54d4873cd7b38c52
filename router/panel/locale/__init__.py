"""The catalogues of the panel's languages, and how they are made: collect, translate, compile."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

HERE = Path(__file__).parent
ROUTER = HERE.parents[1]
TRANSLATED = ("de",)
"""English is what the sentences are written in."""

METHODS = [("**.py", "python"), ("panel/templates/**.html", "jinja2")]
KEYWORDS = {"_": None, "say": None, "sentence": None, "NotANumber": None}
"""What a text stands in: `_()` in templates, the sentences of core and adapters, why a text is no telephone number."""
HEADER = "# The German of an office. How to collect, translate and compile: ../../README.md"
NOISE = (
    "POT-Creation-Date", "PO-Revision-Date", "Last-Translator", "Generated-By", "Project-Id-Version",
    "Language-Team", "Report-Msgid-Bugs-To",
)  # fmt: skip
"""Lines of the header that would change with every run."""


def collected() -> set[str]:
    """Every text in the source that people may get to read."""
    found = extract_from_dir(ROUTER, METHODS, {"**.py": {"encoding": "utf-8"}}, KEYWORDS)
    return {text for _, _, text, _, _ in found if isinstance(text, str)}


def source(language: str) -> Path:
    return HERE / language / "LC_MESSAGES" / "messages.po"


def compiled(language: str) -> Path:
    return source(language).with_suffix(".mo")


def read(language: str) -> Catalog:
    with source(language).open("rb") as file:
        return read_po(file, locale=language)


def renew(language: str) -> list[str]:
    """Rewrites the source with what is collected now, compiles it, and names the texts that lack a translation."""
    old, new = read(language), Catalog(locale=language)
    for text in sorted(collected()):
        known = old.get(text)
        new.add(text, str(known.string) if known else "")
    with source(language).open("wb") as file:
        file.write("\n".join(_lines(new)).encode())
    with compiled(language).open("wb") as file:
        write_mo(file, read(language))
    return [str(message.id) for message in new if message.id and not message.string]


def _lines(catalogue: Catalog) -> Iterator[str]:
    """The file without what changes at every run."""
    written, noise = BytesIO(), tuple(f'"{name}' for name in NOISE)
    write_po(written, catalogue, sort_output=True, width=10_000)
    yield HEADER
    for line in written.getvalue().decode().split("\n"):
        if not line.startswith(("# ", "#\n")) and line not in ("#", "#, fuzzy") and not line.startswith(noise):
            yield line
