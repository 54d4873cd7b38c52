// Keeps the open board current: the server sends each region's HTML, we put it where it differs.
"use strict";

(() => {
  const SILENCE = 25000; // ms; the server speaks every 10 s, so this long without a word means that it is gone
  const RETRY = 3000; // ms
  const asOf = document.getElementById("as-of");
  const lost = document.getElementById("lost");
  const pulse = document.getElementById("pulse");
  let source = null;
  let silence = 0;
  let retry = 0;

  const put = (name, html) => {
    const place = document.getElementById(`live-${name}`);
    if (!place) return;
    const fresh = document.createElement("template");
    fresh.innerHTML = html;
    if (fresh.innerHTML.trim() === place.innerHTML.trim()) return; // so that nothing is read out twice
    const unfolded = [...place.querySelectorAll("details[open]")].map((details) => details.id);
    const focused = place.contains(document.activeElement) ? document.activeElement.value : null;
    place.replaceChildren(fresh.content);
    for (const id of unfolded) document.getElementById(id)?.setAttribute("open", "");
    if (focused) place.querySelector(`[value="${CSS.escape(focused)}"]`)?.focus();
  };

  const found = () => {
    lost.hidden = true;
    pulse.classList.remove("stopped");
  };

  const lose = () => {
    lost.textContent = lost.dataset.text.replace("{time}", asOf.textContent);
    lost.hidden = false;
    pulse.classList.add("stopped");
    connect();
  };

  const listen = (ms) => {
    clearTimeout(silence);
    silence = setTimeout(lose, ms);
  };

  // What became of this reader's order is told until another takes its place, or its end has come.
  const outdate = (orders) => {
    const fate = document.querySelector(".fate[data-order]");
    if (!fate || orders.includes(fate.dataset.order)) return;
    fate.textContent = fate.dataset.outdated;
    fate.className = "fate wash off";
    delete fate.dataset.order;
  };

  const board = (event) => {
    const said = JSON.parse(event.data);
    for (const [name, html] of Object.entries(said.regions)) put(name, html);
    outdate(said.orders);
    document.title = said.title;
    asOf.textContent = said.at;
    found();
    listen(SILENCE);
  };

  const connect = () => {
    clearTimeout(retry);
    source?.close();
    source = new EventSource("/live");
    source.addEventListener("board", board);
    source.addEventListener("login", () => location.assign("/login"));
    source.addEventListener("error", () => {
      // The browser tries again by itself only while the stream is not closed for good.
      listen(RETRY);
      if (source.readyState === EventSource.CLOSED) retry = setTimeout(connect, RETRY);
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
