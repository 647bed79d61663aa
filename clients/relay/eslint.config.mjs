// What schema.graphql keeps to: all rules of @graphql-eslint for schemas, and those for Relay. A rule that is off, or kept in
// part, has its reason beside it.
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
      // Everything is described, not types and root fields alone. Arguments by a selector: those of the directives that GraphQL
      // itself defines have no description, and are written by the library.
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
      // Of what can be found again, and what parts and answers are made of cannot.
      "@graphql-eslint/strict-id-in-types": [
        "error",
        {
          exceptions: {
            suffixes: ["Connection", "Edge", "Payload"],
            types: ["Change", "OfferPermissions", "PageInfo", "Permission", "Reason", "UserError"],
          },
        },
      ],
      // Lists that are short by the rules (the games of an offer, faults, `nodes`) are plain lists.
      "@graphql-eslint/relay-edge-types": [
        "error",
        { withEdgeSuffix: true, shouldImplementNode: true, listTypeCanWrapOnlyEdgeType: false },
      ],
      // The schema is written from the code, and sorted there, byte by byte.
      "@graphql-eslint/alphabetize": "off",
      // There are mutations.
      "@graphql-eslint/no-root-type": "off",
      // `offerer` and `offeredGames` of an Offer are words of their own.
      "@graphql-eslint/no-typename-prefix": "off",
      // A payload has what the mutation changed. Whoever wants more of the board asks for it when it is done.
      "@graphql-eslint/require-field-of-type-query-in-mutation-result": "off",
      // `users`, `games` and `offers` are there even if they are empty.
      "@graphql-eslint/require-nullable-result-in-root": "off",
    },
  },
];
