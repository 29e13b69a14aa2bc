// Sends a file in chunks (tus 1.0), so that a bad line costs one chunk at most. Without this file the form
// sends it in one piece.
"use strict";

(function () {
  const form = document.querySelector("form[data-upload]");
  if (!form || !window.fetch || !window.TextEncoder) return;
  const part = (name) => form.querySelector(`[data-${name}]`);
  const bar = part("progress").querySelector("progress");
  const words = form.dataset;
  const size = Number(words.chunk);
  const longestPause = 30000;
  let paused = false;

  const base64 = (bytes) => btoa(String.fromCharCode(...bytes));
  const wait = (time) => new Promise((done) => setTimeout(done, time));
  const say = (text) => { part("status").textContent = text; };

  function headers(more) {
    const token = form.querySelector("[name=csrfmiddlewaretoken]").value;
    return { "Tus-Resumable": "1.0.0", "X-CSRFToken": token, ...more };
  }

  // What the form says, as Upload-Metadata; the file's own name and type first.
  function metadata(file) {
    const pairs = [["filename", file.name], ["filetype", file.type]];
    new FormData(form).forEach((value, name) => {
      if (typeof value === "string" && value && name !== "csrfmiddlewaretoken") pairs.push([name, value]);
    });
    const encoder = new TextEncoder();
    return pairs.map(([name, value]) => `${name} ${base64(encoder.encode(value))}`).join(",");
  }

  // The same file for the same page is the same upload: its address is remembered in this browser.
  const memory = (file) => `upload ${words.upload} ${file.name} ${file.size} ${file.lastModified}`;

  async function begin(file) {
    const known = localStorage.getItem(memory(file));
    if (known) {
      const answer = await fetch(known, { method: "HEAD", headers: headers() });
      if (answer.ok) return [known, Number(answer.headers.get("Upload-Offset"))];
      if (answer.status !== 404) throw new TypeError("no answer");
      localStorage.removeItem(memory(file));
    }
    const more = { "Upload-Length": String(file.size), "Upload-Metadata": metadata(file) };
    const answer = await fetch(words.upload, { method: "POST", headers: headers(more) });
    if (answer.status !== 201) return refuse(answer);
    const address = answer.headers.get("Location");
    localStorage.setItem(memory(file), address);
    return [address, 0];
  }

  async function refuse(answer) {
    if (answer.status >= 500 || answer.status === 409 || answer.status === 460) throw new TypeError("again");
    say(`${words.wordsRefused}: ${await answer.text()} (${answer.headers.get("Comity-Code")})`);
    return null;
  }

  async function send(address, file, offset) {
    const chunk = await file.slice(offset, offset + size).arrayBuffer();
    const more = { "Content-Type": "application/offset+octet-stream", "Upload-Offset": String(offset) };
    if (window.crypto?.subtle) {
      more["Upload-Checksum"] = `sha256 ${base64(new Uint8Array(await crypto.subtle.digest("SHA-256", chunk)))}`;
    }
    const answer = await fetch(address, { method: "PATCH", headers: headers(more), body: chunk });
    return answer.ok ? Number(answer.headers.get("Upload-Offset")) : refuse(answer);
  }

  async function whole(file) {
    const found = await begin(file);
    if (!found) return false;
    let [address, offset] = found;
    while (offset < file.size && !paused) {
      bar.value = offset / file.size;
      say(`${Math.floor((100 * offset) / file.size)} % ${words.wordsSent}`);
      const next = await send(address, file, offset);
      if (next === null) return false;
      offset = next;
      form.dataset.sent = String(offset);
    }
    if (offset === file.size) localStorage.removeItem(memory(file));
    return offset === file.size;
  }

  async function run(file) {
    part("progress").hidden = part("pause").hidden = false;
    part("send").disabled = true;
    paused = false;
    let pause = 500;
    for (;;) {
      const before = form.dataset.sent;
      try {
        if (await whole(file)) return location.reload();
        break;
      } catch (error) {
        if (paused) break;
        say(words.wordsWaiting);
        pause = before === form.dataset.sent ? Math.min(2 * pause, longestPause) : 500;
        await wait(pause);
      }
    }
    part("send").disabled = false;
    part("pause").hidden = true;
    if (paused) say(words.wordsPaused);
  }

  part("pause").addEventListener("click", () => { paused = true; });
  form.addEventListener("submit", (event) => {
    const file = form.querySelector("input[type=file]").files[0];
    if (!file || !file.size) return;
    event.preventDefault();
    run(file);
  });
})();
