// A trade with Relay's own runtime: the list of games in pages, objects refetched by their ids, and mutations whose responses
// update the store. `clients/relay/run` compiles src with relay-compiler, then this, and runs it.
import {
    type GraphQLTaggedNode,
    type MutationParameters,
    type OperationType,
    type ReaderFragment,
    Environment,
    Network,
    RecordSource,
    Store,
    commitMutation,
    createOperationDescriptor,
    fetchQuery,
    getRequest,
    getSingularSelector,
} from "relay-runtime";
import boardPage, { type BoardPageQuery } from "./__generated__/BoardPageQuery.graphql";
import boardGame, { type Board_game$data } from "./__generated__/Board_game.graphql";
import boardGames, { type Board_games$data } from "./__generated__/Board_games.graphql";
import board, { type BoardQuery } from "./__generated__/BoardQuery.graphql";
import acceptOffer, { type OfferAcceptMutation } from "./__generated__/OfferAcceptMutation.graphql";
import createOffer, { type OfferCreateMutation } from "./__generated__/OfferCreateMutation.graphql";
import offerTerms, { type Offer_terms$data } from "./__generated__/Offer_terms.graphql";
import offerAgain, { type OfferTermsQuery } from "./__generated__/OfferTermsQuery.graphql";
import personOffers, { type PersonOffersQuery } from "./__generated__/PersonOffersQuery.graphql";
import person, { type PersonQuery } from "./__generated__/PersonQuery.graphql";
import several, { type PersonSeveralQuery } from "./__generated__/PersonSeveralQuery.graphql";

declare const process: { env: Record<string, string | undefined>; exitCode: number };
const url = process.env["EXCHANGE_URL"] ?? "http://127.0.0.1:8000";

function check(fine: boolean, what: string): asserts fine {
    if (!fine) throw new Error(what);
    console.log(`ok   ${what}`);
}

/** The front end of one person: its Relay environment and what it shows. */
class Screen {
    readonly environment: Environment;

    constructor(userId: number) {
        const network = Network.create(async (request, variables) => {
            const response = await fetch(`${url}/graphql`, {
                method: "POST",
                headers: { "Content-Type": "application/json", "X-User-ID": String(userId) },
                body: JSON.stringify({ query: request.text, variables }),
            });
            return await response.json();
        });
        this.environment = new Environment({ network, store: new Store(new RecordSource()) });
    }

    async ask<T extends OperationType>(query: GraphQLTaggedNode, variables: T["variables"]): Promise<T["response"]> {
        const data = await fetchQuery<T>(this.environment, query, variables).toPromise();
        if (data === undefined) throw new Error("no answer");
        // Retained, or it would be garbage-collected.
        this.environment.retain(createOperationDescriptor(getRequest(query), variables));
        return data;
    }

    /** The data of a fragment, as a component would read it. */
    read<D>(fragment: ReaderFragment, reference: unknown): D {
        const selector = getSingularSelector(fragment, reference);
        if (!selector) throw new Error(`no ${fragment.name} there`);
        return this.environment.lookup(selector).data as D;
    }

    mutate<T extends MutationParameters>(mutation: GraphQLTaggedNode, variables: T["variables"]): Promise<T["response"]> {
        return new Promise((resolve, reject) => {
            commitMutation<T>(this.environment, { mutation, variables, onCompleted: resolve, onError: reject });
        });
    }
}

async function wholeBoard(screen: Screen): Promise<Board_game$data[]> {
    const page = (data: unknown) => screen.read<Board_games$data & { games: { pageInfo: PageInfo } }>(boardGames, data).games;
    type PageInfo = { hasNextPage: boolean; endCursor: string | null };
    let games = page(await screen.ask<BoardQuery>(board, { filter: { condition: "GOOD" } }));
    const seen = [...games.edges];
    while (games.pageInfo.hasNextPage) {
        const variables = { filter: { condition: "GOOD" as const }, count: 2, cursor: games.pageInfo.endCursor };
        games = page(await screen.ask<BoardPageQuery>(boardPage, variables));
        seen.splice(0, seen.length, ...games.edges);
    }
    check(seen.length === games.totalCount, `the pages show each of the ${games.totalCount} games once`);
    return seen.map((edge) => screen.read<Board_game$data>(boardGame, edge.node));
}

/** A name as a catalogue sorts it: a leading article, marks, case and signs do not count. */
function sortable(name: string): string {
    const plain = name.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
    return plain.replace(/^(the|an?) /, "").replace(/[^\p{L}\p{N}]+/gu, " ");
}

async function main(): Promise<void> {
    const [abbey, cleo] = [new Screen(1), new Screen(3)];
    const names = (await wholeBoard(abbey)).map((game) => sortable(game.name));
    check(names.join() === [...names].sort().join(), "the connection is in its order");

    const ofAbbey = (await abbey.ask<PersonQuery>(person, { by: { databaseId: 1 } })).user;
    const ofCleo = (await cleo.ask<PersonQuery>(person, { by: { databaseId: 3 } })).user;
    const [mine, theirs] = [ofAbbey, ofCleo].map((user) => user?.games.edges[0]?.node.id);
    if (!ofAbbey || !ofCleo || !mine || !theirs) throw new Error("the demo has changed");
    const found = await abbey.ask<PersonSeveralQuery>(several, { ids: [theirs, ofCleo.id, "VXNlcjo5OTk="] });
    check(found.nodes.map((node) => node?.__typename).join() === "Game,User,", "several are found by their ids at once");

    const input = { offeredGameIds: [mine], requestedGameIds: [theirs], idempotencyKey: "trade.ts" };
    const made = (await abbey.mutate<OfferCreateMutation>(createOffer, { input })).createOffer;
    const again = (await abbey.mutate<OfferCreateMutation>(createOffer, { input })).createOffer;
    const id = made?.offer?.id;
    if (!id) throw new Error(JSON.stringify(made?.userErrors));
    check(again?.offer?.id === id, "the same key makes the same offer");

    await cleo.ask<PersonOffersQuery>(personOffers, { id: ofCleo.id, count: 100 });
    const seen = cleo.read<Offer_terms$data>(offerTerms, (await cleo.ask<OfferTermsQuery>(offerAgain, { id })).node);
    check(seen.viewerCan.accept.allowed, "the receiver may accept");
    const own = abbey.read<Offer_terms$data>(offerTerms, made.offer);
    check(own.viewerCan.accept.reason?.code === "only_receiver", "the offerer reads why they may not");

    const accept = (ifMatch: string) => cleo.mutate<OfferAcceptMutation>(acceptOffer, { input: { offerId: id, ifMatch } });
    const stale = (await accept('"7"')).acceptOffer?.userErrors[0];
    check(stale?.code === "stale" && stale.changed[0]?.what === "ITSELF", "an offer that is not as it was seen is left alone");
    check((await accept(seen.etag)).acceptOffer?.userErrors.length === 0, "the one that was seen is accepted");
    const after = cleo.environment.lookup(createOperationDescriptor(getRequest(person), { by: { databaseId: 3 } }).fragment);
    const [first] = (after.data as PersonQuery["response"]).user?.games.edges ?? [];
    check(first?.node.owner.id === ofAbbey.id, "the store knows the new owner from the answer alone");
}

main().catch((reason: unknown) => {
    console.error(reason);
    process.exitCode = 1;
});
