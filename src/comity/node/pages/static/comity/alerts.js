// What waits for the reader is asked for every few seconds, said, rung and counted in the title.
// Without this file the page "Alerts" shows the same.
"use strict";

(function () {
  const place = document.querySelector("[data-alerts]");
  if (!place) return;
  const SEEN = 20_000, HIDDEN = 60_000, LONGEST = 120_000, AGAIN = 60_000;
  const polite = place.querySelector("[data-alert-polite]");
  const assertive = place.querySelector("[data-alert-assertive]");
  const title = document.title;
  let tag = "", known = null, failures = 0, timer = 0, ended = false, later = false;

  // What was rung already is remembered for all windows of the browser: a number and a moment, nothing else.
  const kept = (name) => { try { return Number(localStorage.getItem(`comity-${name}`)) || 0; } catch { return 0; } };
  const keep = (name, value) => { try { localStorage.setItem(`comity-${name}`, String(value)); } catch { /* private window */ } };

  function say(where, text, link) {
    const line = document.createElement("p");
    const shown = link ? document.createElement("a") : document.createElement("span");
    shown.textContent = text;
    if (link) { shown.href = link; shown.className = "target"; }
    line.append(shown);
    where.replaceChildren(line);
    where.classList.add("notice");
  }
  function hush(where) {
    if (where.firstChild) where.replaceChildren();
    where.classList.remove("notice");
  }

  function play(name) {
    const sound = new Audio(name === "emergency" ? place.dataset.emergencySound : place.dataset.sound);
    return sound.play();
  }
  function ring(state, fresh) {
    const grave = state.emergencies > 0;
    const now = Date.now();
    const again = grave && now - kept("rung-at") >= AGAIN; // an emergency rings until somebody reacts
    if (!state.sound || !(fresh.length || again)) return;
    keep("rung-at", now);
    const name = grave ? "emergency" : "alert";
    play(name).catch((error) => { if (error.name === "NotAllowedError") ringLater(name); });
  }
  // Until somebody presses something, a browser keeps a page silent: it is said, and made up for then.
  function ringLater(name) {
    if (later) return;
    later = true;
    say(polite, place.dataset.muted, null);
    const made = () => {
      ["pointerup", "keydown"].forEach((kind) => document.removeEventListener(kind, made));
      later = false;
      hush(polite);
      if (known?.count) play(name).catch(() => {});
    };
    ["pointerup", "keydown"].forEach((kind) => document.addEventListener(kind, made));
  }
  function notify(state, fresh) {
    if (!state.desktop || !document.hidden || !fresh.length) return;
    if (!("Notification" in window) || Notification.permission !== "granted") return;
    const first = fresh[0];
    try {
      const shown = new Notification(title, { body: first.text, tag: `comity-${first.id}`, icon: place.dataset.icon });
      shown.addEventListener("click", () => { window.focus(); location.assign(place.dataset.page); });
    } catch { /* a telephone's browser shows none without a worker of its own */ }
  }

  function show(state) {
    known = state;
    document.title = state.count ? `(${state.count}) ${title}` : title;
    document.querySelectorAll("[data-alert-count]").forEach((badge) => {
      badge.textContent = state.count || "";
      badge.hidden = !state.count;
      badge.classList.toggle("grave", state.emergencies > 0);
    });
    const grave = state.alerts.filter((alert) => alert.urgency === "emergency");
    const fresh = state.alerts.filter((alert) => alert.id > kept("rung-upto"));
    // On the page of alerts itself they stand below.
    const here = location.pathname.startsWith(place.dataset.page);
    const text = (alerts) => `${place.dataset.open} (${state.count}): ${alerts[0].text}`;
    if (grave.length && !here) say(assertive, text(grave), place.dataset.page);
    else hush(assertive);
    if (!grave.length && fresh.length && !here) say(polite, text(fresh), place.dataset.page);
    else if (!state.count) hush(polite);
    ring(state, fresh);
    notify(state, fresh);
    if (state.newest > kept("rung-upto")) keep("rung-upto", state.newest);
  }

  async function ask() {
    let answer;
    try {
      const headers = { Accept: "application/json" };
      if (tag) headers["If-None-Match"] = tag;
      answer = await fetch(place.dataset.alerts, { headers, cache: "no-store", redirect: "manual" });
      if (answer.type === "opaqueredirect" || answer.status === 401 || answer.status === 403) {
        ended = true;
        say(assertive, place.dataset.signedOut, place.dataset.page);
        return;
      }
      if (answer.status === 304) show(known);
      else if (answer.ok) { tag = answer.headers.get("ETag") || ""; show(await answer.json()); }
      else throw new Error(String(answer.status));
      if (failures >= 3) hush(polite);
      failures = 0;
    } catch {
      failures += 1;
      if (failures === 3) say(polite, place.dataset.lost, null);
    }
  }
  async function round() {
    clearTimeout(timer);
    await ask();
    if (ended) return;
    const pause = document.hidden ? HIDDEN : SEEN;
    timer = setTimeout(round, Math.min(pause * 2 ** Math.min(failures, 3), failures ? LONGEST : pause));
  }
  document.addEventListener("visibilitychange", () => { if (!document.hidden && !ended) round(); });

  // The page "How I am reached": sounds to try, and the browser's permission, which only a press may ask for.
  const trial = document.querySelector("[data-alert-trial]");
  if (trial) {
    const permitted = trial.querySelector("[data-alert-permitted]");
    const tell = (answer) => { permitted.textContent = answer === "granted" ? place.dataset.permitted : place.dataset.denied; };
    trial.hidden = false;
    trial.addEventListener("click", async (event) => {
      const button = event.target.closest("button");
      if (button?.dataset.alertPlay) play(button.dataset.alertPlay).catch(() => { permitted.textContent = place.dataset.muted; });
      else if (button && "Notification" in window) tell(await Notification.requestPermission());
      else if (button) tell("denied");
    });
  }
  round();
})();
