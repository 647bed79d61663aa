// The page that the links in letters open. It shows the form for the link, and sends its token. The token is in the fragment, which
// browsers do not send; it is removed from the address at once, so that it is in no history and on no screenshot.
const token = location.hash.slice(1);
history.replaceState(null, "", location.pathname);
const status = document.querySelector("[role=status]");

for (const element of document.querySelectorAll("[data-when]")) {
  element.hidden = element.dataset.when !== (token ? "with-token" : "without-token");
}

for (const form of document.forms) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("button");
    button.disabled = true;
    const body = Object.fromEntries(new FormData(form));
    if (token) body.token = token;
    try {
      const answer = await fetch(form.dataset.action, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(body),
      });
      status.textContent = (await answer.json()).detail;
      form.hidden = answer.ok;
    } catch {
      status.textContent = "The server does not respond. Nothing was changed; try again.";
    }
    button.disabled = false;
  });
}
