// People in browsers: their actions on the page.
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { chromium } from "playwright-core";

const BROWSER = "/usr/bin/chromium";
export const DESKTOP = { width: 1200, height: 850 };
export const PHONE = { width: 390, height: 844 };

/** Chromium, installed from Debian if it is missing, with every other host unreachable. */
export async function launch() {
  if (!existsSync(BROWSER)) {
    execFileSync("apt-get", ["update", "-q"], { stdio: "ignore" });
    execFileSync("apt-get", ["install", "-qy", "--no-install-recommends", "chromium"], { stdio: "ignore" });
  }
  return chromium.launch({
    executablePath: BROWSER,
    headless: true,
    chromiumSandbox: false,
    args: [
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    ],
  });
}

/** A browser of one person. `complaints` collects the errors of its page; `prepare` gets the page before it is opened. */
export async function open(browser, address, { viewport = DESKTOP, prepare = () => {} } = {}) {
  const context = await browser.newContext({ viewport, reducedMotion: "reduce" });
  const page = await context.newPage();
  const complaints = [];
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (line) => line.type() === "error" && complaints.push(line.text()));
  await prepare(page);
  await page.goto(address);
  return Object.assign(page, { complaints });
}

export async function logIn(page, email, password) {
  await page.getByRole("link", { name: "Log in" }).click();
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Log in" }).click();
}

export async function register(page, name, email) {
  await page.getByRole("link", { name: "Log in" }).click();
  await page.getByRole("button", { name: "I have no account yet" }).click();
  await page.getByLabel("Name").fill(name);
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password").fill("long enough");
  await page.getByRole("button", { name: "Make the account" }).click();
  await page.locator(".who", { hasText: name }).waitFor();
}

export const show = (page, screen) => page.getByRole("navigation").getByRole("link", { name: screen }).click();

/** Lists games, one after the other, for a person who has none yet. */
export async function listGames(page, ...names) {
  await show(page, "My games");
  await page.getByText("List a game").click();
  for (const [index, name] of names.entries()) {
    await page.getByLabel("Name").fill(name);
    await page.getByLabel("Publisher").fill("Capcom");
    await page.getByLabel("Year").fill("2006");
    await page.getByLabel("System").fill("PlayStation 2");
    await page.getByRole("button", { name: "List it" }).click();
    await page.getByText(`${index + 1} games`, { exact: true }).waitFor();
  }
}

/** Fills in an offer and sends it. `before` may inspect it first. */
export async function makeOffer(page, mine, theirs, before = () => {}) {
  await show(page, "Board");
  await page.getByRole("button", { name: `Make an offer for ${theirs}` }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("group", { name: "You give" }).getByLabel(mine).check();
  await dialog.getByLabel("Message").fill(`${mine} for ${theirs}?`);
  await before();
  await dialog.getByRole("button", { name: "Send the offer" }).click();
  await dialog.waitFor({ state: "hidden" });
}

/** The card of the offer with these games. */
export function offer(page, ...games) {
  return games.reduce((cards, game) => cards.filter({ hasText: game }), page.locator(".offer"));
}
