// What the pages do beyond links and forms. Without this file everything still works, slower.
"use strict";

(function () {
  let cameFrom = null;
  const side = () => document.getElementById("side");

  // The side panel takes the focus when it opens and gives it back when it closes.
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.target === side()) cameFrom = event.detail.elt;
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target === side()) side().querySelector("h2")?.focus();
  });
  function closeSide() {
    side().replaceChildren();
    if (cameFrom?.isConnected) cameFrom.focus();
  }
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-close-side]")) {
      event.preventDefault();
      closeSide();
    }
  });

  // On a narrow screen the places scroll sideways: the one that is open is brought into view.
  document.querySelector("nav.menu [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

  // The account menu closes when one leaves it.
  document.addEventListener("focusout", (event) => {
    const menu = event.target.closest("details.account");
    if (menu && event.relatedTarget && !menu.contains(event.relatedTarget)) menu.open = false;
  });

  // A draft that is left while it is being typed is saved on the way out: nothing is lost.
  let unsaved = null;
  document.addEventListener("input", (event) => { unsaved = event.target.closest("form[data-keep]") || unsaved; });
  document.addEventListener("htmx:beforeRequest", (event) => { if (event.detail.elt === unsaved) unsaved = null; });
  document.addEventListener("htmx:afterRequest", (event) => {
    if (!event.detail.successful && event.detail.elt.matches("form[data-keep]")) unsaved = event.detail.elt;
  });
  document.addEventListener("submit", (event) => { if (event.target === unsaved) unsaved = null; });
  window.addEventListener("pagehide", () => {
    if (!unsaved) return;
    const entered = new FormData(unsaved);
    entered.append("step", "leave");
    navigator.sendBeacon(unsaved.action, entered);
  });

  // One key each, by the key's place on the board, so that the Kazakh and Russian layouts work too.
  // A key follows a link or moves the focus; it never completes an act.
  const typing = (element) => element.closest("input, textarea, select, [contenteditable]");
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      document.querySelectorAll("details.account[open]").forEach((menu) => { menu.open = false; });
      if (side()?.firstChild) closeSide();
      return;
    }
    if (document.body.dataset.shortcuts !== "on" || event.ctrlKey || event.altKey || event.metaKey || typing(event.target)) return;
    const target = document.querySelector(`[data-key="${CSS.escape(event.code)}"]`);
    if (!target) return;
    event.preventDefault();
    if (target.matches("a")) target.click();
    else target.focus();
  });
})();
