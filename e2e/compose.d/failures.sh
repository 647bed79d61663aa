# Failures, and automatic recovery.

failures() {
    local listener="X-User-ID: 1"
    say "a roll-out under requests"
    under_requests roll_out
    check "there are still two notifiers" test "$(containers notifier | wc -l)" = 2

    say "a bad roll-out"
    if (export JWT_SECRET=short; documented roll-out) 2>"$scratch/said"; then die "a roll-out with an invalid setting succeeds"; fi
    check "it reports the fault" grep -q "JWT_SECRET: has 5 bytes" "$scratch/said"
    for _ in {1..9}; do call 200 "$base/games" >/dev/null; done
    say "its repair"
    documented roll-out
    soon "the next good one restores all three" even

    say "NGINX is recreated when its own settings change"
    export CORS_ORIGINS=https://games.example
    documented roll-out
    call 200 -H "Origin: https://games.example" "$base/games" >/dev/null
    check "the instances and NGINX have the setting" header Access-Control-Expose-Headers '.*RateLimit.*'
    unset CORS_ORIGINS

    docker kill "$(containers api2)" >/dev/null
    for _ in {1..9}; do call 200 "$base/games" >/dev/null; done
    say "ok: with an instance killed, nine of nine requests succeed"
    NOTIFIERS=3 "${compose[@]}" up -d --no-build
    soon "an instance that restarts while the notifier is scaled gets its share" even

    "${compose[@]}" stop api3
    "${compose[@]}" restart nginx
    soon "NGINX starts without one of the instances" call 200 "$base/health"
    "${compose[@]}" up -d --no-build --force-recreate api1 api2 api3 notifier
    soon "even distribution after everything was recreated at once" even

    "${compose[@]}" --profile observe up -d --no-build prometheus
    soon "Prometheus scrapes the three instances and the two notifiers" hears 5
    e2e/compose-storm --sequences "$storms" "${compose[@]}"

    "${compose[@]}" --profile demo up -d --no-build demo
    soon "the demo does not change a database that has users" demo_says "leaves the database as it is"
}

# hears NUMBER: tests whether Prometheus scrapes this number of programs.
hears() {
    local up
    up=$("${compose[@]}" --profile observe exec -T prometheus promtool query instant http://127.0.0.1:9090 'count(up == 1)')
    [[ $up == *"=> $1 @"* ]]
}
demo_says() { [[ $("${compose[@]}" --profile demo logs demo) == *"$1"* ]]; }
