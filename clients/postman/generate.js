// Generates postman_collection.json from openapi.json: the folder of trade.js, and a folder for each tag.
//
//   node clients/postman/generate.js          # prints the collection
"use strict";

const { createHash } = require("node:crypto");
const { readFileSync } = require("node:fs");
const path = require("node:path");

// The converter uses random values and ids. A fixed seed makes the output reproducible.
let state = 1;
Math.random = () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
};

const { convertV2 } = require("openapi-to-postmanv2");
const trade = require("./trade");

const description = readFileSync(path.join(__dirname, "../../openapi.json"), "utf8");
const options = { folderStrategy: "Tags", parametersResolution: "Example" };

// The parameters of paths that are no numbers.
const WORDS = { code: "stale", key: "metroid" };

/** Returns an id that depends only on the position in the collection. */
function idOf(place) {
    const hex = createHash("sha256").update(place).digest("hex");
    return [hex.slice(0, 8), hex.slice(8, 12), `5${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join("-");
}

/** Simplifies one request, or a folder of them. */
function tidy(item, place) {
    const here = `${place}/${item.name}`;
    item.id = idOf(here);
    if (item.item) {
        item.item.forEach((child) => tidy(child, here));
        return;
    }
    if (place.startsWith(`/${trade.name}`)) return; // written by hand
    item.response = []; // generated examples are long, and the description has them
    if (item.request.auth?.type !== "noauth") delete item.request.auth; // inherited from the collection
    for (const parameter of item.request.url.query ?? []) parameter.disabled = true; // all are optional
    for (const variable of item.request.url.variable ?? []) variable.value = WORDS[variable.key] ?? "1";
}

convertV2({ type: "string", data: description }, options, (error, result) => {
    if (error || !result.result) throw error ?? new Error(result.reason);
    const collection = result.output[0].data;
    collection.info._postman_id = idOf("collection");
    collection.info.description = {
        type: "text/markdown",
        content:
            `${JSON.parse(description).info.description}\n\nVariables: \`baseUrl\`, and \`userId\`, the caller (X-User-ID, in ` +
            "development). In production change the collection's authorization to a bearer token from *auth / Log in*. The " +
            "folder *A trade* runs one from beginning to end.",
    };
    collection.auth = {
        type: "apikey",
        apikey: [
            { key: "key", value: "X-User-ID", type: "string" },
            { key: "value", value: "{{userId}}", type: "string" },
            { key: "in", value: "header", type: "string" },
        ],
    };
    collection.variable = [
        { key: "baseUrl", value: "http://127.0.0.1:8000" },
        { key: "userId", value: "1" },
    ];
    collection.item.unshift(trade);
    collection.item.forEach((folder) => tidy(folder, ""));
    process.stdout.write(`${JSON.stringify(collection, null, 2)}\n`);
});
