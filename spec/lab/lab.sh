#!/bin/sh
# lab.sh - a real Postfix with Dovecot's SASL on loopback, for the specs beside it.
#   lab.sh start FOLDER     lab.sh stop FOLDER     lab.sh missing
# FOLDER must be absolute, empty at start and open to the postfix user. Ports:
#   2525 MX with STARTTLS       2526 MX without any extension
#   2527 AUTH without TLS       2528 certificate expired     2529 wrong name
#   2587 submission             2465 submissions (implicit TLS)
# The accepted mail lies in FOLDER/mail/all/new, one file each.
# SPDX-License-Identifier: MIT
set -eu
PATH=$PATH:/usr/sbin:/sbin

missing() {
    for tool in postfix dovecot openssl; do
        command -v $tool > /dev/null || echo $tool
    done
    [ -e /usr/lib/postfix/postfix-pcre.so ] || echo postfix-pcre
    [ "$(id -u)" = 0 ] || echo "rights of root"
}

# --- keys: one authority, one leaf for each role ---------------------------
curve="-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"

leaf() { # name, subject alternative names, days
    openssl req $curve -subj "/CN=$1" -keyout "$1.key" -out "$1.csr"
    {
        echo "subjectAltName=$2"
        echo "basicConstraints=CA:FALSE"
        echo "extendedKeyUsage=serverAuth"
    } > "$1.ext"
    openssl x509 -req -in "$1.csr" -CA ca.pem -CAkey ca.key -CAcreateserial \
        -days "$3" -extfile "$1.ext" -out "$1.pem"
    cat "$1.key" "$1.pem" ca.pem > "$1.chain"
}

make_keys() {
    mkdir "$lab/keys"
    cd "$lab/keys"
    {
        openssl req -x509 $curve -days 3650 -subj "/CN=posthorn lab authority" \
            -addext basicConstraints=critical,CA:TRUE \
            -addext keyUsage=critical,keyCertSign -keyout ca.key -out ca.pem
        leaf good DNS:localhost,IP:127.0.0.1 800
        leaf expired DNS:localhost,IP:127.0.0.1 -1
        leaf wrongname DNS:other.invalid 800
    } > openssl.log 2>&1
}

# --- what Postfix says to whom ----------------------------------------------
write_tables() {
    cat > recipients.pcre <<'TABLE'
/^temp@/     450 4.2.1 mailbox busy, try later
/^perm@/     550 5.1.1 no such user
/^full@/     552 5.2.2 mailbox full
/^many452@/  452 4.5.3 too many recipients
/^close@/    421 4.7.0 closing now
/^policy@/   554 5.7.1 policy says no
TABLE
    cat > senders.pcre <<'TABLE'
/^badfrom@/   550 5.1.8 sender refused
/^tempfrom@/  451 4.1.8 sender check deferred
TABLE
    cat > dot.pcre <<'TABLE'
/^spam@/  550 5.7.1 content refused after the dot
/^grey@/  451 4.7.1 try again after the dot
TABLE
    echo '/@/ all/' > boxes.pcre
}

write_main() {
    cat > main.cf <<CONFIG
compatibility_level = 3.6
queue_directory = $lab/spool
data_directory = $lab/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
maillog_file = $lab/postfix.log
maillog_file_prefixes = $lab
myhostname = lab.posthorn.test
mydestination =
local_recipient_maps =
alias_maps =
alias_database =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks =
smtputf8_enable = yes
message_size_limit = 20000000
mailbox_size_limit = 0
smtpd_recipient_limit = 5
smtpd_error_sleep_time = 0
smtpd_soft_error_limit = 1000
smtpd_hard_error_limit = 1000
smtpd_client_connection_count_limit = 0
smtpd_forbid_bare_newline = yes
smtpd_tls_security_level = may
smtpd_tls_chain_files = $lab/keys/good.chain
smtpd_tls_auth_only = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = private/auth
smtpd_sasl_security_options = noanonymous
broken_sasl_auth_clients = yes
smtpd_relay_restrictions = permit_sasl_authenticated, reject_unauth_destination
smtpd_recipient_restrictions = check_recipient_access pcre:$lab/etc/recipients.pcre,
  permit_sasl_authenticated, reject_unauth_destination
smtpd_sender_restrictions = check_sender_access pcre:$lab/etc/senders.pcre
smtpd_end_of_data_restrictions = check_recipient_access pcre:$lab/etc/dot.pcre
virtual_mailbox_domains = posthorn.test
virtual_mailbox_base = $lab/mail
virtual_mailbox_maps = pcre:$lab/etc/boxes.pcre
virtual_minimum_uid = 1
virtual_uid_maps = static:2525
virtual_gid_maps = static:2525
virtual_transport = virtual
default_transport = discard
CONFIG
}

listen() { # port, then options without -o
    printf '127.0.0.1:%s inet n - n - - smtpd' "$1"
    shift
    for option in "$@"; do
        printf ' -o %s' "$option"
    done
    echo
}

write_master() {
    login=smtpd_sasl_auth_enable=yes
    members=smtpd_client_restrictions=permit_sasl_authenticated,reject
    {
        listen 2525
        listen 2526 smtpd_discard_ehlo_keywords=pipelining,chunking,8bitmime,smtputf8,dsn,size,starttls,enhancedstatuscodes
        listen 2527 smtpd_tls_auth_only=no $login
        listen 2528 smtpd_tls_chain_files="$lab/keys/expired.chain"
        listen 2529 smtpd_tls_chain_files="$lab/keys/wrongname.chain"
        listen 2587 smtpd_tls_security_level=encrypt $login $members
        listen 2465 smtpd_tls_wrappermode=yes $login $members
        for service in "cleanup unix n - n - 0 cleanup" "qmgr unix n - n 300 1 qmgr" \
            "tlsmgr unix - - n 1000? 1 tlsmgr" "rewrite unix - - n - - trivial-rewrite" \
            "bounce unix - - n - 0 bounce" "defer unix - - n - 0 bounce" \
            "trace unix - - n - 0 bounce" "proxymap unix - - n - - proxymap" \
            "error unix - - n - - error" "retry unix - - n - - error" \
            "discard unix - - n - - discard" "virtual unix - n n - - virtual" \
            "anvil unix - - n - 1 anvil" "postlog unix-dgram n - n - 1 postlogd"; do
            echo "$service"
        done
    } > master.cf
}

make_postfix() {
    mkdir -p "$lab/etc" "$lab/spool" "$lab/data" "$lab/mail/all"
    cd "$lab/etc"
    write_tables
    write_main
    write_master
    cp -a /etc/postfix/dynamicmaps.cf* .
    chown postfix "$lab/data"
    chown -R 2525:2525 "$lab/mail"
    postfix -c "$lab/etc" check
    postfix -c "$lab/etc" start
}

make_dovecot() {
    mkdir -p "$lab/dovecot/run" "$lab/dovecot/state"
    cd "$lab/dovecot"
    echo 'user:{PLAIN}s3cret::::::' > users
    cat > dovecot.conf <<CONFIG
base_dir = $lab/dovecot/run
state_dir = $lab/dovecot/state
log_path = $lab/dovecot/log
instance_name = posthorn-lab
protocols =
listen = 127.0.0.1
ssl = no
auth_mechanisms = plain login
passdb {
  driver = passwd-file
  args = scheme=PLAIN username_format=%n $lab/dovecot/users
}
userdb {
  driver = static
  args = uid=2525 gid=2525 home=$lab/mail allow_all_users=yes
}
service auth {
  unix_listener $lab/spool/private/auth {
    mode = 0660
    user = postfix
    group = postfix
  }
}
CONFIG
    dovecot -c "$lab/dovecot/dovecot.conf"
}

start() {
    chmod 755 "$lab"
    make_keys
    make_postfix
    make_dovecot # after Postfix: its socket lies in Postfix's private folder
}

stop() {
    [ ! -e "$lab/dovecot/run/master.pid" ] || kill "$(cat "$lab/dovecot/run/master.pid")" || true
    postfix -c "$lab/etc" stop || true
}

lab=${2:-}
case $1 in
start | stop) "$1" ;;
missing) missing ;;
esac
