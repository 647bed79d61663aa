// Two people in two browsers, on a real exchange:
//
//   npm --prefix examples/web test
//
// Installs Chromium from Debian if it is missing. Prints the directory of its screenshots at the end.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Exchange, serve } from "./exchange.mjs";
import { PHONE, launch, listGames, logIn, makeOffer, offer, open, register, show } from "./people.mjs";

const scratch = mkdtempSync(join(tmpdir(), "web-"));
const screenshots = mkdtempSync(join(tmpdir(), "web-screenshots-"));
const exchange = new Exchange(scratch);
let address, server, base, browser;

before(async () => {
  address = await exchange.start("0", "--demo");
  [server, base] = await serve(address);
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await server?.close();
  await exchange.kill();
  rmSync(scratch, { recursive: true });
  console.log(`screenshots: ${screenshots}`);
});

/** A page without a logged-in person. */
const visit = () => open(browser, base);

/** A page on which a person of the demo is logged in. */
async function as(name, options) {
  const page = await open(browser, base, options);
  await logIn(page, `${name.toLowerCase()}@example.com`, exchange.password);
  await page.locator(".who", { hasText: name }).waitFor();
  return page;
}

/** Whether this request is the acceptance of an offer, and not another one in flight. */
const isAccept = (request) => request.postDataJSON()?.operationName === "AcceptOffer";

const shoot = (page, name) => page.screenshot({ path: join(screenshots, `${name}.png`), fullPage: true });

/** Marks the page, so that a reload can be detected. */
const mark = (page) => page.evaluate(() => (window.isMarked = true));
const isMarked = (page) => page.evaluate(() => window.isMarked);

test("the board is searched, filtered and paged without a log-in", async () => {
  const page = await visit();
  const names = page.locator(".game h3");
  await page.getByText("60 games").waitFor();
  await shoot(page, "board");
  await page.getByLabel("Name or publisher").fill("nintendo");
  await page.getByLabel("Condition").selectOption("Fair");
  await page.getByLabel("Order").selectOption("Year");
  await page.getByRole("button", { name: "Search" }).click();
  await page.getByText("4 games", { exact: true }).waitFor();
  assert.deepEqual(await names.allInnerTexts(), ["The Legend of Zelda", "Tetris", "Donkey Kong Country", "Banjo-Kazooie"]);
  assert.deepEqual(page.complaints, []);
  await page.context().close();
});

test("a wrong password and a field that will not do are answered in the words of the API", async () => {
  const page = await visit();
  await logIn(page, "abbey@example.com", "not hers");
  await page.getByRole("alert").getByText("The e-mail address or the password is wrong").waitFor();
  await shoot(page, "wrong-password");
  await page.getByRole("button", { name: "I have no account yet" }).click();
  await page.getByLabel("Name").fill("Dora");
  await page.getByLabel("E-mail").fill("abbey@example.com");
  await page.getByLabel("Password").fill("short");
  await page.getByRole("button", { name: "Make the account" }).click();
  await page.locator('[aria-invalid="true"][name="password"]').waitFor();
  await shoot(page, "register");
  await page.getByLabel("Password").fill("long enough");
  await page.getByRole("button", { name: "Make the account" }).click();
  await page.locator('[aria-invalid="true"][name="email"]').waitFor();
  await page.context().close();
});

test("who registers is logged in and lists a game, and the list is paged", async () => {
  const page = await visit();
  await register(page, "Eve", "eve@example.com");
  await listGames(page, ...Array.from({ length: 13 }, (_, index) => `Okami ${index + 1}`));
  await shoot(page, "my-games");
  assert.equal(await page.getByRole("heading", { name: "Okami 13" }).count(), 0);
  await page.getByRole("button", { name: "More games" }).click();
  await page.getByRole("heading", { name: "Okami 13" }).waitFor();
  assert.deepEqual(page.complaints, []);
  await page.context().close();
});

test("an offer made by one appears to the other, and its acceptance to the first", async () => {
  const [cleo, abbey] = [await as("Cleo"), await as("Abbey", { viewport: PHONE })];
  await show(abbey, "My games");
  await abbey.getByRole("heading", { name: "Ico" }).waitFor();
  await show(abbey, "Offers");
  await offer(abbey, "Metroid").waitFor();
  await mark(abbey);
  await makeOffer(cleo, "Tetris", "Ico", () => shoot(cleo, "make-offer"));
  await show(cleo, "Offers");

  const received = offer(abbey, "Tetris", "Ico");
  await received.getByText("Tetris for Ico?").waitFor();
  await abbey.getByRole("status").getByText("Cleo made you an offer.").waitFor();
  await received.getByText("What I cannot do").click();
  await shoot(abbey, "offers-phone");
  const made = offer(cleo, "Tetris", "Ico");
  assert.deepEqual(await made.getByRole("button").allInnerTexts(), ["Take back"]);
  assert.deepEqual(await received.getByRole("button").allInnerTexts(), ["Accept", "Decline"]);

  await received.getByRole("button", { name: "Accept" }).click();
  await made.getByText("Accepted", { exact: true }).waitFor();
  await made.getByText(/Send your part to: \d+ Example Street/).waitFor();
  assert.equal(await made.getByRole("button").count(), 0);
  await shoot(cleo, "offers");
  await show(abbey, "My games");
  await abbey.getByRole("heading", { name: "Tetris" }).waitFor();
  assert.ok(await isMarked(abbey), "she did not reload");
  assert.deepEqual([...cleo.complaints, ...abbey.complaints], []);
  await Promise.all([cleo.context().close(), abbey.context().close()]);
});

test("an offer that changed since it was seen is not accepted", async () => {
  const [ben, cleo] = [await as("Ben"), await as("Cleo")];
  await makeOffer(cleo, "Pikmin", "EarthBound");
  await show(ben, "Offers");
  const received = offer(ben, "Pikmin", "EarthBound");
  // The game's condition changes while the acceptance is in flight: there is no event for that.
  await ben.route("**/graphql", async (route) => {
    if (isAccept(route.request())) await wear("Pikmin");
    await route.continue();
  });
  await received.getByRole("button", { name: "Accept" }).click();
  await received.getByRole("alert").waitFor();
  await ben.unroute("**/graphql");
  await shoot(ben, "stale");
  await received.getByText("GameCube, poor").waitFor();
  await received.getByRole("button", { name: "Accept" }).click();
  await received.getByText("Accepted", { exact: true }).waitFor();
  await Promise.all([ben.context().close(), cleo.context().close()]);
});

test("every screen fits a phone", async () => {
  const page = await as("Abbey", { viewport: PHONE });
  const fits = () => page.evaluate(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth);
  for (const [screen, ready] of [["Board", ".game"], ["Offers", ".offer"], ["My games", ".game"]]) {
    await show(page, screen);
    await page.locator(ready).first().waitFor();
    await shoot(page, `phone-${screen}`);
    assert.ok(await fits(), screen);
  }
  await show(page, "Board");
  await page.getByRole("button", { name: /^Make an offer for/ }).first().click();
  await page.getByRole("dialog").getByRole("checkbox").first().waitFor();
  await page.screenshot({ path: join(screenshots, "phone-make-offer.png") });
  assert.ok(await fits(), "the dialog");
  await page.context().close();
});

test("a reload keeps the session, an ended token is renewed, and log-out ends it", async () => {
  const page = await as("Ben");
  await page.reload();
  await page.locator(".who", { hasText: "Ben" }).waitFor();
  const reloadWith = async (change) => {
    await page.evaluate((change) => {
      const stored = JSON.parse(sessionStorage.getItem("exchange.session"));
      sessionStorage.setItem("exchange.session", JSON.stringify({ ...stored, ...change }));
    }, change);
    const renewed = page.waitForResponse("**/auth/refresh");
    const begun = (response) => response.request().postDataJSON()?.operationName === "Begin";
    const answered = page.waitForResponse(begun);
    await page.reload();
    assert.equal((await renewed).status(), 200);
    await page.locator(".who", { hasText: "Ben" }).waitFor();
    return (await answered).status();
  };
  assert.equal(await reloadWith({ access: "spoiled", endsAt: Date.now() }), 200, "renewed before it is used");
  assert.deepEqual(page.complaints, []);
  assert.equal(await reloadWith({ access: "spoiled" }), 401, "renewed since it is not taken");

  await page.getByRole("button", { name: "Log out" }).click();
  await page.getByRole("link", { name: "Log in" }).waitFor();
  await page.reload();
  await page.getByRole("link", { name: "Log in" }).waitFor();
  await page.context().close();
});

test("what happened while the exchange was away is shown when it is back, each event once", async () => {
  const [begun, told] = [[], []];
  const hear = (socket) => {
    const read = (type, into) => ({ payload }) => {
      const message = JSON.parse(payload);
      if (message.type === type) into.push(message.payload);
    };
    socket.on("framesent", read("subscribe", begun));
    socket.on("framereceived", read("next", told));
  };
  const prepare = (page) => page.on("websocket", hear);
  const [cleo, ben] = [await as("Cleo", { prepare }), await as("Ben")];
  await makeOffer(cleo, "Journey", "Portal 2");
  await show(cleo, "Offers");
  await offer(cleo, "Journey", "Portal 2").waitFor();
  await cleo.getByRole("status").getByText("You made Ben an offer.").waitFor();
  await show(ben, "Offers");
  await offer(ben, "Journey", "Portal 2").waitFor();
  await Promise.all([cleo, ben].map(mark));

  await exchange.kill();
  await ben.getByRole("status").getByText("The connection is lost").waitFor();
  await ben.getByRole("navigation").getByRole("link", { name: "My games" }).click();
  await ben.getByRole("alert").getByText("cannot be reached").waitFor();
  await shoot(ben, "away");
  // It is up again, but unreachable for the browsers, and Ben rejects the offer by other means.
  const elsewhere = await exchange.start();
  await act(elsewhere, 2, "Journey", "reject");
  await exchange.kill();
  // And back, with another secret: it accepts none of its earlier tokens.
  await exchange.start(new URL(address).port);

  await offer(cleo, "Journey", "Portal 2").getByText("Declined").waitFor();
  await ben.getByRole("status").getByText("The connection is lost").waitFor({ state: "hidden" });
  await ben.getByRole("button", { name: "Try again" }).click();
  await ben.getByRole("heading", { name: "Portal 2" }).waitFor();
  await show(ben, "Offers");
  await offer(ben, "Journey", "Portal 2").getByText("Declined").waitFor();
  assert.deepEqual(await Promise.all([cleo, ben].map(isMarked)), [true, true], "nobody reloaded");
  const events = told.map(({ data }) => data.myOffers);
  assert.deepEqual(events.map(({ type }) => type), ["CREATED", "REJECTED"]);
  assert.equal(begun.length, 2);
  assert.equal(begun[1].variables.after, events[0].id);
  await Promise.all([cleo.context().close(), ben.context().close()]);
});

test("a connection that has gone silent is given up for another", async () => {
  const opened = [];
  let isSilent = false;
  let another;
  const again = new Promise((done) => (another = done));
  const prepare = async (page) => {
    await page.clock.install();
    await page.routeWebSocket("**/graphql", (socket) => {
      if (opened.push(socket) === 2) another();
      const exchange = socket.connectToServer();
      const isMuted = () => isSilent && socket === opened[0];
      socket.onMessage((message) => isMuted() || exchange.send(message));
      exchange.onMessage((message) => isMuted() || socket.send(message));
    });
  };
  const [abbey, ben] = [await as("Abbey"), await as("Ben", { prepare })];
  await show(ben, "Offers");
  await makeOffer(abbey, "Chrono Trigger", "Outrun");
  await ben.getByRole("status").getByText("Abbey made you an offer.").waitFor();
  isSilent = true;
  await show(abbey, "Offers");
  await offer(abbey, "Chrono Trigger", "Outrun").getByRole("button", { name: "Take back" }).click();
  await offer(abbey, "Chrono Trigger", "Outrun").getByText("Cancelled").waitFor();
  await ben.clock.fastForward("00:15");
  await ben.clock.fastForward("00:05");
  await ben.clock.fastForward("00:01");
  await again;
  await offer(ben, "Chrono Trigger", "Outrun").getByText("Cancelled").waitFor();
  await Promise.all([abbey.context().close(), ben.context().close()]);
});

/** Takes an action on the pending offer that names a game, by REST. */
async function act(at, person, game, action) {
  const headers = { "X-User-ID": String(person) };
  const offers = await (await fetch(`${at}/offers?status=pending&expand=offered_games`, { headers })).json();
  const found = offers._embedded.offers.find((one) => JSON.stringify(one).includes(`"${game}"`));
  const done = await fetch(`${at}/offers/${found.id}/${action}`, { method: "PUT", headers });
  assert.equal(done.status, 200);
}

/** Lowers the condition of a game as its owner. */
async function wear(name) {
  const games = await (await fetch(`${address}/games?q=${name}`)).json();
  const [game] = games._embedded.games;
  const worn = await fetch(`${address}/games/${game.id}`, {
    method: "PATCH",
    headers: { "X-User-ID": String(game.owner_id), "Content-Type": "application/merge-patch+json" },
    body: JSON.stringify({ condition: "poor" }),
  });
  assert.equal(worn.status, 200);
}
