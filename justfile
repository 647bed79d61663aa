# Short names for the commands of this repository. Every recipe calls a command that works without just
# (https://just.systems); CONTRIBUTING.md explains them.

# List the recipes.
default:
    @just --list

# Start an instance with example data on http://127.0.0.1:8000.
run *options="--demo":
    cargo run -- {{ options }}

# Run the tests on SQLite, or those whose name contains FILTER.
test *filter:
    cargo test --locked {{ filter }}

# Run the same tests on a throw-away PostgreSQL server, which keeps running: scripts/postgres stop.
test-postgres *filter:
    TEST_DATABASE_URL=$(scripts/postgres start) cargo test --locked {{ filter }}

# Regenerate every generated file: openapi.json, schema.graphql, asyncapi.yaml, the clients, pages/pinned.rs.
generate *parts:
    scripts/generate {{ parts }}

# Format the Rust code.
fmt:
    cargo fmt --all

# Lint the Rust code.
lint:
    cargo clippy --workspace --all-targets --locked -- -D warnings

# Run everything that a change must pass before it is merged.
check:
    .ci/run

# Run the commands of the README and of the pages that continue it.
walk:
    scripts/readme-walk

# Check openapi.json, schema.graphql and their clients.
clients *parts:
    clients/check {{ parts }}

# Check the example front end.
web:
    examples/web/check

# Run the drills on the whole system: just e2e --only takeover.
e2e *options:
    e2e/run {{ options }}

# Measure the exchange beside other systems: just bench --short.
bench *options:
    bench/run {{ options }}
