"use strict";
// The page: two choices of files, numbered steps, one verdict; nothing leaves this browser.

const $ = (id) => document.getElementById(id);
let language = (navigator.languages || []).map((each) => each.slice(0, 2)).find((each) => TEXTS[each]) || "en";
let shown = [];

const say = (key) => TEXTS[language][key] ?? TEXTS.en[key] ?? key;

function translate() {
  document.documentElement.lang = language;
  for (const each of document.querySelectorAll("[data-text]")) each.textContent = say(each.dataset.text);
  for (const each of document.querySelectorAll("[data-language]")) each.setAttribute("aria-pressed", String(each.dataset.language === language));
  draw();
}

function draw() {
  $("steps").replaceChildren(...shown.map(({ n, id, verdict, code, about }) => {
    const row = document.createElement("tr");
    const words = code ? say(`code.${code}`) : say(`passed.${id}`);
    const told = code && words === `code.${code}` ? say("code.other") : words;
    for (const cell of [String(n), say(`step.${id}`), say(verdict), about ? `${told} (${about})` : told]) {
      row.append(Object.assign(document.createElement("td"), { textContent: cell }));
    }
    Object.assign(row.dataset, { id, verdict, code: code || "" });
    return row;
  }));
  if (!shown.length || shown.busy) return;
  const failed = shown.some((each) => each.verdict === "failed");
  const whole = shown.slice(0, 5).every((each) => each.verdict === "passed");
  const known = shown.slice(0, 8).every((each) => each.verdict === "passed");
  const result = failed ? "failed" : known ? "sealed" : whole ? "intact" : "undecided";
  $("verdict").dataset.result = result;
  $("verdict").textContent = say(`verdict.${result}`);
}

async function chosenAnchors() {
  const files = [...$("anchors").files], found = [];
  const folder = (file) => (file.webkitRelativePath || file.name).replace(/[^/]*$/, "").replace(/former\/$/, "");
  const ids = new Map();
  for (const file of files.filter((each) => each.name === "authority.json" && each.size < 65536)) {
    ids.set(folder(file), JSON.parse(await file.text()));
  }
  for (const file of files.filter((each) => each.name.endsWith(".crt") && each.size < 65536)) {
    const body = /-----BEGIN CERTIFICATE-----([\s\S]*?)-----END/.exec(await file.text());
    const owner = ids.get(folder(file));
    if (!body || !owner) continue;
    const data = unbase64(body[1].replace(/\s/g, "")), certificate = readCertificate(data);
    const seals = files.some((each) => each.name === "seal.crt" && folder(each) === folder(file));
    if (isAuthority(certificate)) found.push({ id: owner.id, name: owner.name, data, certificate, seals });
  }
  return found;
}

const FURTHER = { letter: ["letter"], court_bundle: ["letters", "receipts", "ledger", "custody"], renewal: ["renewed"], remains: ["renewed"] };
const BESIDE = { "stepup.json": "signatory", "signatory.p7s": "national", "signatory.pdf": "signed_pdf" };
const ORDERED = ["encryption", "container", "manifest", "files", "signature", "time", "certificate", "revocation"];

async function verify(file) {
  shown = [];
  shown.busy = true;
  $("verdict").textContent = "";
  $("verdict").dataset.result = "";
  $("files").replaceChildren();
  let stopped = false, entries, found, seal;
  const runs = {
    encryption: async () => {
      if (new TextDecoder().decode(await slice(file, 0, Math.min(22, file.size))) === "age-encryption.org/v1\n") throw new Undecided("identity_needed");
      if (file.size > LIMIT) throw new Undecided("too_large_here");
    },
    container: async () => { entries = await readContainer(file); },
    manifest: async () => { found = await readManifest(file, entries); return `${found.by}, ${found.files.length}/${found.total}`; },
    files: async () => `${await hashFiles(file, found, (read) => { $("progress").max = file.size; $("progress").value = read; })} B`,
    signature: async () => { seal = await checkSeal(found); },
    time: async () => checkTime(found, seal, await chosenAnchors()),
    certificate: async () => checkCertificate(found, seal, await chosenAnchors()),
    revocation: async () => checkRevocation(found, seal, await chosenAnchors()),
  };
  for (const [at, id] of ORDERED.entries()) {
    const step = { n: at + 1, id, verdict: "passed", code: null, about: "" };
    if (stopped) Object.assign(step, { verdict: "indeterminate", code: "not_reached" });
    else {
      try {
        step.about = (await runs[id]()) || "";
      } catch (error) {
        const undecided = error instanceof Undecided;
        const code = error instanceof Refused ? error.code : "unreadable_here";
        Object.assign(step, { verdict: undecided ? "indeterminate" : "failed", code, about: error.about || "" });
        stopped = !undecided || at < 5;
      }
    }
    shown.push(step);
    draw();
  }
  for (const id of stopped ? [] : furtherSteps(found)) {
    shown.push({ n: shown.length + 1, id, verdict: "indeterminate", code: "not_checked_here", about: "" });
  }
  shown.busy = false;
  $("progress").value = $("progress").max;
  draw();
  if (shown.slice(0, 5).every((each) => each.verdict === "passed")) {
    $("files").replaceChildren(...found.files.map((each) => {
      const row = document.createElement("tr");
      for (const cell of [each.name, String(each.bytes), each.sha256]) row.append(Object.assign(document.createElement("td"), { textContent: cell }));
      return row;
    }));
  }
}

/** The steps of "comity verify" that follow the eighth in a package of this kind. */
function furtherSteps(found) {
  const beside = found.kind === "letter" ? Object.keys(BESIDE).filter((name) => found.there.has(name)).map((name) => BESIDE[name]) : [];
  return [...(FURTHER[found.kind] || []), ...beside];
}

let turn = Promise.resolve();
const again = () => { if ($("package").files[0]) turn = turn.then(() => verify($("package").files[0])); };
$("package").addEventListener("change", again);
$("anchors").addEventListener("change", again);
for (const each of document.querySelectorAll("[data-language]")) {
  each.addEventListener("click", () => { language = each.dataset.language; translate(); });
}
translate();
