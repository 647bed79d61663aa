// Validates with graphql-js the documents with which the tests check the exchange's own validation: those marked `legal` must be
// valid by the rules of the specification, those marked `refused` must not. Prints each document that is marked wrongly.
import { readFileSync } from "node:fs";
import { GraphQLError, buildSchema, parse, specifiedRules, validate } from "graphql";

const root = new URL("../../", import.meta.url);
const read = (path) => readFileSync(new URL(path, root), "utf8");
const schema = buildSchema(read("schema.graphql"));

function fault(document) {
    try {
        return validate(schema, parse(document), specifiedRules)[0];
    } catch (failure) {
        if (failure instanceof GraphQLError) return failure;
        throw failure;
    }
}

let wrong = 0;
for (const name of process.argv.slice(2)) {
    const counts = { legal: 0, refused: 0 };
    const [, ...documents] = read(`api/tests/it/protocol/graphql/validation/${name}.graphql`).split(/^## /m);
    for (const entry of documents) {
        const [, verdict, title, document] = /^(legal|refused): (.*)\n([^]*)$/.exec(entry);
        counts[verdict] += 1;
        const found = fault(document);
        if (process.env.EXPLAIN) console.log(`${verdict.padEnd(8)}${title}: ${found?.message ?? "-"}`);
        if ((verdict === "refused") === Boolean(found)) continue;
        wrong += 1;
        console.error(`${name}: graphql-js does not agree that this is ${verdict}: ${title}\n  ${found?.message ?? "no fault"}`);
    }
    console.log(`${name.padEnd(10)}${counts.legal} legal and ${counts.refused} refused documents`);
}
process.exit(wrong ? 1 : 0);
