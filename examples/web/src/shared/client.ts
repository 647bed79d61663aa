/**
 * The urql client: a cache by global ids, the token on every request, and subscriptions over a socket. A client is for one
 * person: log-in and log-out create another, with an empty cache.
 */
import { type Cache, type UpdatesConfig, cacheExchange } from "@urql/exchange-graphcache";
import { authExchange } from "@urql/exchange-auth";
import { Client, fetchExchange, subscriptionExchange } from "urql";
import { session } from "../account/session";
import type { MyOffersSubscription } from "../gen/graphql";
import { forwardTo, openSocket } from "../live/socket";

/** Types that are embedded in their parent and have no id. */
const PARTS = [
  "GameConnection",
  "OfferConnection",
  "PageInfo",
  "OfferPermissions",
  "Permission",
  "Reason",
  "UserError",
  "LoginPayload",
  "RegisterPayload",
  "CreateGamePayload",
  "CreateOfferPayload",
  "AcceptOfferPayload",
  "RejectOfferPayload",
  "CancelOfferPayload",
];

/**
 * The cache stores an offer from a response or an event by its id, and every screen that shows it changes. Only the lists that
 * became longer or shorter have to be named here. Events about one's own offers arrive like those of others.
 */
const updates: UpdatesConfig = {
  Mutation: {
    createGame: (_result, _input, cache) => { forget(cache, "games"); },
  },
  Subscription: {
    myOffers: (result: MyOffersSubscription, _input, cache) => {
      if (result.myOffers.type === "CREATED") forget(cache, "offersSent", "offersReceived");
      if (result.myOffers.type === "ACCEPTED") forget(cache, "games");
    },
  },
};

/** Refetches lists of this name, of the viewer and of everyone, if a screen shows them. */
function forget(cache: Cache, ...lists: string[]): void {
  for (const entity of ["Query", cache.resolve("Query", "viewer") as string | null]) {
    for (const field of cache.inspectFields(entity)) {
      if (lists.includes(field.fieldName)) cache.invalidate(entity ?? undefined, field.fieldName, field.arguments);
    }
  }
}

export function createClient(): Client {
  return new Client({
    url: "/graphql",
    preferGetMethod: false,
    exchanges: [
      cacheExchange({ keys: Object.fromEntries(PARTS.map((type) => [type, () => null])), updates }),
      authExchange((utilities) =>
        Promise.resolve({
          addAuthToOperation: (operation) =>
            session.accessToken
              ? utilities.appendHeaders(operation, { Authorization: `Bearer ${session.accessToken}` })
              : operation,
          willAuthError: () => session.isEnding,
          didAuthError: (error) => {
            const refused = session.isOpen && (error.response as Response | undefined)?.status === 401;
            if (refused) session.distrust();
            return refused;
          },
          refreshAuth: () => session.renewIfEnding(),
        }),
      ),
      fetchExchange,
      subscriptionExchange({ forwardSubscription: forwardTo(openSocket()) }),
    ],
  });
}
