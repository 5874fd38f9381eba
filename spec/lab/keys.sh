# shellcheck shell=sh disable=SC2154
# keys.sh - one authority, and a leaf for each role, for the servers of lab.sh.
# SPDX-License-Identifier: MIT
curve="-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"

# NAME.chain: key and certificates in one; NAME.certificates: without the key.
leaf() { # name, subject alternative names, days, purpose
    openssl req $curve -subj "/CN=$1" -keyout "$1.key" -out "$1.csr"
    {
        echo "subjectAltName=$2"
        echo "basicConstraints=CA:FALSE"
        echo "extendedKeyUsage=$4"
    } > "$1.ext"
    openssl x509 -req -in "$1.csr" -CA ca.pem -CAkey ca.key -CAcreateserial \
        -days "$3" -extfile "$1.ext" -out "$1.pem"
    cat "$1.pem" ca.pem > "$1.certificates"
    cat "$1.key" "$1.certificates" > "$1.chain"
}

make_keys() {
    mkdir "$lab/keys"
    cd "$lab/keys"
    {
        openssl req -x509 $curve -days 3650 -subj "/CN=posthorn lab authority" \
            -addext basicConstraints=critical,CA:TRUE \
            -addext keyUsage=critical,keyCertSign -keyout ca.key -out ca.pem
        leaf good DNS:localhost,IP:127.0.0.1 800 serverAuth
        leaf expired DNS:localhost,IP:127.0.0.1 -1 serverAuth
        leaf wrongname DNS:other.invalid 800 serverAuth
        leaf member DNS:member.posthorn.test 800 clientAuth
        openssl pkcs8 -topk8 -in member.key -out member.locked -passout pass:s3cret
    } > openssl.log 2>&1
}
