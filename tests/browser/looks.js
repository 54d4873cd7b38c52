// Runs in the page; gives one sentence for each fault, each with the element's beginning. `least`: a finger's width.
(least) => {
  const found = [];
  const root = document.documentElement;
  const wide = root.clientWidth;
  const named = (one) => one.outerHTML.replace(/\s+/g, " ").slice(0, 140);
  const unseen = (one) => one.closest(".unseen, .skip:not(:focus), [hidden], title, desc, script, style, template, noscript");
  const shown = (one) => one.checkVisibility({ visibilityProperty: true }) && one.getClientRects().length > 0;
  const scrolls = (one) => {
    for (let up = one.parentElement; up && up !== document.body; up = up.parentElement) {
      if (["auto", "scroll"].includes(getComputedStyle(up).overflowX)) return true;
    }
    return false;
  };
  if (root.scrollWidth > wide) found.push(`the page is ${root.scrollWidth} wide, the screen ${wide}`);

  for (const one of document.body.querySelectorAll("*")) {
    if (unseen(one) || !shown(one) || (one instanceof SVGElement && one.localName !== "svg")) continue;
    const box = one.getBoundingClientRect();
    const style = getComputedStyle(one);
    if (!scrolls(one) && (box.right > wide + 1 || box.left < -1)) {
      found.push(`beyond the screen (${Math.round(box.left)} to ${Math.round(box.right)}): ${named(one)}`);
    }
    const speaks = [...one.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent.trim());
    if (speaks && one.clientWidth && one.localName !== "option" && style.textOverflow !== "ellipsis") {
      if (one.scrollWidth > one.clientWidth + 1) {
        found.push(`text wider than its box (${one.scrollWidth} in ${one.clientWidth}): ${named(one)}`);
      }
      if (one.scrollHeight > one.clientHeight + 2 && ["hidden", "clip"].includes(style.overflowY)) {
        found.push(`text cut below: ${named(one)}`);
      }
    }
    if (one.localName === "svg") {
      for (const text of one.querySelectorAll("text")) {
        const drawn = text.getBoundingClientRect();
        if (!drawn.width) continue;
        const over = drawn.left < box.left - 1 || drawn.right > box.right + 1;
        if (over || drawn.top < box.top - 2 || drawn.bottom > box.bottom + 2) {
          found.push(`text beyond its drawing: ${named(text)}`);
        }
      }
    } else if (one.matches("button, select, summary, a[href], input:not([type=hidden])")) {
      const word = style.display === "inline" && one.localName === "a"; // within a sentence
      const reach = one.closest("label")?.getBoundingClientRect().height ?? 0;
      if (!word && Math.max(box.height, reach) < least - 0.5) {
        found.push(`too low for a finger (${Math.round(box.height)}): ${named(one)}`);
      }
    }
  }
  const ids = [...document.querySelectorAll("[id]")].map((one) => one.id);
  for (const id of new Set(ids)) {
    if (ids.indexOf(id) !== ids.lastIndexOf(id)) found.push(`the id ${id} stands there twice`);
  }
  return [...new Set(found)];
}
