// Starts GraphiQL on the schema of this host.
const defaultQuery = `# Ctrl+Enter runs it, Ctrl+Space completes.
# Say who is asking in the headers below:
# {"Authorization": "Bearer …"}
# or in development {"X-User-ID": "1"}
{
  games(first: 5) {
    nodes {
      databaseId
      name
      gamingSystem
      owner { name }
    }
  }
}
`;

if (window.GraphiQL && window.React && window.ReactDOM) {
  const fetcher = GraphiQL.createFetcher({ url: "/graphql" });
  const page = React.createElement(GraphiQL, { fetcher, defaultQuery, defaultEditorToolsVisibility: "headers" });
  ReactDOM.createRoot(document.querySelector("#page")).render(page);
} else {
  document.querySelector("#missing").hidden = false;
}
