# shellcheck shell=sh disable=SC2154
# postfix.sh - Postfix as MX, as submission server, and with faults; for lab.sh.
# The accepted mail lies in FOLDER/postfix/mail/all/new, one file each.
# Logins are Dovecot's: it must run beside.
# SPDX-License-Identifier: MIT

missing_postfix() {
    command -v postfix > /dev/null || echo postfix
    [ -e /usr/lib/postfix/postfix-pcre.so ] || echo postfix-pcre
}

# What Postfix says to whom.
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
queue_directory = $lab/postfix/spool
data_directory = $lab/postfix/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
maillog_file = $lab/postfix/log
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
smtpd_recipient_restrictions = check_recipient_access pcre:$lab/postfix/etc/recipients.pcre,
  permit_sasl_authenticated, reject_unauth_destination
smtpd_sender_restrictions = check_sender_access pcre:$lab/postfix/etc/senders.pcre
smtpd_end_of_data_restrictions = check_recipient_access pcre:$lab/postfix/etc/dot.pcre
virtual_mailbox_domains = posthorn.test
virtual_mailbox_base = $lab/postfix/mail
virtual_mailbox_maps = pcre:$lab/postfix/etc/boxes.pcre
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

# The ports of the fault catalogue (2525 and so on) by their names.
write_master() {
    login=smtpd_sasl_auth_enable=yes
    members=smtpd_client_restrictions=permit_sasl_authenticated,reject
    port mx 25
    port bare 26
    port clear_login 27
    port expired 28
    port wrongname 29
    port members 30
    port submission 87
    port submissions 95
    {
        listen "$mx_port"
        listen "$bare_port" smtpd_discard_ehlo_keywords=pipelining,chunking,8bitmime,smtputf8,dsn,size,starttls,enhancedstatuscodes
        listen "$clear_login_port" smtpd_tls_auth_only=no $login
        listen "$expired_port" smtpd_tls_chain_files="$lab/keys/expired.chain"
        listen "$wrongname_port" smtpd_tls_chain_files="$lab/keys/wrongname.chain"
        listen "$members_port" smtpd_tls_security_level=encrypt smtpd_tls_req_ccert=yes \
            smtpd_tls_CAfile="$lab/keys/ca.pem" smtpd_relay_restrictions=permit_tls_all_clientcerts,reject \
            smtpd_client_restrictions=permit_tls_all_clientcerts,reject
        listen "$submission_port" smtpd_tls_security_level=encrypt $login $members
        listen "$submissions_port" smtpd_tls_wrappermode=yes $login $members
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

start_postfix() {
    mkdir -p "$lab/postfix/etc" "$lab/postfix/spool" "$lab/postfix/data" "$lab/postfix/mail/all"
    cd "$lab/postfix/etc"
    write_tables
    write_main
    write_master
    cp -a /etc/postfix/dynamicmaps.cf* .
    chown postfix "$lab/postfix/data"
    chown -R 2525:2525 "$lab/postfix/mail"
    postfix -c "$lab/postfix/etc" check
    postfix -c "$lab/postfix/etc" start
}
