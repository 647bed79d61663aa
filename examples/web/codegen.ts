// Generates types of every operation in src/**/*.graphql from the exchange's own schema. Each build generates them, and they are
// never committed, so they cannot be stale: an operation that does not match the schema fails the build.
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
