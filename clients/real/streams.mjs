// The clients of the two protocols for subscriptions: graphql-ws and graphql-sse.
import { createClient as createSse } from "graphql-sse";
import { createClient as createWs } from "graphql-ws";
import WebSocket from "ws";
import { OFFERS, VIEWER, after, expect, headers, play, socket, url } from "./tell.mjs";

const CLIENTS = {
    "graphql-ws": () => createWs({ url: socket, webSocketImpl: WebSocket, connectionParams: headers, retryAttempts: 0 }),
    "graphql-sse": () => createSse({ url, headers, retryAttempts: 0 }),
};

for (const [name, create] of Object.entries(CLIENTS)) {
    const client = create();
    await play(name, "query", async () => {
        const answers = [];
        for await (const { data } of client.iterate({ query: VIEWER })) answers.push(data);
        expect(answers, [{ viewer: { name: "ann" } }]);
    });
    await play(name, "subscription", async () => {
        for await (const { data } of client.iterate({ query: OFFERS, variables: { after } })) {
            return expect(data.myOffers.type, "CREATED");
        }
        throw new Error("it ended");
    });
    await client.dispose();
}
process.exit();
