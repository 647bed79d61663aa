// Opens the pages in Chromium with every other host unreachable, and uses them:
//
//   npm --prefix pages test
//
// starts the program that `cargo build` made, with the demo in its own database, and ends it. Prints the directory of its
// screenshots at the end. If the libraries were not built, it simulates the CDN from node_modules, so that the browser checks
// their integrity.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, before, test } from "node:test";
import { chromium } from "playwright-core";

const BROWSER = "/usr/bin/chromium";
const CDN = "https://cdn.jsdelivr.net/npm/";
const root = resolve(import.meta.dirname, "../..");
const scratch = mkdtempSync(join(tmpdir(), "pages-"));
const screenshots = mkdtempSync(join(tmpdir(), "pages-screenshots-"));
let server, base, browser;

before(async () => {
  if (!existsSync(BROWSER)) {
    execFileSync("apt-get", ["update", "-q"], { stdio: "ignore" });
    execFileSync("apt-get", ["install", "-qy", "--no-install-recommends", "chromium"], { stdio: "ignore" });
  }
  execFileSync("cargo", ["build", "--locked", "--quiet", "--package", "api"], { cwd: root, stdio: "inherit" });
  [server, base] = await startServer("exchange");
  browser = await chromium.launchPersistentContext(join(scratch, "profile"), {
    executablePath: BROWSER,
    headless: true,
    chromiumSandbox: false,
    viewport: { width: 1400, height: 900 },
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
});

after(async () => {
  await browser?.close();
  if (server) await stopServer(server);
  rmSync(scratch, { recursive: true });
  console.log(`screenshots: ${screenshots}`);
});

/** The program on a free port, with a database of this name, once it says where. */
async function startServer(name, more = {}) {
  const program = join(process.env.CARGO_TARGET_DIR ?? join(root, "target"), "debug/api");
  const database = `sqlite://${scratch}/${name}.db?mode=rwc`;
  const settings = { PATH: process.env.PATH, PORT: "0", DATABASE_URL: database, ...more };
  const child = spawn(program, ["--demo"], { cwd: scratch, env: settings, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  const address = await new Promise((found, failed) => {
    child.once("error", failed);
    child.once("exit", (code) => failed(new Error(`the program ended with ${code}: ${output}`)));
    const read = (text) => {
      output += text;
      const open = /open at (http:\S+)/.exec(output);
      if (open) found(open[1]);
    };
    child.stdout.on("data", read);
    child.stderr.on("data", read);
  });
  return [child, address];
}

async function stopServer(child) {
  child.kill("SIGTERM");
  if (child.exitCode === null) await new Promise((ended) => child.once("exit", ended));
}

/** Opens a page and lets `use` try it. Says what it complained of and which other hosts it asked. */
async function visit(path, use, { cdn = playCdn, as = path.slice(1), at = base } = {}) {
  const page = await browser.newPage();
  const complaints = [];
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (line) => line.type() === "error" && complaints.push(line.text()));
  await page.route("**", (route) => {
    const url = route.request().url();
    if (url.startsWith(`${at}/`)) return route.continue();
    if (url.startsWith(CDN)) return cdn(route, url.slice(CDN.length));
    complaints.push(`asked for ${url}`);
    return route.abort();
  });
  const response = await page.goto(at + path);
  assert.equal(response.status(), 200);
  const isBuilt = !(await response.text()).includes(CDN);
  try {
    await use(page, isBuilt);
  } finally {
    await page.screenshot({ path: join(screenshots, `${as}.png`) });
    await page.close();
  }
  return { complaints, isBuilt };
}

/** Serves the file of the package for the CDN's path `name@version/path`. */
function playCdn(route, address) {
  const body = readFileSync(join(root, "pages/node_modules", address.replace(/@[^/]+/, "")));
  const contentType = address.endsWith(".css") ? "text/css" : "text/javascript";
  return route.fulfill({ body, contentType, headers: { "Access-Control-Allow-Origin": "*" } });
}

test("Swagger UI calls the API", async () => {
  const { complaints } = await visit("/docs", async (page) => {
    const operation = page.locator(".opblock-get", { has: page.locator('[data-path="/games"]') });
    await operation.locator(".opblock-summary-control").click();
    await operation.getByRole("button", { name: "Try it out" }).click();
    await operation.getByRole("button", { name: "Execute" }).click();
    const answer = operation.locator(".live-responses-table");
    await answer.getByText("Ico", { exact: false }).first().waitFor();
    assert.match(await answer.innerText(), /^200/m);
  });
  assert.deepEqual(complaints, []);
});

test("ReDoc shows and finds the operations", async () => {
  const { complaints, isBuilt } = await visit("/redoc", async (page) => {
    const { paths } = JSON.parse(readFileSync(join(root, "openapi.json"), "utf8"));
    const operations = Object.values(paths).flatMap(Object.values).map((operation) => operation.operationId);
    await page.getByRole("heading", { name: "Video Game Exchange API" }).waitFor();
    await page.locator('[id="tag/offers"]').waitFor();
    const shown = await page.locator('[id*="/operation/"]').evaluateAll((all) => all.map(({ id }) => id.split("/").pop()));
    assert.deepEqual(operations.filter((id) => !shown.includes(id)), []);
    await page.getByPlaceholder("Search...").fill("accept");
    await page.locator('[data-role="search:results"] li').first().waitFor();
  });
  // From the CDN it has its vendor's logo, which the policy blocks.
  assert.deepEqual(complaints.filter((text) => isBuilt || !text.includes("https://cdn.redoc.ly/redoc/logo-mini.svg")), []);
});

test("the explorer follows links and takes an action", async () => {
  const { complaints } = await visit("/explorer", async (page) => {
    const shown = (relation) => page.locator("#links tr", { has: page.locator(`th:text-is("${relation}")`) }).first();
    const root = await (await fetch(`${base}/`)).json();
    for (const relation of Object.keys(root._links)) await shown(relation).waitFor();
    await page.getByLabel("X-User-ID").fill("1");
    await page.getByLabel("X-User-ID").press("Enter");
    await shown("me").waitFor();
    await shown("games").getByRole("link").click();
    await page.getByRole("heading", { name: "200 OK · GET /games" }).waitFor();
    await page.goBack();
    await shown("create_game").getByRole("button").click();
    const game = { name: "Okami", publisher: "Capcom", year_published: 2006, gaming_system: "PlayStation 2", condition: "mint" };
    await page.getByLabel("Body").fill(JSON.stringify(game));
    await page.getByRole("button", { name: "Send" }).click();
    await page.getByRole("heading", { name: "201 Created" }).waitFor();
  });
  assert.deepEqual(complaints, []);
});

test("the explorer makes forms of HAL-FORMS templates", async () => {
  const template = {
    method: "POST",
    target: "/games",
    properties: [
      { name: "name", prompt: "Name", required: true },
      { name: "year", prompt: "Year", type: "number", min: 1950 },
      { name: "condition", prompt: "Condition", options: { inline: ["mint", { prompt: "Worn", value: "fair" }] } },
      { name: "ids", prompt: "Games", options: { link: { href: "/games" }, valueField: "id", promptField: "name", maxItems: 9 } },
      { name: "message", prompt: "Message" },
    ],
  };
  const form = { _links: { self: { href: "/" } }, _templates: { default: template } };
  const { complaints } = await visit("/explorer", async (page) => {
    await page.route(`${base}/`, (route) => route.fulfill({ json: form }));
    await page.reload();
    await page.getByLabel("Name *").fill("Okami");
    await page.getByLabel("Year").fill("2006");
    await page.getByLabel("Condition").selectOption("Worn");
    await page.getByLabel("Games").selectOption(["Ico", "Tetris"]);
    const sent = page.waitForRequest((request) => request.method() === "POST");
    await page.route(`${base}/games`, (route) => route.fulfill({ json: {} }));
    await page.getByRole("button", { name: "POST /games" }).click();
    assert.deepEqual((await sent).postDataJSON(), { name: "Okami", year: 2006, condition: "fair", ids: [3, 9] });
  }, { as: "explorer-forms" });
  assert.deepEqual(complaints, []);
});

test("the explorer keeps the ends of lines, and takes as many characters as the exchange does", async () => {
  const address = "Ann Example\n12 Long Street\nTown";
  const stored = async () => (await (await fetch(`${base}/users/1`, { headers: { "X-User-ID": "1" } })).json()).street_address;
  const { complaints } = await visit("/explorer#/users/1", async (page) => {
    await page.getByLabel("X-User-ID").fill("1");
    await page.getByLabel("X-User-ID").press("Enter");
    const field = page.getByLabel("Street address");
    const send = async () => {
      const answered = page.waitForResponse((response) => response.request().method() === "PUT");
      await page.getByRole("button", { name: "PUT /users/1", exact: true }).last().click();
      assert.equal((await answered).status(), 200);
    };
    const reload = async () => {
      await page.getByLabel("Path").fill("/users/1");
      await page.getByRole("combobox", { name: "Method" }).selectOption("GET");
      await page.getByRole("button", { name: "Send" }).click();
      await page.getByRole("heading", { name: "200 OK · GET /users/1" }).waitFor();
    };
    await field.fill(address);
    await send();
    assert.equal(await stored(), address);
    await reload();
    assert.equal(await field.inputValue(), address);
    await page.getByLabel("Name").fill("Abigail");
    await send();
    assert.equal(await stored(), address, "another field was changed");
    await reload();
    await field.fill("🎮".repeat(501));
    assert.equal(await field.evaluate((area) => area.validity.valid), false);
    await field.fill("🎮".repeat(500));
    await send();
    assert.equal(await stored(), "🎮".repeat(500));
  }, { as: "explorer-lines" });
  assert.deepEqual(complaints, []);
});

/** GraphiQL plays a trade from tab to tab, shows what happens as it happens, and searches, by X-User-ID. */
async function playTrade(at, as) {
  const { complaints } = await visit("/graphiql", async (page) => {
    const result = page.locator(".result-window");
    const run = async (tab, ...answers) => {
      await page.getByRole("tab", { name: tab }).click();
      // GraphiQL reads the tab's operation asynchronously, and stores it afterwards.
      await page.waitForFunction((name) => localStorage.getItem("graphiql:operationName") === name, tab);
      await page.getByRole("button", { name: /Execute query/ }).click();
      for (const answer of answers) await result.getByText(answer).first().waitFor();
      await page.screenshot({ path: join(screenshots, `${as}-${tab}.png`) });
    };
    await run("CreateOffer", '"databaseId": 2', '"CANCEL"');
    await run("WhatWaits", "I never finished it.", '"ACCEPT"');
    await run("AcceptOffer", '"ACCEPTED"');
    await run("MyOffers", '"ACCEPTED"');
    // By now the games have changed owners.
    const offer = { offered_game_id: 3, requested_game_id: 9 };
    const headers = { "X-User-ID": "3", "Content-Type": "application/json" };
    const made = await fetch(`${at}/offers`, { method: "POST", headers, body: JSON.stringify(offer) });
    assert.equal(made.status, 201);
    await result.getByText('"CREATED"').waitFor();
    await result.getByText('"databaseId": 3').waitFor();
    await page.screenshot({ path: join(screenshots, `${as}-live.png`) });
    await page.getByRole("button", { name: /Stop query/ }).click();
    // The editor renders only the lines that fit, so the rest is read from the response.
    const answered = page.waitForResponse((response) => response.request().postDataJSON()?.operationName === "FindGames");
    await run("FindGames", '"gameFacets"', '"MINT"');
    const { games, titles } = (await (await answered).json()).data;
    assert.deepEqual([games.searchedFor, games.nodes[0].name, titles.nodes.at(-1).key], ["metroid", "Metroid", "metroidprime"]);
    await page.getByRole("button", { name: "Show Documentation Explorer" }).click();
    await page.getByText("A GraphQL schema provides a root type").waitFor();
  }, { at, as });
  assert.deepEqual(complaints, []);
}

test("GraphiQL plays a trade from tab to tab in development", () => playTrade(base, "graphiql"));

test("GraphiQL plays the same trade where a proxy is trusted for X-User-ID", async () => {
  const JWT_SECRET = "a secret of the pages' test, 32 bytes or more";
  const [behind, at] = await startServer("behind-a-proxy", { TRUST_X_USER_ID: "true", JWT_SECRET });
  try {
    await playTrade(at, "graphiql-behind-a-proxy");
  } finally {
    await stopServer(behind);
  }
});

test("a page from the CDN runs only what it pins, and says how to build it in", async (context) => {
  const gone = (route) => route.abort();
  const body = "window.Redoc = window.GraphiQL = window.React = window.ReactDOM = {};";
  const altered = (route) => route.fulfill({ body, contentType: "text/javascript", headers: { "Access-Control-Allow-Origin": "*" } });
  for (const path of ["/redoc", "/graphiql"]) {
    for (const cdn of [gone, altered]) {
      const use = (page, isBuilt) => isBuilt || page.getByText("npm --prefix pages run build").waitFor();
      const { isBuilt } = await visit(path, use, { cdn, as: `${path.slice(1)}-${cdn.name}` });
      if (isBuilt) return context.skip("they are built");
    }
  }
});
