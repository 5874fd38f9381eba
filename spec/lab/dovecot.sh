# shellcheck shell=sh disable=SC2154
# dovecot.sh - Dovecot: logins for Postfix, LMTP over TCP and a Unix socket, and
# a submission server that hands on to Postfix's MX; for lab.sh.
# LMTP's mail lies in FOLDER/dovecot/mail/USER/new. "full" has no room left,
# which LMTP says after the dot; who is not in the table is refused at RCPT.
# A process has a key of its own for TLS sessions: one of the submission server
# serves many clients (service_count = 0), or none could be resumed; LMTP has one
# for each client, and none can.
# SPDX-License-Identifier: MIT

missing_dovecot() {
    command -v dovecot > /dev/null || echo dovecot-core
    [ -e /usr/lib/dovecot/lmtp ] || echo dovecot-lmtpd
    [ -e /usr/lib/dovecot/submission ] || echo dovecot-submissiond
}

write_users() {
    cat > users <<'TABLE'
user:{PLAIN}s3cret::::::
tom:{PLAIN}s3cret::::::
ann:{PLAIN}s3cret::::::
full:{PLAIN}s3cret::::::userdb_quota_rule=*:bytes=10
TABLE
}

write_dovecot() {
    cat > dovecot.conf <<CONFIG
base_dir = $lab/dovecot/run
state_dir = $lab/dovecot/state
log_path = $lab/dovecot/log
instance_name = posthorn-lab-$base
protocols = lmtp submission
listen = 127.0.0.1
ssl = yes
ssl_cert = <$lab/keys/good.certificates
ssl_key = <$lab/keys/good.key
auth_mechanisms = plain login
auth_failure_delay = 0
service anvil {
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
mail_location = maildir:$lab/dovecot/mail/%n
first_valid_uid = 1
mail_plugins = quota
plugin {
  quota = count:User quota
  quota_vsizes = yes
  quota_grace = 0
}
mailbox_list_index = yes
passdb {
  driver = passwd-file
  args = scheme=PLAIN username_format=%n $lab/dovecot/users
}
userdb {
  driver = passwd-file
  args = username_format=%n $lab/dovecot/users
  override_fields = uid=2525 gid=2525 home=$lab/dovecot/mail/%n
}
service lmtp {
  inet_listener lmtp {
    address = 127.0.0.1
    port = $dovecot_lmtp_port
  }
  unix_listener $lab/dovecot/lmtp.socket {
    mode = 0666
  }
}
service submission-login {
  service_count = 0
  inet_listener submission {
    port = $dovecot_submission_port
  }
  inet_listener submissions {
    port = $dovecot_submissions_port
    ssl = yes
  }
}
submission_relay_host = 127.0.0.1
submission_relay_port = ${mx_port:-25}
hostname = dovecot.posthorn.test
postmaster_address = postmaster@posthorn.test
CONFIG
    [ -z "${mx_port:-}" ] || cat >> dovecot.conf <<CONFIG
service auth {
  unix_listener $lab/postfix/spool/private/auth {
    mode = 0660
    user = postfix
    group = postfix
  }
}
CONFIG
}

start_dovecot() {
    port dovecot_lmtp 24
    port dovecot_submission 88
    port dovecot_submissions 96
    mkdir -p "$lab/dovecot/run" "$lab/dovecot/state" "$lab/dovecot/mail"
    chown 2525:2525 "$lab/dovecot/mail"
    cd "$lab/dovecot"
    write_users
    write_dovecot
    dovecot -c "$lab/dovecot/dovecot.conf"
}
