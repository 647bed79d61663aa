// Checks the code with the strict rules of typescript-eslint, and every operation with those of @graphql-eslint, against schema.graphql.
import graphql from "@graphql-eslint/eslint-plugin";
import hooks from "eslint-plugin-react-hooks";
import typescript from "typescript-eslint";

const operations = {
  schema: "../../schema.graphql",
  documents: "src/**/*.graphql",
};

export default typescript.config(
  { ignores: ["dist", "src/gen"] },
  { linterOptions: { noInlineConfig: true } },
  {
    files: ["src/**/*.{ts,tsx}"],
    extends: [typescript.configs.strictTypeChecked, hooks.configs.flat.recommended],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      // `onSubmit={save}` may return a promise: urql returns failures in its result and never throws.
      "@typescript-eslint/no-misused-promises": ["error", { checksVoidReturn: { attributes: false } }],
    },
  },
  {
    files: ["src/**/*.graphql"],
    languageOptions: { parser: graphql.parser, parserOptions: { graphQLConfig: operations } },
    plugins: { "@graphql-eslint": graphql },
    rules: {
      ...graphql.configs["flat/operations-all"].rules,
      // Fields are in the order in which they are shown.
      "@graphql-eslint/alphabetize": "off",
      // The operations of one screen are in one file, named after it.
      "@graphql-eslint/lone-executable-definition": "off",
      "@graphql-eslint/match-document-filename": "off",
      "@graphql-eslint/require-import-fragment": "off",
    },
  },
);
