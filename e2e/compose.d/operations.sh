# Backup, restore and upgrade, with the commands of docs/operations.md.

operations() {
    local writing before
    say "a backup under load"
    rm -f "$scratch/stop" "$scratch/written"
    writes &
    writing=$!
    soon "somebody writes" has_written 20
    before=$(cat "$scratch/written")
    documented backup
    sleep 1
    touch "$scratch/stop"
    wait "$writing"
    say "$(wc -l <"$scratch/written") games written, $(wc -l <<<"$before") of them before the backup"

    say "its restore into an empty deployment"
    tear_down
    documented restore
    soon "the restored deployment answers" call 200 "$base/health"
    check "no write acknowledged before the backup is missing" all_there "$before"
    soon "its events are relayed" relayed
    body 201 -X POST "$base/games" -H "X-User-ID: 1" -d "$game" >/dev/null

    say "an upgrade of PostgreSQL, to the same version"
    before=$("${compose[@]}" exec -T postgres psql -At -c "SELECT name FROM games")
    documented upgrade
    documented restore
    soon "the upgraded deployment answers" call 200 "$base/health"
    check "nothing is missing after it" all_there "$before"
}

game='{"name":"Ico","publisher":"Sony","year_published":2001,"gaming_system":"PlayStation 2","condition":"mint"}'

# writes: lists games until the end, and records the names of the acknowledged ones.
writes() {
    local number name status
    for number in {1..100000}; do
        [[ ! -e $scratch/stop ]] || return 0
        name="Game $number of the backup"
        status=$(curl -s -o /dev/null -w '%{http_code}' -X POST "$base/games" -H 'X-User-ID: 1' -H 'Content-Type: application/json' \
            -d "${game/Ico/$name}")
        [[ $status != 201 ]] || echo "$name" >>"$scratch/written"
        sleep 0.03
    done
}
has_written() { (($(wc -l <"$scratch/written") >= $1)); }

# all_there NAMES: tests whether the database has games of these names.
all_there() {
    "${compose[@]}" exec -T postgres psql -At -c "SELECT name FROM games" | sort >"$scratch/there"
    [[ -z $(sort <<<"$1" | comm -23 - "$scratch/there") ]]
}
relayed() { [[ $("${compose[@]}" exec -T postgres psql -At -c "SELECT count(*) FROM outbox WHERE published_at IS NULL") == 0 ]]; }
