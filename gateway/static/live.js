// Fills the checklist as things happen. Without this file, or without EventSource, the page is reloaded instead.
"use strict";

const list = document.querySelector("[data-live]");
if (list && "EventSource" in window) {
  const source = new EventSource(list.dataset.live);
  source.addEventListener("progress", (event) => {
    const fresh = document.createElement("template");
    fresh.innerHTML = event.data;
    // Only what has changed, so that a screen reader says no more than that.
    [...fresh.content.children].forEach((step, at) => {
      const shown = list.children[at];
      if (shown.outerHTML !== step.outerHTML) shown.replaceWith(step);
    });
  });
  source.addEventListener("done", () => {
    source.close();
    document.querySelector("[data-live-all]").hidden = false;
    document.querySelector("[data-live-on]").hidden = true;
  });
  source.addEventListener("error", () => {
    if (source.readyState !== EventSource.CLOSED) return;
    document.querySelector("[data-live-on]").hidden = true;
    document.querySelector("[data-live-off]").hidden = false;
  });
}
