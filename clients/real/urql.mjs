// urql with its default settings: queries, mutations, subscriptions over the same fetch, persisted queries, and a subscription without
// an event for longer than NGINX waits for a query.
import { Client, fetchExchange } from "@urql/core";
import { persistedExchange } from "@urql/exchange-persisted";
import { JSON_ANSWER, OFFERS, RENAME, STREAM, VIEWER, after, expect, headers, listening, play, url } from "./tell.mjs";

const SILENCE_MS = 8_000;

function client(exchanges = [fetchExchange]) {
    const { heard, fetch } = listening();
    return { heard, urql: new Client({ url, fetch, exchanges, fetchSubscriptions: true, fetchOptions: { headers } }) };
}

const first = (urql, variables) =>
    new Promise((resolve, reject) => {
        urql.subscription(OFFERS, variables).subscribe(({ data, error }) => (error ? reject(error) : resolve(data.myOffers.type)));
    });

await play("urql", "query", async () => {
    const { urql, heard } = client();
    const { data, error } = await urql.query(VIEWER, {});
    expect([error?.message, data?.viewer.name, heard[0][1]], [undefined, "ann", JSON_ANSWER]);
});
await play("urql", "query by POST", async () => {
    const { urql, heard } = client();
    const { data } = await urql.query(VIEWER, {}, { preferGetMethod: false });
    expect([data?.viewer.name, heard], ["ann", [["POST", JSON_ANSWER]]]);
});
await play("urql", "mutation", async () => {
    const { urql, heard } = client();
    const { data } = await urql.mutation(RENAME, { name: "ann" });
    expect([data?.updateUser.user.name, heard], ["ann", [["POST", JSON_ANSWER]]]);
});
await play("urql", "subscription", async () => {
    const { urql, heard } = client();
    expect([await first(urql, { after }), heard], ["CREATED", [["POST", STREAM]]]);
});
await play("urql", "silent subscription", async () => {
    const { urql } = client();
    const told = first(urql, {});
    await new Promise((resolve) => setTimeout(resolve, SILENCE_MS));
    const message = `Are you there? ${Date.now()}`;
    const update = "mutation($id: ID!, $message: String) { updateOffer(input: { offerId: $id, message: $message }) { userErrors { code } } }";
    const { data } = await client().urql.mutation(update, { id: process.env.EXCHANGE_OFFER, message });
    expect([data.updateOffer.userErrors, await told], [[], "UPDATED"]);
});
await play("urql", "persisted query", async () => {
    const { urql, heard } = client([persistedExchange({ preferGetForPersistedQueries: true }), fetchExchange]);
    const { data } = await urql.query(VIEWER, {});
    expect([data?.viewer.name, heard.map(([, kind]) => kind)], ["ann", [JSON_ANSWER, JSON_ANSWER]]);
});
process.exit();
