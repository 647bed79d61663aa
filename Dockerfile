# One image with both programs: `api`, which it starts by default, and `notifier`.
#
#   docker build -t video-game-exchange .
#   docker run --rm -p 127.0.0.1:8000:8000 -v exchange:/data video-game-exchange    # one instance, on SQLite

# The libraries of the pages, which the program embeds.
FROM node:20-bookworm-slim AS pages
WORKDIR /build/pages
COPY pages/package.json pages/package-lock.json pages/.npmrc ./
RUN npm ci --omit=dev
COPY pages/build.mjs ./
RUN npm run build

FROM rust:1.95-slim-bookworm AS programs
RUN apt-get update \
    && apt-get install -y --no-install-recommends g++ make \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /build
# Builds the dependencies from the manifests alone, with empty crates: this layer is reused until a manifest changes. `bench` is a
# member of the workspace, and stays empty.
COPY Cargo.toml Cargo.lock ./
COPY api/Cargo.toml api/
COPY bench/Cargo.toml bench/
COPY catalogue/Cargo.toml catalogue/
COPY entity/Cargo.toml entity/
COPY exchange/Cargo.toml exchange/
COPY graphql-http/Cargo.toml graphql-http/
COPY migration/Cargo.toml migration/
COPY notifier/Cargo.toml notifier/
COPY outbox/Cargo.toml outbox/
COPY platform/Cargo.toml platform/
COPY rules/Cargo.toml rules/
RUN for crate in api catalogue entity exchange graphql-http migration notifier outbox platform rules; do mkdir $crate/src && touch $crate/src/lib.rs; done \
    && mkdir -p bench/src bench/benches/hot \
    && for program in api/src notifier/src bench/src bench/benches/hot; do echo 'fn main() {}' >$program/main.rs; done \
    && cargo build --release --locked -p api -p notifier --bins
COPY catalogue catalogue
COPY entity entity
COPY graphql-http graphql-http
COPY migration migration
COPY platform platform
COPY outbox outbox
COPY rules rules
COPY exchange exchange
COPY notifier notifier
COPY api api
COPY docs/problems docs/problems
COPY --from=pages /build/pages/pinned.rs pages/
COPY --from=pages /build/pages/dist pages/dist
# The real sources are older than the build of the empty ones, and cargo compares times.
RUN touch */src/*.rs \
    && cargo build --release --locked -p api -p notifier --bins \
    && mkdir /programs \
    && cp target/release/api target/release/notifier /programs

FROM debian:bookworm-slim
# Certificate authorities for the mail server; curl for health checks; sqlite3 for backups (docs/operations.md).
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates curl sqlite3 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --user-group --home-dir /data exchange \
    && install -d -o exchange -g exchange /data
COPY --from=programs /programs/ /usr/local/bin/
USER exchange
WORKDIR /data
ENV HOST=0.0.0.0 PORT=8000 DATABASE_URL=sqlite:///data/exchange.db?mode=rwc
EXPOSE 8000
CMD ["api"]
