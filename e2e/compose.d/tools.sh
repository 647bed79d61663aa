# What the parts of e2e/compose have in common.

# call STATUS curl-arguments…: prints the body; ends the script when the status is another one.
call() {
    local expected=$1 status
    shift
    status=$(curl -sS -o "$scratch/body" -D "$scratch/headers" -w '%{http_code}' "${tls[@]}" "$@")
    [[ $status == "$expected" ]] || die "$status for $expected: curl $* $(cat "$scratch/body")"
    cat "$scratch/body"
}
body() { call "$@" -H 'Content-Type: application/json'; }
json() { jq --exit-status "$@" <"$scratch/body"; }
header() { grep -qiE "^$1: $2"$'\r?$' "$scratch/headers"; }

# check WHAT command…: what must be so.
check() {
    local what=$1
    shift
    "$@" >/dev/null || die "not so: $what"
    say "ok: $what"
}

# soon WHAT command…: what must become so, within 60 s.
soon() {
    local what=$1 began=$SECONDS
    shift
    until ("$@") >/dev/null 2>&1; do
        ((SECONDS - began < 60)) || die "not so after 60 s: $what"
        sleep 0.5
    done
    say "ok: $what"
}

# instances: how often each answers of nine times.
instances() { for _ in {1..9}; do curl -sS "${tls[@]}" "$base/whoami" | jq --raw-output .container_name; done | sort | uniq -c | xargs; }
even() { [[ $(instances) == "3 api1 3 api2 3 api3" ]]; }
letter() { curl -sS "$mail/api/v1/messages" | jq --exit-status --arg to "$1" --arg subject "$2" \
    '[.messages[] | select(.To[0].Address == $to and (.Subject | contains($subject)))] | length == 1'; }
# containers SERVICE…: their ids.
containers() { "${compose[@]}" --profile observe ps -a -q "$@"; }

# tear_down: removes the deployment and its volumes. Docker 20.10 may count the endpoint of a container that was killed while
# it started, and then keeps the network, which the next start finds as it should be.
tear_down() {
    "${compose[@]}" --profile demo --profile observe down --volumes --remove-orphans ||
        docker volume ls -q --filter "label=com.docker.compose.project=$COMPOSE_PROJECT_NAME" | xargs -r docker volume rm
}

# documented NAME: runs the commands that docs/operations.md has under this name, on this deployment, in the scratch directory.
documented() {
    local text
    text=$(scripts/readme-block "$1" docs/operations.md)
    text=${text//scripts\/roll-out/"$here/scripts/roll-out" ${compose[*]:options}}
    text=${text//exchange-sqlite/exchange-e2e-sqlite}
    say "as documented: $1"
    (
        docker() { if [[ $1 == compose ]]; then shift && "${compose[@]}" "$@"; else command docker "$@"; fi; }
        cd "$scratch" && eval "$text"
    )
}

# under_requests command…: runs it while somebody asks all the time and six people listen. No request may fail, and nobody who
# listens may be cut off more than once. `listener` is how to say who they are.
under_requests() {
    local asking tasks=() most number
    rm -f "$scratch/stop" "$scratch"/cuts.* "$scratch"/heard.*
    (until [[ -e $scratch/stop ]]; do curl -s "${tls[@]}" -o /dev/null -w '%{http_code}\n' "$base/whoami"; sleep 0.05; done \
        >"$scratch/statuses") &
    asking=$!
    for number in {1..6}; do
        listens "$number" &
        tasks+=($!)
    done
    soon "six people listen" listening 6
    "$@"
    touch "$scratch/stop"
    wait "$asking" "${tasks[@]}"
    check "none of $(wc -l <"$scratch/statuses") requests failed" test "$(sort -u "$scratch/statuses")" = 200
    most=$(wc -l "$scratch"/cuts.* | grep -v total | sort -n | tail -1 | awk '{print $1}')
    check "each of those who listen was cut off at most once ($most)" test "$most" -le 1
}

# listens NUMBER: listens until it is over, comes again when it is cut off, and notes each time.
listens() {
    local stream
    : >"$scratch/cuts.$1"
    while [[ ! -e $scratch/stop ]]; do
        curl -sN "${tls[@]}" -H "$listener" -D "$scratch/heard.$1" -o /dev/null "$base/events" &
        stream=$!
        while kill -0 "$stream" 2>/dev/null && [[ ! -e $scratch/stop ]]; do sleep 0.2; done
        if [[ -e $scratch/stop ]]; then kill "$stream" 2>/dev/null || true; else echo cut >>"$scratch/cuts.$1"; fi
        wait "$stream" 2>/dev/null || true
    done
}

# listening NUMBER: do so many have an open stream?
listening() { (($(grep -l ' 200' "$scratch"/heard.* | wc -l) == $1)); }

# roll_out: what it takes is told and not held: Docker Compose 1, in Python, takes most of it on a busy machine.
roll_out() {
    local began=$SECONDS
    documented roll-out
    say "the roll-out took $((SECONDS - began)) s"
}
