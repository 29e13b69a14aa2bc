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

  // One key each, by the key's place on the board, so that the Kazakh and Russian layouts work too. A key
  // follows a link, moves the focus, or presses a button that completes no legal act. On the desk the keys
  // are those of the marked row: the one that has the focus or had it last, the first one to begin with.
  const typing = (element) => element.closest("input, textarea, select, [contenteditable]");
  const rows = () => [...document.querySelectorAll("[data-row]")];
  const marked = () => document.querySelector("[data-row][data-marked]");
  function mark(row) {
    marked()?.removeAttribute("data-marked");
    row?.setAttribute("data-marked", "");
  }
  const step = { KeyJ: 1, ArrowDown: 1, KeyK: -1, ArrowUp: -1 };
  function move(event) {
    if (event.code.startsWith("Arrow") && !event.target.closest("[data-row]")) return false;
    const all = rows();
    const next = all[all.indexOf(marked()) + step[event.code]];
    if (!next) return false;
    next.focus();
    next.scrollIntoView({ block: "nearest" });
    return true;
  }
  document.addEventListener("focusin", (event) => {
    const row = event.target.closest("[data-row]");
    if (row) mark(row);
  });
  mark(rows().find((row) => row.querySelector("[data-key]")) || rows()[0]);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      document.querySelectorAll("details.account[open]").forEach((menu) => { menu.open = false; });
      if (side()?.firstChild) closeSide();
      return;
    }
    if (document.body.dataset.shortcuts !== "on" || event.ctrlKey || event.altKey || event.metaKey || typing(event.target)) return;
    if (event.code in step && move(event)) return event.preventDefault();
    const wanted = `[data-key="${CSS.escape(event.code)}"]`;
    const target = marked()?.querySelector(wanted) ||
      [...document.querySelectorAll(wanted)].find((found) => !found.closest("[data-row]"));
    if (!target || event.repeat) return;
    event.preventDefault();
    if (target.matches("a, [data-press]")) target.click();
    else target.focus();
  });
})();
