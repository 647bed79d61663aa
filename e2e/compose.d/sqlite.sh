# One process with SQLite: backup and restore, with the commands of docs/operations.md.

sqlite() {
    base=http://localhost:8000 tls=()
    say "one container on SQLite"
    documented sqlite-run
    soon "it answers" call 200 "$base/health"
    register before
    documented sqlite-backup
    register after
    documented sqlite-restore
    documented sqlite-run
    soon "it answers after the restore" call 200 "$base/health"
    body 200 "$base/auth/login" -d '{"email":"before@example.com","password":"pass1234"}' >/dev/null
    body 401 "$base/auth/login" -d '{"email":"after@example.com","password":"pass1234"}' >/dev/null
    say "ok: the user from before the backup exists, and the one from after it does not"
}

register() { body 201 "$base/users" -d "{\"name\":\"Abbey\",\"email\":\"$1@example.com\",\"password\":\"pass1234\"}" >/dev/null; }
