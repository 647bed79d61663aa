# The production overlay: secrets in files, TLS, limits, X-User-ID not trusted.

production() {
    local listener token
    say "the production overlay"
    prepare
    "${compose[@]}" up -d --no-build
    soon "everything is healthy, over TLS" call 200 "$base/health"
    check "and browsers are told to keep using it" header Strict-Transport-Security 'max-age=.*'
    call 308 "http://localhost:8081/games?q=ico" >/dev/null
    check "plain HTTP redirects to HTTPS" header Location 'https://localhost:8080/games\?q=ico'
    echo proof >"$SECRETS/tls/challenges/.well-known/acme-challenge/token"
    check "a certificate authority can validate the host name" test "$(call 200 "http://localhost:8081/.well-known/acme-challenge/token")" = proof
    body 201 "$base/users" -d '{"name":"Abbey","email":"abbey@example.com","password":"pass123"}' >/dev/null
    for spelling in X-User-ID x-user-id X_User_ID; do call 200 -H "$spelling: 1" "$base/" >/dev/null; done
    check "X-User-ID is removed: the caller is anonymous" json '._links | has("me") | not'
    body 200 "$base/auth/login" -d '{"email":"abbey@example.com","password":"pass123"}' >/dev/null
    token=$(jq --raw-output .access_token "$scratch/body")
    listener="Authorization: Bearer $token"
    call 200 -H "$listener" "$base/" >/dev/null
    check "a token identifies the caller" json '._links | has("me")'

    "${compose[@]}" --profile observe up -d --no-build prometheus
    soon "Prometheus runs confined" hears 5
    check "no container has a writable root" confined '{{.HostConfig.ReadonlyRootfs}}' true
    check "each has a memory limit" limited '{{.HostConfig.Memory}}'
    check "each has a CPU limit" limited '{{.HostConfig.NanoCpus}}'
    check "each has a limit on processes" limited '{{.HostConfig.PidsLimit}}'

    say "a roll-out under requests"
    under_requests roll_out
    say "a new certificate under requests"
    certify "$scratch/renewed/fullchain.pem" "$scratch/renewed/privkey.pem"
    cat "$scratch/renewed/fullchain.pem" >>"$scratch/trusted"
    RENEWED_LINEAGE=$scratch/renewed under_requests documented certificate
    soon "NGINX shows the new certificate" test "$(shown)" = "$(openssl x509 -noout -serial -in "$scratch/renewed/fullchain.pem")"
}

# prepare: creates the secrets and settings that docker-compose.production.yml needs.
prepare() {
    export SECRETS=$scratch/secrets
    mkdir -p "$SECRETS/tls/challenges/.well-known/acme-challenge" "$scratch/renewed"
    openssl rand -base64 48 >"$SECRETS/jwt_secret"
    openssl rand -hex 24 >"$SECRETS/postgres_password"
    echo "postgres://exchange:$(cat "$SECRETS/postgres_password")@postgres:5432/exchange" >"$SECRETS/database_url"
    echo "a password" >"$SECRETS/smtp_password"
    certify "$SECRETS/tls/certificate.pem" "$SECRETS/tls/key.pem"
    chmod -R a+rX "$SECRETS"
    chmod 700 "$SECRETS"
    cp "$SECRETS/tls/certificate.pem" "$scratch/trusted"
    cat >"$scratch/env" <<-ENV
		SECRETS=$SECRETS
		PUBLIC_BASE_URL=https://localhost:8080
		SMTP_HOST=mail.invalid
		SMTP_USERNAME=exchange
		FROM_EMAIL=noreply@games.example
	ENV
    compose+=(-f "$here/docker-compose.production.yml")
    base=https://localhost:8080 tls=(--cacert "$scratch/trusted")
}

# certify CERTIFICATE KEY: creates both for localhost.
certify() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 -subj /CN=localhost \
        -addext subjectAltName=DNS:localhost -keyout "$2" -out "$1" 2>/dev/null
}

shown() { openssl s_client -connect localhost:8080 </dev/null 2>/dev/null | openssl x509 -noout -serial; }

# confined FORMAT VALUE: tests whether all containers have it.
confined() { [[ $(containers | xargs docker inspect -f "$1" | sort -u) == "$2" ]]; }
limited() { ! containers | xargs docker inspect -f "$1" | grep -qxE '0|<nil>|-1'; }
