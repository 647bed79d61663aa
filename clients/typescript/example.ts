// The list of games, with types: `clients/typescript/run` generates api.d.ts from openapi.json, compiles this, and runs it.
import type { components, paths } from "./api";

type Problem = components["schemas"]["Problem"];
type Games = paths["/games"]["get"];
type Page = Games["responses"][200]["content"]["application/json"];
type Filter = NonNullable<Games["parameters"]["query"]>;

async function games(base: string, filter: Filter): Promise<Page> {
    const query = new URLSearchParams(Object.entries(filter).map(([name, value]) => [name, String(value)]));
    const response = await fetch(`${base}/games?${query}`);
    if (!response.ok) {
        const problem = (await response.json()) as Problem;
        throw new Error(`${problem.code}: ${problem.detail}`);
    }
    return (await response.json()) as Page;
}

async function main(base: string): Promise<void> {
    const page = await games(base, { q: "metroid", condition: "good", limit: 5 });
    for (const game of page._embedded.games) {
        console.log(`${game.id} ${game.name} (${game.gaming_system}, ${game.year_published})`);
    }
    const wrong = await games(base, { limit: 0 }).then(
        () => "no problem",
        (problem: Error) => problem.message,
    );
    if (!wrong.startsWith("invalid: ")) throw new Error(`a limit of 0 gave: ${wrong}`);

    // @ts-expect-error: there is no such condition.
    const mistake: Filter = { condition: "shiny" };
    void mistake;
}

declare const process: { env: Record<string, string | undefined>; exitCode: number };
main(process.env["EXCHANGE_URL"] ?? "http://127.0.0.1:8000").catch((reason: unknown) => {
    console.error(reason);
    process.exitCode = 1;
});
