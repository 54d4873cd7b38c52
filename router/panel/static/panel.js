// Keeps the open page current: the server sends the HTML of each region that changed, we put it in its place.
"use strict";

(() => {
  const SILENCE = 25000; // ms; the server speaks every 10 s, so this long without a word means that it is gone
  const RETRY = 1500; // ms
  const address = document.body.dataset.live;
  const asOf = document.getElementById("as-of");
  const lost = document.getElementById("lost");
  const pulse = document.getElementById("pulse");
  let source = null;
  let silence = 0;
  let retry = 0;

  // What somebody is typing in stays: its region waits until the hand has left it.
  const busy = (place) => {
    const hand = document.activeElement;
    return place.contains(hand) && hand.matches("input:not([type=radio], [type=checkbox]), textarea, select");
  };

  const put = (name, html) => {
    const place = document.getElementById(`live-${name}`);
    if (!place) return;
    if (busy(place)) {
      document.activeElement.addEventListener("blur", () => setTimeout(() => put(name, html)), { once: true });
      return;
    }
    const fresh = document.createElement("template");
    fresh.innerHTML = html;
    if (fresh.innerHTML.trim() === place.innerHTML.trim()) return; // so that nothing is read out twice
    const unfolded = [...place.querySelectorAll("details[open][id]")].map((details) => details.id);
    const hand = place.contains(document.activeElement) ? document.activeElement : null;
    const again = hand && (hand.id ? `#${CSS.escape(hand.id)}` : hand.value ? `[value="${CSS.escape(hand.value)}"]` : null);
    place.replaceChildren(fresh.content);
    for (const id of unfolded) document.getElementById(id)?.setAttribute("open", "");
    if (again) place.querySelector(again)?.focus();
  };

  const found = () => {
    if (lost) lost.hidden = true;
    pulse?.classList.remove("stopped");
  };

  const lose = () => {
    if (lost && asOf) {
      lost.textContent = lost.dataset.text.replace("{time}", asOf.textContent);
      lost.hidden = false;
    }
    pulse?.classList.add("stopped");
  };

  const listen = (ms) => {
    clearTimeout(silence);
    silence = setTimeout(() => (lose(), connect()), ms);
  };

  const page = (event) => {
    const said = JSON.parse(event.data);
    for (const [name, html] of Object.entries(said.regions)) put(name, html);
    document.title = said.title;
    if (asOf) asOf.textContent = said.at;
    found();
    listen(SILENCE);
  };

  const connect = () => {
    clearTimeout(retry);
    source?.close();
    source = new EventSource(address);
    source.addEventListener("page", page);
    source.addEventListener("login", () => location.reload());
    source.addEventListener("error", () => {
      lose();
      source.close(); // the browser's own next try may be far away
      clearTimeout(retry);
      retry = setTimeout(connect, RETRY);
    });
    listen(SILENCE);
  };

  // A phone that slept shows an old state until the first word comes: ask at once.
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") connect();
  });
  window.addEventListener("pagehide", () => source?.close());
  window.addEventListener("pageshow", (event) => event.persisted && connect());

  connect();
})();
