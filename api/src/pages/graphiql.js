// Starts GraphiQL on the schema of this host, with a trade between users of the demo in its tabs, the trade of the README, and a search.
// Everything is sent by HTTP with the headers of the header editor, subscriptions as server-sent events: a browser sends no headers
// with a WebSocket, and behind a proxy X-User-ID is accepted only as a header.
const CLEO = { "X-User-ID": "3" };
const ABBEY = { "X-User-ID": "1" };

const tabs = [
  {
    as: CLEO,
    query: `# A trade between users of the demo, tab by tab.
# Ctrl+Enter runs a tab, Ctrl+Space completes.
#
# The headers below identify the sender: here Cleo, by
# X-User-ID, which is for development. Otherwise
#   mutation {
#     login(input: {email: "…", password: "…"}) {
#       accessToken
#     }
#   }
# returns a token: {"Authorization": "Bearer …"}
#
# Cleo offers her Tetris for Abbey's Ico.
mutation CreateOffer {
  createOffer(input: {
    offeredGameIds: [9]
    requestedGameIds: [3]
    message: "I never finished it."
  }) {
    offer { databaseId status viewerActions }
    userErrors { field code message }
  }
}
`,
  },
  {
    as: ABBEY,
    query: `# The offers that await Abbey's answer, and what she may do.
query WhatWaits {
  offers(filter: {receiverId: 1, status: PENDING}) {
    nodes {
      databaseId
      message
      offerer { name }
      offeredGames { name gamingSystem }
      requestedGames { name gamingSystem }
      viewerActions
    }
  }
}
`,
  },
  {
    as: ABBEY,
    query: `# Abbey accepts: the games change owners. The offer has
# its databaseId from the tab before.
mutation AcceptOffer {
  acceptOffer(input: {offerId: 2}) {
    offer { status }
    games { name owner { name } }
    userErrors { field code message }
  }
}
`,
  },
  {
    as: ABBEY,
    query: `# The events about Abbey's offers, until you stop it.
# Make another offer in a second window.
#
# after: the id of the last event received. This one is
# before the first; without it, only new events come.
subscription MyOffers {
  myOffers(after: "00000000-0000-0000-0000-000000000000") {
    id
    type
    occurredAt
    offer {
      databaseId
      status
      offerer { name }
      offeredGames { name }
      requestedGames { name }
      viewerActions
    }
  }
}
`,
  },
  {
    as: {},
    query: `# The search of the board: words in any order, by their
# beginnings. A mistyped word is corrected, and searchedFor
# says to what.
#
# gameFacets counts what a search finds; titles suggests
# while somebody types.
query FindGames {
  games(filter: {q: "metrid"}, first: 5) {
    searchedFor
    totalCount
    nodes {
      name
      gamingSystem
      system { key name }
      title { key }
    }
  }
  gameFacets(filter: {q: "nintendo"}) {
    total
    systems { system { name } games }
    conditions { condition games }
    decades { decade games }
  }
  titles(q: "metr") {
    nodes { key name }
  }
}
`,
  },
];

const URL = "/graphql";

/** Returns true if the operation to run is a subscription. */
function subscribes({ definitions }, name) {
  const operations = definitions.filter(({ kind }) => kind === "OperationDefinition");
  const asked = operations.find((operation) => !name || operation.name?.value === name);
  return asked?.operation === "subscription";
}

if (window.GraphiQL && window.React && window.ReactDOM && window.graphqlSse?.createClient) {
  const answer = GraphiQL.createFetcher({ url: URL });
  const listen = (request, headers) => graphqlSse.createClient({ url: URL, headers }).iterate(request);
  const fetcher = (request, options) => {
    const listens = options?.documentAST && subscribes(options.documentAST, request.operationName);
    return listens ? listen(request, options.headers ?? {}) : answer(request, options);
  };
  const defaultTabs = tabs.map(({ as, query }) => ({ query, headers: JSON.stringify(as, null, 2) }));
  const page = React.createElement(GraphiQL, { fetcher, defaultTabs, defaultEditorToolsVisibility: "headers" });
  ReactDOM.createRoot(document.querySelector("#page")).render(page);
} else {
  document.querySelector("#missing").hidden = false;
}
