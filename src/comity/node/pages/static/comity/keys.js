// Security keys and passkeys: what the page asks the browser goes out, its answer comes back in the form.
// Without this file a page with a key says so and offers what works without.
"use strict";

(function () {
  const form = document.querySelector("form[data-key]");
  if (!form || !window.PublicKeyCredential) return;
  const asked = JSON.parse(document.getElementById("key_options").textContent);
  const button = form.querySelector("button[data-use-key]");
  const failed = form.querySelector("[data-key-failed]");

  function bytes(text) {
    const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
    return Uint8Array.from(plain, (character) => character.charCodeAt(0));
  }
  function text(buffer) {
    const plain = String.fromCharCode(...new Uint8Array(buffer));
    return btoa(plain).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  }
  const listed = (credentials) => (credentials || []).map((each) => ({ ...each, id: bytes(each.id) }));

  function question() {
    const key = { ...asked.publicKey, challenge: bytes(asked.publicKey.challenge) };
    if (form.dataset.key === "create") {
      key.user = { ...key.user, id: bytes(key.user.id) };
      key.excludeCredentials = listed(key.excludeCredentials);
    } else {
      key.allowCredentials = listed(key.allowCredentials);
    }
    return { publicKey: key };
  }
  function answer(credential) {
    const response = {};
    for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
      if (credential.response[name]) response[name] = text(credential.response[name]);
    }
    return JSON.stringify({
      id: credential.id,
      rawId: text(credential.rawId),
      type: credential.type,
      authenticatorAttachment: credential.authenticatorAttachment,
      clientExtensionResults: credential.getClientExtensionResults(),
      response,
    });
  }

  button.disabled = false;
  form.querySelector("[data-key-needs]")?.remove();
  button.addEventListener("click", async (event) => {
    event.preventDefault();
    failed.hidden = true;
    try {
      const ask = form.dataset.key === "create" ? "create" : "get";
      const credential = await navigator.credentials[ask](question());
      form.elements.credential.value = answer(credential);
      form.submit();
    } catch {
      failed.hidden = false;
      failed.focus();
    }
  });
})();
