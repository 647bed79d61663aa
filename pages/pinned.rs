// Written by `npm --prefix pages run build`. Do not edit.

use super::Library;

pub const REACT: Library = Library {
    file: "react.production.min-d949f1c3687a.js",
    cdn: "https://cdn.jsdelivr.net/npm/react@18.3.1/umd/react.production.min.js",
    integrity: "sha384-DGyLxAyjq0f9SPpVevD6IgztCFlnMF6oW/XQGmfe+IsZ8TqEiDrcHkMLKI6fiB/Z",
};

pub const REACT_DOM: Library = Library {
    file: "react-dom.production.min-35f4f974f4b2.js",
    cdn: "https://cdn.jsdelivr.net/npm/react-dom@18.3.1/umd/react-dom.production.min.js",
    integrity: "sha384-gTGxhz21lVGYNMcdJOyq01Edg0jhn/c22nsx0kyqP0TxaV5WVdsSH1fSDUf5YJj1",
};

pub const GRAPHQL_SSE: Library = Library {
    file: "graphql-sse.min-6bed84a40e55.js",
    cdn: "https://cdn.jsdelivr.net/npm/graphql-sse@2.6.1/umd/graphql-sse.min.js",
    integrity: "sha384-UsvndtFvDnjGmKs11OV8EvlC6rGNPfLJL0VuJCUUWVglJHD4sFt9jcb48vhqaMtj",
};

pub const GRAPHIQL: Library = Library {
    file: "graphiql.min-f118b042b694.js",
    cdn: "https://cdn.jsdelivr.net/npm/graphiql@4.1.2/graphiql.min.js",
    integrity: "sha384-9XdHu7ajgGJziD4J1zNBKQ842Q/+zZfDv+ib1eMhZWBH6hPAs806x+Jbcf0yNO6B",
};

pub const GRAPHIQL_STYLE: Library = Library {
    file: "graphiql.min-30487e07635d.css",
    cdn: "https://cdn.jsdelivr.net/npm/graphiql@4.1.2/graphiql.min.css",
    integrity: "sha384-1el1QShFBnnXTx9x/Cprg82hZWKt0ry29OAYIXt05swbi0KcZDFoj0CWguMpopJr",
};

pub const REDOC: Library = Library {
    file: "redoc.standalone-6c3935b41cbb.js",
    cdn: "https://cdn.jsdelivr.net/npm/redoc@2.5.4/bundles/redoc.standalone.js",
    integrity: "sha384-w447zOpYfw/1Tv/5AK9NfHTlQIqE3RVR6KY62jCyy9zNDgO64cMwGGP1Fj0zJVf5",
};
