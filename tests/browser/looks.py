"""What is looked for on a page as it stands: everything within the screen, no text cut, nothing for axe to find."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import axe_playwright_python
from playwright.async_api import Page

AXE_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
LEAST_TARGET = 44
"""CSS pixels that a finger needs."""

LAYOUT = (Path(__file__).parent / "looks.js").read_text()
RUN_AXE = """
async (rules) => {
  const told = await axe.run(document, { runOnly: { type: "tag", values: rules }, resultTypes: ["violations"] });
  const where = (found) => found.nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(" | ");
  return told.violations.map((found) => `${found.id}: ${found.help}: ${where(found)}`);
}
"""
LISTEN = """
window.fenced = [];
document.addEventListener("securitypolicyviolation", (report) =>
  window.fenced.push(`${report.violatedDirective}: ${report.blockedURI}`));
"""


@cache
def _axe() -> str:
    return (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()


async def layout_faults(page: Page) -> list[str]:
    """What stands beyond the screen or its own box, or is too small for a finger."""
    found: list[str] = await page.evaluate(LAYOUT, LEAST_TARGET)
    return found


async def axe_faults(page: Page) -> list[str]:
    """What axe finds by WCAG 2.2 A and AA and its best practice. It comes in by the debugger, past the fence."""
    await page.evaluate(_axe())
    found: list[Any] = await page.evaluate(RUN_AXE, AXE_RULES)
    return [str(one) for one in found]


async def fence_faults(page: Page) -> list[str]:
    """What the content security policy kept out; `LISTEN` must have been the context's init script."""
    return list(await page.evaluate("window.fenced ?? []"))
