// Copies the libraries of the pages from their packages, as package-lock.json pins them:
//
//   npm --prefix pages ci && npm --prefix pages run build
//
// writes them to dist/, from which the next `cargo build` embeds them, and writes pinned.rs with their names and, for builds
// without them, the URLs of the same files at the CDN and their integrity. Commit pinned.rs when it changes. To add
// a library, pin its package in package.json, name its file here, and name the constant in its page (api/src/pages).
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, extname } from "node:path";

process.chdir(import.meta.dirname);

const libraries = {
  REACT: { package: "react", path: "umd/react.production.min.js" },
  REACT_DOM: { package: "react-dom", path: "umd/react-dom.production.min.js" },
  GRAPHQL_SSE: { package: "graphql-sse", path: "umd/graphql-sse.min.js" },
  GRAPHIQL: { package: "graphiql", path: "graphiql.min.js" },
  GRAPHIQL_STYLE: { package: "graphiql", path: "graphiql.min.css" },
  REDOC: { package: "redoc", path: "bundles/redoc.standalone.js", change: withoutLogo },
};

/** ReDoc loads a logo from its vendor's host. Replaces it by a transparent dot. */
function withoutLogo(text) {
  const logo = "https://cdn.redoc.ly/redoc/logo-mini.svg";
  const dot = "data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw==";
  const parts = text.split(logo);
  if (parts.length !== 2) throw new Error(`redoc names ${logo} ${parts.length - 1} times, not once: look again`);
  return parts.join(dot);
}

const digest = (algorithm, data, encoding) => createHash(algorithm).update(data).digest(encoding);

mkdirSync("dist", { recursive: true });
for (const old of readdirSync("dist")) if (old !== ".gitignore") rmSync(`dist/${old}`);

let pinned = "// Written by `npm --prefix pages run build`. Do not edit.\n\nuse super::Library;\n";
for (const [name, library] of Object.entries(libraries)) {
  const { version } = JSON.parse(readFileSync(`node_modules/${library.package}/package.json`, "utf8"));
  const original = readFileSync(`node_modules/${library.package}/${library.path}`);
  // Without this comment a browser's tools do not request the source map, which is not copied.
  const text = original.toString().replace(/\n\/\/# sourceMappingURL=.*\s*$/, "\n");
  const built = library.change?.(text) ?? text;
  const kind = extname(library.path);
  const file = `${basename(library.path, kind)}-${digest("sha256", built, "hex").slice(0, 12)}${kind}`;
  writeFileSync(`dist/${file}`, built);
  pinned += `
pub const ${name}: Library = Library {
    file: "${file}",
    cdn: "https://cdn.jsdelivr.net/npm/${library.package}@${version}/${library.path}",
    integrity: "sha384-${digest("sha384", original, "base64")}",
};
`;
  console.log(`${String(Buffer.byteLength(built)).padStart(9)}  dist/${file}  (${library.package} ${version})`);
}
writeFileSync("pinned.rs", pinned);
