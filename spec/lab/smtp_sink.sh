# shellcheck shell=sh disable=SC2154
# smtp_sink.sh - Postfix's smtp-sink: one for each fault of the catalogue (there
# 2561 and so on); for lab.sh. The mail of sink_keep lies in FOLDER/smtp_sink.
# SPDX-License-Identifier: MIT

missing_smtp_sink() {
    command -v smtp-sink > /dev/null || echo postfix
}

sink() { # name, number, options
    name=sink_$1
    port "$name" "$2"
    eval "at=127.0.0.1:\$${name}_port"
    shift 2
    beside "$name" smtp-sink -u nobody "$@" "$at" 100
}

start_smtp_sink() {
    mkdir "$lab/smtp_sink"
    chown nobody "$lab/smtp_sink"
    cd "$lab/smtp_sink"
    sink keep 61 -R "$lab/smtp_sink" -d "%M."
    sink no_pipelining 62 -p
    sink no_esmtp 63 -e
    sink lost_at_dot 64 -q .
    sink busy_at_data 65 -Q DATA
    sink early_refusal 66 -A 0
    sink lmtp 67 -L -R "$lab/smtp_sink" -d "lmtp/%M."
    sink slow_dot 68 -W .:2
    sink busy_rcpt 69 -r RCPT
    sink refused_ehlo 70 -f EHLO
    sink busy_greeting 71 -Q CONNECT
    sink pix 72 -P
    sink lost_at_data 73 -q DATA
    sink slow_reader 74 -H 30 -T 1024
    sink no_dsn 75 -N
}
