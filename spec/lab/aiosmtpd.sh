# shellcheck shell=sh disable=SC2154
# aiosmtpd.sh - aiosmtpd, that answers by the recipient's name; for lab.sh.
# Mail lies in FOLDER/aiosmtpd/mail. Debian's package is seen by its own python3.
# SPDX-License-Identifier: MIT

missing_aiosmtpd() {
    /usr/bin/python3 -c 'import aiosmtpd' 2> /dev/null || echo python3-aiosmtpd
}

start_aiosmtpd() {
    port aiosmtpd 30
    mkdir -p "$lab/aiosmtpd/mail"
    cd "$lab/aiosmtpd"
    beside aiosmtpd /usr/bin/python3 "$here/aiosmtpd_server.py" "$aiosmtpd_port" \
        "$lab/keys/good.certificates" "$lab/keys/good.key" "$lab/aiosmtpd/mail"
}
