# The development deployment, and the documents of the two earlier systems.

trying_out() {
    local web
    say "starting"
    web=$(ls -A examples/web)
    "${compose[@]}" up -d --no-build
    soon "everything is healthy" call 200 "$base/health"
    check "nothing is created in the checkout" test "$(ls -A examples/web)" = "$web"
    soon "/whoami: nine requests are evenly distributed over three instances" even
    the_exchange
    the_trading_api
    the_containers
}

the_exchange() {
    # From the document of the Video Game Exchange API.
    call 200 "$base/whoami" >/dev/null
    check "/whoami has the host name of the container" json '.host_name | test("^[0-9a-f]{12}$")'
    body 201 -X POST "$base/users" -d '{"name":"Abbey","email":"abbey@example.com","password":"pass123","address":"123 Street"}' >/dev/null
    body 201 -X POST "$base/users" -d '{"name":"Ben","email":"ben@example.com","password":"pass123","address":"7 Street"}' >/dev/null
    for owner in 1 2; do
        body 201 -X POST "$base/games?owner_id=$owner" -H "X-User-ID: $owner" \
            -d '{"name":"Ico","publisher":"Sony","year_published":2001,"gaming_system":"PlayStation 2","condition":"mint"}' >/dev/null
    done
    body 201 -X POST "$base/offers" -H 'X-User-ID: 1' -d '{"offered_game_id":1,"requested_game_id":2}' >/dev/null
    check "an offer, pending" json '.status == "pending"'
    body 200 -X PUT "$base/offers/1" -H 'X-User-ID: 1' -d '{"status":"accepted"}' >/dev/null
    check "the requester's own consent: it stays pending for the receiver" json '.status == "pending" and .awaiting == "receiver"'
    call 200 "$base/offers?user_id=2" >/dev/null
    check "the offers that Ben received" json '._embedded.offers | length == 1'
}

the_trading_api() {
    # From the document of the Video Game Trading API, with an identity: without one it is 401 here.
    call 200 -I "$base/" >/dev/null
    check "X-Instance-Name is there" header X-Instance-Name 'API-[123]'
    for page in docs redoc openapi.json health; do call 200 -L "$base/$page" >/dev/null; done
    body 200 -X PUT "$base/users/1/password" -H 'X-User-ID: 1' -d '{"new_password": "newpassword123"}' >/dev/null
    body 409 -X POST "$base/trade-offers" -H 'X-User-ID: 1' -d '{"offered_game_id": 1, "requested_game_id": 2}' >/dev/null
    body 401 -X PUT "$base/trade-offers/1/accept" >/dev/null
    call 200 -X PUT "$base/trade-offers/1/accept" -H 'X-User-ID: 2' >/dev/null
    check "the trade is settled" json '.status == "accepted"'
    soon "a letter about the changed password, in the catcher" letter abbey@example.com password
    soon "a letter about the offer to its receiver" letter ben@example.com "offers you"
    soon "a letter about the trade to its requester" letter abbey@example.com accept
    check "the catcher's page" curl -fsS -o /dev/null "$mail/"
}

the_containers() {
    check "no container runs as root" test -z "$("${compose[@]}" ps -q nginx api1 api2 api3 notifier \
        | xargs -n 1 docker inspect -f '{{.Config.User}}' | grep -xE '|root|0' || true)"
    check "only 127.0.0.1 is published" test -z "$("${compose[@]}" ps -q | xargs docker inspect \
        -f '{{range .NetworkSettings.Ports}}{{range .}}{{.HostIp}} {{end}}{{end}}' | xargs -n 1 | grep -vx 127.0.0.1 || true)"
    check "every log has a size limit" test -z "$(containers | xargs docker inspect \
        -f '{{index .HostConfig.LogConfig.Config "max-size"}}' | grep -vx 10m || true)"
    check "there are two notifiers, as set in NOTIFIERS" test "$(containers notifier | wc -l)" = 2
}
