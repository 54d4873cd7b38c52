"""Elements of a drawing, escaped; what XML cannot hold is left out."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from markupsafe import Markup

_UNFIT = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that no XML document may have, https://www.w3.org/TR/xml/#charsets."""

Element = ElementTree.Element


def element(name: str, *inner: Element | str, **attributes: str | float) -> Element:
    """`class_` is the attribute class, `stroke_width` stroke-width. A text before elements is the element's own."""
    made = Element(name, {_named(key): _plain(value) for key, value in attributes.items()})
    for part in inner:
        if isinstance(part, str):
            made.text = (made.text or "") + fit(part)
        else:
            made.append(part)
    return made


def drawing(name: str, title: str, told: str, width: float, height: float, *inner: Element, **more: str) -> Markup:
    """A whole drawing with what it is and what it shows, for who cannot see it. `name` must be one of a kind on its
    page."""
    whole = element(
        "svg", element("title", title, id=f"{name}-title"), element("desc", told, id=f"{name}-desc"), *inner,
        viewBox=f"0 0 {_plain(width)} {_plain(height)}", role="img", focusable="false",
        **{"aria-labelledby": f"{name}-title {name}-desc", **more},
    )  # fmt: skip
    return Markup(ElementTree.tostring(whole, encoding="unicode"))  # noqa: S704 - every text in it is escaped


def fit(text: str) -> str:
    return _UNFIT.sub("\N{REPLACEMENT CHARACTER}", text)


def _named(key: str) -> str:
    return key.rstrip("_").replace("_", "-") if key != "viewBox" else key


def _plain(value: str | float) -> str:
    return fit(value) if isinstance(value, str) else f"{value:.1f}".removesuffix(".0")
