# shellcheck shell=sh disable=SC2154
# exim.sh - Exim, unpacked beside Postfix by make deps-lab, since only one of the
# two may be installed; for lab.sh. Mail lies in FOLDER/exim/mail/new.
# Exim starts itself anew by a path (exim_path); it needs no set-uid bit when it
# delivers as its own user.
# SPDX-License-Identifier: MIT

exim=$here/../../build/beside/exim4-daemon-light/usr/sbin/exim4

missing_exim() {
    [ -e "$exim" ] || echo exim4-daemon-light
}

write_exim() {
    cat > exim.conf <<CONFIG
exim_path = $lab/exim/exim
primary_hostname = exim.posthorn.test
spool_directory = $lab/exim/spool
log_file_path = $lab/exim/log/%slog
pid_file_path = $lab/exim/exim.pid
exim_user = Debian-exim
exim_group = Debian-exim
deliver_drop_privilege = true
local_interfaces = 127.0.0.1
daemon_smtp_ports = $exim_port : $exim_implicit_port
tls_on_connect_ports = $exim_implicit_port
tls_advertise_hosts = *
tls_certificate = $lab/keys/good.certificates
tls_privatekey = $lab/exim/key
tls_resumption_hosts = *
smtputf8_advertise_hosts = *
chunking_advertise_hosts = *
dsn_advertise_hosts = *
pipelining_advertise_hosts = *
prdr_enable = true
recipients_max = 5
smtp_accept_max = 100
smtp_accept_max_per_connection = 1000
smtp_accept_queue_per_connection = 0
keep_environment =
add_environment = PATH=/usr/bin:/bin
domainlist local_domains = posthorn.test
acl_smtp_mail = mail
acl_smtp_rcpt = rcpt
acl_smtp_data = data
begin acl
mail:
  deny    senders = badfrom@example.org
          message = 5.1.8 sender refused
  accept
rcpt:
  defer   local_parts = temp
          message = 4.2.1 try later
  deny    local_parts = perm
          message = 5.1.1 no such user
  accept  domains = +local_domains
  accept  authenticated = *
  deny    message = relay not permitted
data:
  deny    condition = \${if match{\$recipients}{spam@}}
          message = 5.7.1 content refused after the dot
  accept
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = \${if and{{eq{\$auth2}{user}}{eq{\$auth3}{s3cret}}}}
  server_set_id = \$auth2
  server_advertise_condition = \${if def:tls_in_cipher}
begin routers
box:
  driver = accept
  transport = file
begin transports
file:
  driver = appendfile
  directory = $lab/exim/mail
  maildir_format
  create_directory
  user = Debian-exim
  group = Debian-exim
begin retry
* * F,1h,1m
CONFIG
}

start_exim() {
    port exim 50
    port exim_implicit 51
    getent passwd Debian-exim > /dev/null ||
        useradd -r -U -M -d /nonexistent -s /usr/sbin/nologin Debian-exim
    mkdir -p "$lab/exim/spool" "$lab/exim/log" "$lab/exim/mail"
    cd "$lab/exim"
    install -m 755 "$exim" exim
    install -o Debian-exim -m 600 "$lab/keys/good.key" key
    chown Debian-exim: spool log mail # its configuration must stay root's
    write_exim
    ./exim -C "$lab/exim/exim.conf" -bd -q1m
}
