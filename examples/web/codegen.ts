// Types of every operation in src/**/*.graphql, from the schema that the exchange itself writes. They are made anew by each
// build and never committed, so they cannot be stale: an operation that the schema does not know fails the build.
import type { CodegenConfig } from "@graphql-codegen/cli";

const config: CodegenConfig = {
  schema: "../../schema.graphql",
  documents: "src/**/*.graphql",
  generates: {
    "src/gen/": {
      preset: "client",
      presetConfig: { fragmentMasking: false },
      config: { useTypeImports: true, enumsAsTypes: true, strictScalars: true, scalars: { DateTime: "string" } },
    },
  },
};

export default config;
