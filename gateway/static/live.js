// Renews parts of a page as things happen. Without this file, or without EventSource, the page is reloaded instead.
"use strict";

const live = document.querySelector("[data-live]");

// What somebody has opened stays open.
function keepOpen(shown, fresh) {
  if (shown.matches("details[open]")) fresh.open = true;
  for (const each of shown.querySelectorAll("details[open][id]")) {
    const same = fresh.querySelector(`#${CSS.escape(each.id)}`);
    if (same) same.open = true;
  }
}

// Only what has changed, so that a screen reader says no more than that, and nothing else loses its place.
function renew(shown, fresh) {
  keepOpen(shown, fresh);
  if (shown.isEqualNode(fresh)) return;
  if (fresh.hasAttribute("data-live-parts")) renewParts(shown, fresh);
  else replace(shown, fresh);
}

function renewParts(shown, fresh) {
  const wanted = [...fresh.children];
  const ids = new Set(wanted.map((each) => each.id));
  for (const each of [...shown.children]) if (each.id && !ids.has(each.id)) each.remove();
  wanted.forEach((each, at) => {
    const known = each.id ? [...shown.children].find((child) => child.id === each.id) : shown.children[at];
    if (known) renew(known, each);
    else shown.insertBefore(each, shown.children[at] ?? null);
  });
}

// Who is on a link or a summary in it stays there.
function replace(shown, fresh) {
  const stops = (part) => [...part.querySelectorAll("a, summary")];
  const place = stops(shown).indexOf(document.activeElement);
  shown.replaceWith(fresh);
  if (place >= 0) stops(fresh)[place]?.focus({ preventScroll: true });
}

// Says whether the page renews itself.
function say(on, off) {
  document.querySelector("[data-live-on]").hidden = !on;
  document.querySelector("[data-live-off]").hidden = !off;
}

if (live && "EventSource" in window) {
  const source = new EventSource(live.dataset.live);
  source.addEventListener("open", () => say(true, false));
  source.addEventListener("progress", (event) => {
    const fresh = document.createElement("template");
    fresh.innerHTML = event.data;
    renewParts(live, fresh.content);
  });
  source.addEventListener("said", (event) => {
    document.querySelector("[data-live-said]").textContent = event.data;
  });
  source.addEventListener("done", () => {
    source.close();
    const all = document.querySelector("[data-live-all]");
    if (all) all.hidden = false;
    say(false, !all);
  });
  source.addEventListener("error", () => {
    if (source.readyState === EventSource.CLOSED) say(false, true);
  });
}
