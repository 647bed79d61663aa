// The rules for schema.graphql: all of @graphql-eslint for schemas, and those for Relay. A rule that is off or restricted has its
// reason beside it.
import { fileURLToPath } from "node:url";
import plugin from "@graphql-eslint/eslint-plugin";

const schema = fileURLToPath(new URL("../../schema.graphql", import.meta.url));

export default [
  {
    files: ["**/*.graphql"],
    languageOptions: { parser: plugin.parser, parserOptions: { graphQLConfig: { schema } } },
    linterOptions: { noInlineConfig: true },
    plugins: { "@graphql-eslint": plugin },
    rules: {
      ...plugin.configs["flat/schema-all"].rules,
      ...plugin.configs["flat/schema-relay"].rules,
      // Everything must be described, not only types and root fields. Arguments by a selector: those of GraphQL's own directives
      // have no description, and are written by the library.
      "@graphql-eslint/require-description": [
        "error",
        {
          types: true,
          rootField: true,
          DirectiveDefinition: true,
          FieldDefinition: true,
          EnumValueDefinition: true,
        },
      ],
      "no-restricted-syntax": [
        "error",
        {
          selector: ":matches(FieldDefinition, InputObjectTypeDefinition) > InputValueDefinition:not([description])",
          message: "Say what it is.",
        },
      ],
      // Only types that can be refetched have an id; parts and payloads cannot, and titles and systems have keys of their own.
      "@graphql-eslint/strict-id-in-types": [
        "error",
        {
          exceptions: {
            suffixes: ["Connection", "Count", "Edge", "Payload"],
            types: [
              "Change",
              "GameFacets",
              "OfferPermissions",
              "PageInfo",
              "Permission",
              "Reason",
              "System",
              "Title",
              "TitleSuggestions",
              "UserError",
            ],
          },
        },
      ],
      // Lists with a small limit (the games of an offer, errors, `nodes`) are plain lists.
      "@graphql-eslint/relay-edge-types": [
        "error",
        { withEdgeSuffix: true, shouldImplementNode: true, listTypeCanWrapOnlyEdgeType: false },
      ],
      // The schema is generated, and sorted by bytes.
      "@graphql-eslint/alphabetize": "off",
      // The schema has mutations.
      "@graphql-eslint/no-root-type": "off",
      // `offerer` and `offeredGames` of an Offer are terms of the domain.
      "@graphql-eslint/no-typename-prefix": "off",
      // A payload has what the mutation changed. Clients query other data afterwards.
      "@graphql-eslint/require-field-of-type-query-in-mutation-result": "off",
      // `users`, `games` and `offers` are never null, only empty.
      "@graphql-eslint/require-nullable-result-in-root": "off",
    },
  },
];
