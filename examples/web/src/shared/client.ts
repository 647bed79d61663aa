/**
 * urql, as this front end uses it: a cache by global ids, the token on every request, and subscriptions over a socket. A client
 * is for one person: who logs in or out gets another, with an empty cache.
 */
import { type Cache, type UpdatesConfig, cacheExchange } from "@urql/exchange-graphcache";
import { authExchange } from "@urql/exchange-auth";
import { Client, fetchExchange, subscriptionExchange } from "urql";
import { session } from "../account/session";
import type { MyOffersSubscription } from "../gen/graphql";
import { forwardTo, openSocket } from "../live/socket";

/** Objects that are parts of the one that holds them, and have no id of their own. */
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
 * An offer that comes in an answer or an event is written into the cache by its id, and every screen that shows it changes. All
 * that is left to say is which lists became longer or shorter. One's own offers are told of like those of others.
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

/** Asks again for lists of this name, of the viewer and of the board, where a screen shows them. */
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
