// Audits /graphql of the exchange at EXCHANGE_URL. Each audit is a MUST, a SHOULD or a MAY of the specification; its name begins
// with that word. A failed audit is printed with the response, and fails the run.
import { serverAudits } from "graphql-http";

const url = `${process.env.EXCHANGE_URL}/graphql`;
const passed = {};
const failed = [];
for (const audit of serverAudits({ url })) {
    const level = audit.name.split(" ")[0];
    const result = await audit.fn();
    passed[level] ??= [0, 0];
    passed[level][1] += 1;
    if (result.status === "ok") passed[level][0] += 1;
    else failed.push(result);
}
for (const [level, [ok, all]] of Object.entries(passed)) console.log(`${level.padEnd(6)} ${ok} of ${all} audits passed`);
for (const { id, name, status, reason, response } of failed) {
    console.error(`${id} ${name}\n  ${status}: ${reason}\n  ${response.status} ${response.headers.get("content-type")}`);
}
process.exit(failed.length ? 1 : 0);
