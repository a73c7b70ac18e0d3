# shellcheck shell=bash
# Private PostgreSQL and Redis of the stack, unless DATABASE_URL and REDIS_URL name others.

# Sets SERVERS, the folder of both. It is $RUN_DIR, unless this is root and the user postgres cannot enter that
# (/root is closed to it): PostgreSQL refuses to run as root.
choose_servers_folder() {
    SERVERS=$RUN_DIR
    if [ "$(id -u)" = 0 ] && have runuser && ! runuser -u postgres -- test -x "$RUN_DIR"; then
        SERVERS=/var/lib/store-weaver/$(printf '%s' "$RUN_DIR" | cksum | cut -d ' ' -f 1)
        mkdir -p "$SERVERS"
    fi
}

# A password that is made once and kept in FILE.
password_in() {
    if [ ! -s "$1" ]; then
        mkdir -p "$(dirname "$1")"
        (umask 077 && head -c 24 /dev/urandom | od -An -v -tx1 | tr -d ' \n' >"$1")
    fi
    cat "$1"
}

# Is the PostgreSQL of our folder running? Its first line tells the process, the fourth the port.
postgres_runs() {
    local file=$SERVERS/postgres/data/postmaster.pid
    [ -r "$file" ] && kill -0 "$(head -n 1 "$file")" 2>/dev/null && taken "$(sed -n 4p "$file")"
}

redis_runs() {
    local file=$SERVERS/redis/pid
    [ -r "$file" ] && kill -0 "$(cat "$file")" 2>/dev/null && taken "$(sed -n 's/^port //p' "$SERVERS/redis/redis.conf")"
}

start_postgres() {
    local password port
    password=$(password_in "$SERVERS/postgres/password")
    if ! postgres_runs; then
        step "Starting PostgreSQL in $SERVERS/postgres"
        port=$(free_port 15432)
        "$ROOT/scripts/lib/postgres" start "$SERVERS/postgres" --port "$port" -c max_connections=200 ||
            fail "PostgreSQL did not start" "Look into $SERVERS/postgres/log."
        postgres_runs || fail "PostgreSQL did not start" "Look into $SERVERS/postgres/log."
    fi
    port=$(sed -n 4p "$SERVERS/postgres/data/postmaster.pid")
    "$ROOT/scripts/lib/postgres" database "$SERVERS/postgres" storeweaver --port "$port" ||
        fail "the database could not be made" "Look into $SERVERS/postgres/log."
    DATABASE_URL=postgresql://storeweaver:$password@127.0.0.1:$port/storeweaver
}

start_redis() {
    local password port
    password=$(password_in "$SERVERS/redis/password")
    if ! redis_runs; then
        step "Starting Redis in $SERVERS/redis"
        port=$(free_port 16379)
        "$ROOT/scripts/lib/redis" start "$SERVERS/redis" --port "$port" ||
            fail "Redis did not start" "Look into $SERVERS/redis/log."
    fi
    port=$(sed -n 's/^port //p' "$SERVERS/redis/redis.conf")
    REDIS_URL=redis://default:$password@127.0.0.1:$port
}

# Sets and exports DATABASE_URL and REDIS_URL, SERVERS, and OWN_SERVERS: which of them are ours to stop.
start_servers() {
    OWN_SERVERS=''
    choose_servers_folder
    if [ -z "${DATABASE_URL:-}" ]; then
        OWN_SERVERS+=' postgres'
        start_postgres
    fi
    if [ -z "${REDIS_URL:-}" ]; then
        OWN_SERVERS+=' redis'
        start_redis
    fi
    export DATABASE_URL REDIS_URL
}

# stop_servers FOLDER
stop_servers() {
    local server
    for server in redis postgres; do
        if [ -d "$1/$server" ]; then "$ROOT/scripts/lib/$server" stop "$1/$server" || warn "$server did not stop; see $1/$server/log"; fi
    done
}
