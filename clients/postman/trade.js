// The folder 'A trade': two people register, list games, and trade them. Each step checks its response.
"use strict";

/** JSON in which variables are not quoted, since they are whole numbers. */
const json = (body) => JSON.stringify(body, null, 2).replace(/"(\{\{\w+\}\})"/g, "$1");

/** One step. `body` and `tests` are as in Postman; `as` is the variable with the caller's id. */
function step(name, method, url, { as, body, tests }) {
    const [where, query] = url.split("?");
    const [host, ...segments] = where.split("/");
    const request = { method, header: [], auth: { type: "noauth" }, url: { raw: url, host: [host], path: segments } };
    if (query) {
        request.url.query = query.split("&").map((pair) => {
            const [key, value] = pair.split("=");
            return { key, value };
        });
    }
    if (as) request.header.push({ key: "X-User-ID", value: `{{${as}}}` });
    if (body) {
        request.header.push({ key: "Content-Type", value: "application/json" });
        request.body = { mode: "raw", raw: json(body), options: { raw: { language: "json" } } };
    }
    const exec = ["const answer = pm.response.json();", ...tests];
    return { name, request, response: [], event: [{ listen: "test", script: { type: "text/javascript", exec } }] };
}

const status = (code) => `pm.test("the status is ${code}", () => pm.response.to.have.status(${code}));`;
const test = (name, ...lines) => `pm.test(${JSON.stringify(name)}, () => { ${lines.join(" ")} });`;
const keep = (name, value) => `pm.collectionVariables.set(${JSON.stringify(name)}, ${value});`;
const links = (are, not) =>
    test(
        `it links to ${are.join(" and ")}, not to ${not.join(" or ")}`,
        `pm.expect(offer._links).to.include.all.keys(${JSON.stringify(are)});`,
        `pm.expect(offer._links).to.not.have.any.keys(${JSON.stringify(not)});`,
    );

const person = (name) => ({
    name,
    email: `${name.toLowerCase()}-{{$guid}}@example.com`,
    password: "pass123",
    street_address: `1 ${name} Street`,
});
const game = (name) => ({ name, publisher: "Nintendo", year_published: 1986, gaming_system: "NES", condition: "good" });

module.exports = {
    name: "A trade",
    description: "Two people register, list a game each, and trade them. To be run in order.",
    item: [
        step("Abbey registers", "POST", "{{baseUrl}}/users", { body: person("Abbey"), tests: [status(201), keep("abbey", "answer.id")] }),
        step("Ben registers", "POST", "{{baseUrl}}/users", { body: person("Ben"), tests: [status(201), keep("ben", "answer.id")] }),
        step("Abbey lists Metroid", "POST", "{{baseUrl}}/games", {
            as: "abbey",
            body: game("Metroid"),
            tests: [status(201), keep("metroid", "answer.id")],
        }),
        step("Ben lists Zelda", "POST", "{{baseUrl}}/games", {
            as: "ben",
            body: game("The Legend of Zelda"),
            tests: [status(201), test("Location leads to it", 'pm.response.to.have.header("Location", `/games/${answer.id}`);')],
        }),
        step("Abbey looks for Ben's games", "GET", "{{baseUrl}}/games?owner_id={{ben}}", {
            as: "abbey",
            tests: [
                status(200),
                test("Zelda is there", "pm.expect(answer._embedded.games.map((game) => game.name)).to.eql(['The Legend of Zelda']);"),
                keep("zelda", "answer._embedded.games[0].id"),
            ],
        }),
        step("Abbey offers Metroid for Zelda", "POST", "{{baseUrl}}/offers", {
            as: "abbey",
            body: { offered_game_id: "{{metroid}}", requested_game_id: "{{zelda}}", message: "A classic for a classic?" },
            tests: [
                "const offer = answer;",
                status(201),
                links(["update", "cancel"], ["accept", "reject"]),
                keep("offer", "offer._links.self.href.slice(1)"),
            ],
        }),
        step("Abbey cannot accept it herself", "PUT", "{{baseUrl}}/{{offer}}/accept", {
            as: "abbey",
            tests: [status(403), test("the problem has a code", "pm.expect(answer.code).to.be.a('string');")],
        }),
        step("Ben sees what he received", "GET", "{{baseUrl}}/offers?user_id={{ben}}&status=pending", {
            as: "ben",
            tests: [
                "const offer = answer._embedded.offers[0];",
                status(200),
                links(["accept", "reject"], ["update", "cancel"]),
                keep("accept", "offer._links.accept.href.slice(1)"),
            ],
        }),
        step("Ben accepts, by the link", "PUT", "{{baseUrl}}/{{accept}}", {
            as: "ben",
            tests: [status(200), test("it is accepted", "pm.expect(answer.status).to.eql('accepted');")],
        }),
        step("Abbey reads the result", "GET", "{{baseUrl}}/{{offer}}", {
            as: "abbey",
            tests: [
                status(200),
                test("it is accepted", "pm.expect(answer.status).to.eql('accepted');"),
                test("she learns where Ben lives", "pm.expect(answer.receiver_address).to.eql('1 Ben Street');"),
            ],
        }),
        step("Zelda is Abbey's", "GET", "{{baseUrl}}/games/{{zelda}}", {
            as: "abbey",
            tests: [status(200), test("she owns it", "pm.expect(answer.owner_id).to.eql(pm.collectionVariables.get('abbey'));")],
        }),
        step("Ben cannot accept it again", "PUT", "{{baseUrl}}/{{accept}}", { as: "ben", tests: [status(409)] }),
    ],
};
