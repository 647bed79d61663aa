// Starts GraphiQL on the schema of this host, with a trade of the people of the demo in its tabs: the trade of README.md.
// Everything goes by HTTP with the headers of the header editor, subscriptions as server-sent events: a browser sends no headers
// with a WebSocket, and behind a proxy X-User-ID counts only as a header.
const CLEO = { "X-User-ID": "3" };
const ABBEY = { "X-User-ID": "1" };

const tabs = [
  {
    as: CLEO,
    query: `# A trade of the people of the demo, from tab to tab.
# Ctrl+Enter runs one, Ctrl+Space completes.
#
# The headers below say who is asking: here Cleo, by
# X-User-ID, which is for development. Elsewhere
#   mutation {
#     login(input: {email: "…", password: "…"}) {
#       accessToken
#     }
#   }
# gives a token: {"Authorization": "Bearer …"}
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
    query: `# What waits for Abbey's answer, and what she may do.
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
    query: `# Abbey accepts: the games change hands. The offer is
# by its databaseId in the tab before.
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
    query: `# What happens to Abbey's offers, until it is stopped.
# Make another one in a window beside this.
#
# after: the id of the event that came last. This is
# before the first; without it, it begins now.
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
];

const URL = "/graphql";

/** Is the operation that is to run a subscription? */
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
