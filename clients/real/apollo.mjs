// Apollo Client with its default settings: by POST, by GET, with persisted queries, and over a WebSocket.
import { createHash } from "node:crypto";
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache, gql } from "@apollo/client";
import { GraphQLWsLink } from "@apollo/client/link/subscriptions";
import { PersistedQueryLink } from "@apollo/client/link/persisted-queries";
import { createClient } from "graphql-ws";
import WebSocket from "ws";
import { JSON_ANSWER, OFFERS, RENAME, VIEWER, after, expect, headers, listening, play, socket, url } from "./tell.mjs";

const sha256 = (text) => createHash("sha256").update(text).digest("hex");
const apollo = (link) => new ApolloClient({ link, cache: new InMemoryCache() });

function overHttp(options = {}, before = []) {
    const { heard, fetch } = listening();
    const link = ApolloLink.from([...before, new HttpLink({ uri: url, headers, fetch, ...options })]);
    return { heard, client: apollo(link) };
}

const name = async (client) => (await client.query({ query: gql(VIEWER) })).data.viewer.name;
const first = (client) =>
    new Promise((resolve, reject) => {
        const told = client.subscribe({ query: gql(OFFERS), variables: { after } });
        told.subscribe({ next: ({ data, error }) => (error ? reject(error) : resolve(data.myOffers.type)), error: reject });
    });

await play("Apollo", "query", async () => {
    const { client, heard } = overHttp();
    expect([await name(client), heard], ["ann", [["POST", JSON_ANSWER]]]);
});
await play("Apollo", "query by GET", async () => {
    const { client, heard } = overHttp({ useGETForQueries: true });
    expect([await name(client), heard], ["ann", [["GET", JSON_ANSWER]]]);
});
await play("Apollo", "mutation", async () => {
    const { client } = overHttp();
    const { data } = await client.mutate({ mutation: gql(RENAME), variables: { name: "ann" } });
    expect(data.updateUser.user.name, "ann");
});
for (const useGETForHashedQueries of [false, true]) {
    await play("Apollo", `persisted query by ${useGETForHashedQueries ? "GET" : "POST"}`, async () => {
        const { client, heard } = overHttp({}, [new PersistedQueryLink({ sha256, useGETForHashedQueries })]);
        expect(await name(client), "ann");
        // It learns that there are no persisted queries here, and sends whole ones from then on.
        await client.query({ query: gql("query Users { users { totalCount } }") });
        expect(heard.at(-1)[0], "POST");
    });
}
for (const [way, options] of [
    ["payload", { connectionParams: headers }],
    ["headers", { webSocketImpl: class extends WebSocket { constructor(address, protocols) { super(address, protocols, { headers }); } } }],
    ["both", { connectionParams: headers, webSocketImpl: class extends WebSocket { constructor(address, protocols) { super(address, protocols, { headers }); } } }],
]) {
    const connection = createClient({ url: socket, webSocketImpl: WebSocket, retryAttempts: 0, ...options });
    const client = apollo(new GraphQLWsLink(connection));
    await play("Apollo", `WebSocket, identity in ${way}`, async () => {
        expect([await name(client), await first(client)], ["ann", "CREATED"]);
    });
    await connection.dispose();
}
await play("Apollo", "WebSocket, persisted query", async () => {
    const connection = createClient({ url: socket, webSocketImpl: WebSocket, retryAttempts: 0, connectionParams: headers });
    const link = ApolloLink.from([new PersistedQueryLink({ sha256 }), new GraphQLWsLink(connection)]);
    expect(await name(apollo(link)), "ann");
});
process.exit();
