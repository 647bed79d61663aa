# Functions shared by the parts of e2e/compose.

# call STATUS curl-arguments…: prints the body; ends the script on any other status.
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

# check WHAT command…: requires that the command succeeds.
check() {
    local what=$1
    shift
    "$@" >/dev/null || die "failed: $what"
    say "ok: $what"
}

# soon WHAT command…: requires that the command succeeds within 60 s.
soon() {
    local what=$1 began=$SECONDS
    shift
    until ("$@") >/dev/null 2>&1; do
        ((SECONDS - began < 60)) || die "failed for 60 s: $what"
        sleep 0.5
    done
    say "ok: $what"
}

# instances: prints the number of responses of each instance to nine requests.
instances() { for _ in {1..9}; do curl -sS "${tls[@]}" "$base/whoami" | jq --raw-output .container_name; done | sort | uniq -c | xargs; }
even() { [[ $(instances) == "3 api1 3 api2 3 api3" ]]; }
letter() { curl -sS "$mail/api/v1/messages" | jq --exit-status --arg to "$1" --arg subject "$2" \
    '[.messages[] | select(.To[0].Address == $to and (.Subject | contains($subject)))] | length == 1'; }
# containers SERVICE…: prints their ids.
containers() { "${compose[@]}" --profile observe ps -a -q "$@"; }

# tear_down: removes the deployment and its volumes. Docker 20.10 may still count the endpoint of a container that was killed
# during its start, and then keeps the network, which the next start can use.
tear_down() {
    "${compose[@]}" --profile demo --profile observe down --volumes --remove-orphans ||
        docker volume ls -q --filter "label=com.docker.compose.project=$COMPOSE_PROJECT_NAME" | xargs -r docker volume rm
}

# documented NAME: runs the block of docs/operations.md with this name, on this deployment, in the scratch directory.
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

# under_requests command…: runs it under continuous requests and with six streams. No request may fail, and no stream may be cut
# more than once. `listener` is the header that identifies the subscribers.
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
    soon "six streams are open" listening 6
    "$@"
    touch "$scratch/stop"
    wait "$asking" "${tasks[@]}"
    check "none of $(wc -l <"$scratch/statuses") requests failed" test "$(sort -u "$scratch/statuses")" = 200
    most=$(wc -l "$scratch"/cuts.* | grep -v total | sort -n | tail -1 | awk '{print $1}')
    check "each stream was cut at most once ($most)" test "$most" -le 1
}

# listens NUMBER: keeps a stream open until the end, reconnects when it is cut, and records each cut.
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

# listening NUMBER: tests whether this number of streams is open.
listening() { (($(grep -l ' 200' "$scratch"/heard.* | wc -l) == $1)); }

# roll_out: reports its duration without a limit: Docker Compose 1, in Python, takes most of it on a busy machine.
roll_out() {
    local began=$SECONDS
    documented roll-out
    say "the roll-out took $((SECONDS - began)) s"
}
