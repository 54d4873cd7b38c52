// Keeps the open page current: the server sends the HTML of each region that changed, we put it in its place.
"use strict";

(() => {
  const SILENCE = 25000; // ms; the server speaks every 10 s, so this long without a word means that it is gone
  const RETRY = 1000; // ms, and up to as much again: not all open pages at once
  const PATIENCE = [4000, 4000, 12000]; // ms until a new connection is taken, in turn; a very slow line needs the last
  const OLD = 12000; // ms; what was said longer ago may not be so any more
  const PRESSED = 3000; // ms at most that a finger holds a region; where it lifted, nobody may have told us
  const IDLE = 10000; // ms; a hand that rests in a field for longer holds nothing any more: the rest must not grow old
  const NEWER = 3; // so many pages looked at since, and a hidden one rests: a browser has six connections for all
  const address = document.body.dataset.live;
  const asOf = document.getElementById("as-of");
  const lost = document.getElementById("lost");
  const pulse = document.getElementById("pulse");
  const pages = "BroadcastChannel" in window ? new BroadcastChannel("failover-pages") : null;
  const shown = new Map(); // the HTML put last, by region
  const waiting = new Map(); // the HTML that waits for a hand, by region
  let source = null;
  let silence = 0;
  let retry = 0;
  let doubt = 0;
  let tries = 0;
  let newer = 0;
  let pressed = 0;
  let stroke = 0;
  let heard = new Date();

  // What somebody is typing in stays, and so does what is being pressed: a tap on a button that goes is no tap.
  const busy = (place) => {
    const hand = document.activeElement;
    const typing = place.contains(hand) && hand.matches("input:not([type=radio], [type=checkbox]), textarea, select");
    return pressed || (typing && Date.now() - stroke < IDLE);
  };

  // Which form, field or link it is, whatever place it has by now.
  const form = (of) => [...(of?.querySelectorAll("input[type=hidden]") ?? [])].map((one) => one.name === "csrf" || one.value);
  const mark = (one) =>
    one.id || (one.matches("summary") && one.parentElement.id) ||
    JSON.stringify([
      one.localName, one.name, one.matches("button, [type=radio], [type=checkbox]") && one.value, one.getAttribute("href"),
      one.form?.getAttribute("action"), form(one.form), one.name || one.form ? "" : one.textContent,
    ]);

  const typed = (field) =>
    field.matches("select")
      ? field.selectedIndex !== Math.max(0, [...field.options].findIndex((option) => option.defaultSelected))
      : field.checked !== field.defaultChecked || field.value !== field.defaultValue;

  const FIELDS = "input:not([type=hidden]), textarea, select";
  const HOLDS = "a[href], button, summary, input, textarea, select";

  const replace = (place, fresh) => {
    const kept = new Map([...place.querySelectorAll(FIELDS)].filter(typed).map((field) => [mark(field), field]));
    const folds = new Map([...place.querySelectorAll("details[id]")].map((details) => [details.id, details.open]));
    const hand = place.contains(document.activeElement) ? mark(document.activeElement) : null;
    const alike = (of) => [...of.querySelectorAll(HOLDS)].filter((one) => mark(one) === hand);
    const nth = hand ? alike(place).indexOf(document.activeElement) : 0;
    const { selectionStart: from, selectionEnd: to } = document.activeElement;
    place.replaceChildren(fresh);
    for (const details of place.querySelectorAll("details[id]")) details.open = folds.get(details.id) ?? details.open;
    for (const field of place.querySelectorAll(FIELDS)) {
      const before = kept.get(mark(field));
      if (!before) continue;
      field.value = before.value;
      field.checked = before.checked;
    }
    const again = hand && (alike(place)[nth] ?? alike(place)[0]);
    again?.focus({ preventScroll: true });
    if (again && Number.isInteger(from)) again.setSelectionRange?.(from, to);
  };

  const put = (name, html) => {
    const place = document.getElementById(`live-${name}`);
    if (!place || shown.get(name) === html) return void waiting.delete(name);
    if (busy(place)) return void (waiting.set(name, html), setTimeout(free, IDLE));
    waiting.delete(name);
    const fresh = document.createElement("template");
    fresh.innerHTML = html;
    const same = !shown.has(name) && fresh.innerHTML.trim() === place.innerHTML.trim();
    shown.set(name, html);
    if (!same) replace(place, fresh.content); // the same again would be read out twice
  };

  const free = () => {
    for (const [name, html] of [...waiting]) put(name, html);
  };

  const found = () => {
    clearTimeout(doubt);
    if (lost) lost.hidden = true;
    pulse?.classList.remove("stopped");
  };

  // A page that hears nothing says nothing of what is so now, in its title either.
  const claimNothing = () => (document.title = document.querySelector(".office")?.textContent ?? "");

  // With the day where that is over: a screen may have stood so since Friday.
  const lose = () => {
    claimNothing();
    pulse?.classList.add("stopped");
    if (!lost || !asOf) return;
    const today = heard.toDateString() === new Date().toDateString();
    const text = lost.dataset.text.replace("{time}", today ? asOf.textContent : `${asOf.dataset.day}, ${asOf.textContent}`);
    if (!lost.hidden && lost.textContent === text) return; // so that it is read out once
    lost.hidden = false;
    lost.textContent = text;
  };

  const stop = () => {
    for (const timer of [silence, retry, doubt]) clearTimeout(timer);
    source?.close();
  };

  const listen = (ms) => {
    clearTimeout(silence);
    silence = setTimeout(() => (lose(), connect()), ms);
  };

  const page = (event) => {
    const said = JSON.parse(event.data);
    for (const [name, html] of Object.entries(said.regions)) put(name, html);
    document.title = said.title;
    if (asOf) {
      asOf.textContent = said.at;
      asOf.dataset.day = said.day;
    }
    heard = new Date();
    tries = 0;
    found();
    listen(SILENCE);
  };

  const connect = () => {
    clearTimeout(retry);
    source?.close();
    source = new EventSource(address);
    source.addEventListener("open", () => listen(SILENCE));
    source.addEventListener("page", page);
    source.addEventListener("login", out);
    source.addEventListener("error", () => {
      lose();
      stop(); // the browser's own next try may be far away
      retry = setTimeout(connect, RETRY * (1 + Math.random()));
    });
    listen(PATIENCE[tries++ % PATIENCE.length]);
  };

  // A phone that slept shows an old state until the first word comes: ask at once, and soon say how old it is.
  const wake = () => {
    if (document.visibilityState !== "visible") return;
    newer = tries = 0;
    pages?.postMessage("looked at");
    const old = Date.now() - heard > OLD;
    if (!old && source?.readyState === EventSource.OPEN) return;
    connect();
    if (!old) return;
    pulse?.classList.add("stopped");
    doubt = setTimeout(lose, 1000);
  };

  // To ask for the login now would lose what was typed: it can be copied first.
  const out = () => {
    if (!lost || ![...document.querySelectorAll(FIELDS)].some(typed)) return void location.reload();
    stop();
    claimNothing();
    pulse?.classList.add("stopped");
    lost.hidden = false;
    lost.textContent = lost.dataset.out;
  };

  const rest = () => {
    stop();
    claimNothing();
  };

  pages?.addEventListener("message", () => document.visibilityState === "hidden" && ++newer >= NEWER && rest());
  document.addEventListener("visibilitychange", wake);
  window.addEventListener("online", () => document.visibilityState === "visible" && connect()); // by another way, perhaps
  window.addEventListener("pagehide", stop);
  window.addEventListener("pageshow", (event) => event.persisted && wake());
  document.addEventListener("focusout", () => setTimeout(free));
  for (const event of ["input", "focusin"]) document.addEventListener(event, () => (stroke = Date.now()));
  for (const [event, ms] of [["pointerdown", PRESSED], ["pointerup", 100], ["pointercancel", 0]]) {
    document.addEventListener(event, () => {
      clearTimeout(pressed); // the click comes after the finger has lifted
      pressed = setTimeout(() => ((pressed = 0), free()), ms);
    });
  }

  pages?.postMessage("looked at");
  connect();
})();
