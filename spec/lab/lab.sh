#!/bin/sh
# lab.sh - real servers on loopback, for the specs beside it.
#   lab.sh start FOLDER BASE SERVER...     lab.sh stop FOLDER     lab.sh missing SERVER...
# FOLDER must be absolute, empty at start and open to the servers' users. The
# ports are BASE and a number each; FOLDER/ports tells which, by name. What a
# server is, and what it says to whom, stands in the file of its name.
# SPDX-License-Identifier: MIT
set -eu
PATH=$PATH:/usr/sbin:/sbin
here=$(cd "$(dirname "$0")" && pwd)
every="postfix dovecot exim aiosmtpd smtp_sink" # Dovecot after Postfix: it serves it
# shellcheck disable=SC1090
for server in keys $every; do . "$here/$server.sh"; done

is_among() { # word, words
    case " $2 " in *" $1 "*) return 0 ;; esac
    return 1
}

missing() {
    for server in $every; do
        if is_among "$server" "$*"; then "missing_$server"; fi
    done
    command -v openssl > /dev/null || echo openssl
    [ "$(id -u)" = 0 ] || echo "rights of root"
}

# A port for the servers, as the variable NAME_port, and for the specs.
port() { # name, number
    eval "$1_port=$((base + $2))"
    echo "$1 $((base + $2))" >> "$lab/ports"
}

# What stays in the foreground: its process's id is its pid file's.
beside() { # name, command
    name=$1
    shift
    "$@" > "$lab/$name.log" 2>&1 < /dev/null &
    echo $! > "$lab/$name.pid"
}

is_alive() { # a process that is over but not waited for is none
    state=$(sed -n 's/^State:[[:space:]]*//p' "/proc/$1/status" 2> /dev/null) || return 1
    case $state in '' | Z*) return 1 ;; esac
}

# Ten seconds at most until it is gone.
await_end() { # process id
    for _ in $(seq 100); do
        is_alive "$1" || return 0
        sleep 0.1
    done
    kill -9 "$1" 2> /dev/null || true
}

start() {
    base=$1
    shift
    chmod 755 "$lab"
    : > "$lab/ports"
    make_keys
    for server in $every; do
        if is_among "$server" "$*"; then "start_$server"; fi
    done
    : > "$lab/started"
}

# Processes whose program lies in the lab: Exim's deliveries outlive its daemon,
# and would make the folder anew.
inside() {
    for exe in /proc/[0-9]*/exe; do
        case $(readlink "$exe") in
        "$lab"/*) echo "${exe#/proc/}" | cut -d / -f 1 ;;
        esac
    done
}

stop() {
    ids="$(find "$lab" -name '*.pid' -exec cat {} +) $(inside)"
    for id in $ids; do kill "$id" 2> /dev/null || true; done
    for id in $ids $(inside); do await_end "$id"; done
}

task=$1
shift
case $task in
start | stop)
    lab=$1
    shift
    "$task" "$@"
    ;;
missing) missing "$@" ;;
esac
