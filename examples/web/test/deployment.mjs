// The deployed front end: two people, each connected to another instance, and the time until an offer shows on the other's screen.
//
//   npm --prefix examples/web run test:deployment -- http://127.0.0.1:8080/app/
//
// Prints JSON: the instances, and the milliseconds until her offer showed on his screen (offer_ms) and his reply on hers (answer_ms).
// Creates two accounts there. Needs at least two instances.
import { launch, listGames, makeOffer, offer, open, register, show } from "./people.mjs";

const [address] = process.argv.slice(2);
if (!address) throw new Error("say where the front end is: http://127.0.0.1:8080/app/");

/** Records the instance to which each WebSocket of a page is connected. */
async function watch(page, instances) {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("Network.enable");
  devtools.on("Network.webSocketHandshakeResponseReceived", ({ response }) => {
    const [, name] = Object.entries(response.headers).find(([header]) => header.toLowerCase() === "x-instance-name") ?? [];
    instances.push(name ?? "unnamed");
  });
}

const browser = await launch();
const mark = Date.now().toString(36);
const [hers, his] = [`Okami ${mark}`, `Vanquish ${mark}`];

async function enter(name, game) {
  const instances = [];
  const page = await open(browser, address, { prepare: (page) => watch(page, instances) });
  await register(page, name, `${name.toLowerCase()}-${mark}@example.com`);
  await listGames(page, game);
  return { page, instances };
}

const dora = await enter("Dora", hers);
const emil = await enter("Emil", his);
for (let attempt = 0; emil.instances.at(-1) === dora.instances.at(-1); attempt += 1) {
  if (attempt === 10) throw new Error(`both are at ${dora.instances.at(-1)}, however often Emil reloads`);
  const connected = emil.page.waitForEvent("websocket");
  await emil.page.reload();
  await (await connected).waitForEvent("framereceived");
}

await show(emil.page, "Offers");
await emil.page.getByText("Nobody has made you an offer yet.").waitFor();
let sent;
await show(dora.page, "Board");
await dora.page.getByLabel("Name or publisher").fill(mark);
await dora.page.getByRole("button", { name: "Search" }).click();
const appears = offer(emil.page, hers, his).waitFor().then(() => performance.now() - sent);
await makeOffer(dora.page, hers, his, () => { sent = performance.now(); });
const there = await appears;

await show(dora.page, "Offers");
const changes = offer(dora.page, hers, his).getByText("Accepted", { exact: true });
sent = performance.now();
await offer(emil.page, hers, his).getByRole("button", { name: "Accept" }).click();
await changes.waitFor();
const back = performance.now() - sent;
await browser.close();

console.log(JSON.stringify({
  instances: [dora.instances.at(-1), emil.instances.at(-1)],
  offer_ms: Math.round(there),
  answer_ms: Math.round(back),
}));
