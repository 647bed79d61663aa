// Subscribes to events about people's offers over each transport, and prints a line of JSON for each thing that happens:
//
//   node listen.js '[{"name": "1", "way": "graphql-ws", "urls": ["http://127.0.0.1:8000"], "headers": {"X-User-ID": "1"}, "after": "…"}]'
//
//   {"listener", "event", "at", "from"}    an event: its id, the time in seconds of Unix time, and the instance
//   {"listener", "cut", "why"}             the connection was lost; it resumes at the next of `urls`, after the last event
//   {"listener", "refused"}                rejected for good: the code of the error, or that of a closed WebSocket
import { readdirSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { EventSource } from "eventsource";
import { createClient as createSseClient } from "graphql-sse";
import { createClient as createWsClient } from "graphql-ws";
import WebSocket from "ws";

const MY_OFFERS = "subscription($after: ID) { myOffers(after: $after) { id } }";
// Milliseconds between two attempts.
const BREATH = 100;
const GOLDEN = new URL("../../entity/golden/", import.meta.url);
const OFFER_EVENTS = readdirSync(GOLDEN)
  .filter((file) => file.startsWith("offer."))
  .map((file) => file.replace(/\.json$/, ""));

const WAYS = {
  // Sends the identity twice: behind a proxy X-User-ID counts only as a header of the handshake.
  "graphql-ws": (listener, say) => {
    const { headers } = listener;
    const webSocketImpl = class extends WebSocket {
      constructor(address, protocols) {
        super(address, protocols, { headers });
      }
    };
    const client = (url) =>
      createWsClient({
        url: `${url.replace("http", "ws")}/graphql`,
        webSocketImpl,
        connectionParams: listener.headers,
        retryAttempts: 0,
      });
    return subscribe(listener, say, client);
  },
  "graphql-sse": (listener, say) => {
    const client = (url) => createSseClient({ url: `${url}/graphql`, headers: listener.headers, retryAttempts: 0 });
    return subscribe(listener, say, client);
  },
  EventSource: listen,
};

/** Subscribes at one instance after the other, resuming after the last event. */
async function subscribe({ urls, after }, say, open) {
  for (let turn = 0; ; turn++) {
    const url = urls[turn % urls.length];
    const client = open(url);
    // The stream must not complete: a `complete` would keep a client from reconnecting.
    let [refused, why] = ["complete"];
    try {
      for await (const { data, errors } of client.iterate({ query: MY_OFFERS, variables: { after } })) {
        if (errors) throw errors;
        after = data.myOffers.id;
        say({ event: after, at: Date.now() / 1000, from: url });
      }
    } catch (failure) {
      refused = failure[0]?.extensions.code ?? (failure.code >= 4400 ? failure.code : undefined);
      why = failure.code ?? String(failure);
    }
    client.dispose();
    if (refused) return say({ refused });
    say({ cut: url, why });
    await wait(BREATH);
  }
}

/** Subscribes as browsers do: an EventSource reconnects by itself, with Last-Event-ID, to any instance. */
function listen({ urls, headers, after }, say) {
  let turn = -1;
  const source = new EventSource(`http://any/events?after=${after}`, {
    fetch: async (address, init) => {
      if (++turn > 0) say({ cut: urls[(turn - 1) % urls.length], why: "no more" });
      const { pathname, search } = new URL(address);
      const url = urls[turn % urls.length] + pathname + search;
      const response = await fetch(url, { ...init, headers: { ...init.headers, ...headers } });
      if (!response.ok) refuse((await response.clone().json()).code);
      return response;
    },
  });
  const refuse = (code) => {
    source.close();
    say({ refused: code });
  };
  source.addEventListener("problem", ({ data }) => refuse(JSON.parse(data).code));
  for (const kind of OFFER_EVENTS) {
    source.addEventListener(kind, ({ lastEventId }) =>
      say({ event: lastEventId, at: Date.now() / 1000, from: urls[turn % urls.length] }),
    );
  }
}

for (const listener of JSON.parse(process.argv[2])) {
  WAYS[listener.way](listener, (what) => console.log(JSON.stringify({ listener: listener.name, ...what })));
}
