// The harness of the Node.js clients: the exchange from the environment, and one line of JSON for each scenario.
export const url = `${process.env.EXCHANGE_URL}/graphql`;
export const socket = url.replace(/^http/, "ws");
export const headers = { Authorization: `Bearer ${process.env.EXCHANGE_TOKEN}` };
/** The newest event before an offer was made. */
export const after = process.env.EXCHANGE_AFTER;

export const VIEWER = "query Viewer($name: Boolean! = true) { viewer { name @include(if: $name) } }";
export const RENAME = "mutation Rename($name: String!) { updateUser(input: { name: $name }) { user { name } userErrors { code } } }";
export const OFFERS = "subscription Offers($after: ID) { myOffers(after: $after) { type offer { databaseId } } }";

const WITHIN_MS = 20_000;

/** Runs a scenario, which throws on a fault, and prints the result. */
export async function play(client, what, scenario) {
    const late = new Promise((_, reject) => setTimeout(() => reject(new Error("no response")), WITHIN_MS).unref());
    const fault = await Promise.race([scenario(), late]).then(
        () => null,
        (failure) => String(failure?.message ?? JSON.stringify(failure)),
    );
    console.log(JSON.stringify({ client, what, fault }));
}

export function expect(seen, expected) {
    const [one, other] = [JSON.stringify(seen), JSON.stringify(expected)];
    if (one !== other) throw new Error(`${one}, expected ${other}`);
}

/** Records the client's HTTP requests and responses without changing them. */
export function listening() {
    const heard = [];
    const noting = async (address, options) => {
        const response = await fetch(address, options);
        heard.push([options?.method ?? "GET", response.headers.get("content-type").split(";")[0]]);
        return response;
    };
    return { heard, fetch: noting };
}

export const JSON_ANSWER = "application/graphql-response+json";
export const STREAM = "text/event-stream";
