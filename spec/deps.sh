#!/bin/sh
# deps.sh - installs the Debian packages that are missing, and says so.
# Arguments: package=proof, where proof is a file or a command that is there
# once the package is. Silent when nothing is missing. --no-services: none of
# them may start a service. --beside=FOLDER: those that follow are not installed
# but unpacked into FOLDER/PACKAGE, since they and an installed one exclude each
# other; their proof is a path in there.
set -eu

services=yes
beside=
missing=
unpacked=
for argument; do
    package=${argument%%=*}
    proof=${argument#*=}
    case $argument in
    --no-services)
        services=no
        continue
        ;;
    --beside=*)
        beside=$proof
        continue
        ;;
    esac
    if [ -n "$beside" ]; then
        [ -e "$beside/$package/$proof" ] || unpacked="$unpacked $package"
        continue
    fi
    case $proof in
    /*) [ -e "$proof" ] || missing="$missing $package" ;;
    *) command -v "$proof" >/dev/null || missing="$missing $package" ;;
    esac
done
[ -n "$missing$unpacked" ] || exit 0

install="apt-get install -y --no-install-recommends$missing"
if ! command -v apt-get >/dev/null; then
    echo "posthorn: missing:$missing$unpacked (Debian's names; no apt-get here)" >&2
    exit 1
fi
if [ -n "$missing" ] && [ "$(id -u)" != 0 ]; then
    echo "posthorn: some packages are missing; as root, please:" >&2
    echo "    apt-get update && $install" >&2
    exit 1
fi

policy=/usr/sbin/policy-rc.d
if [ $services = no ] && ! [ -e $policy ]; then
    trap 'rm -f $policy' EXIT
    printf '#!/bin/sh\nexit 101\n' >$policy
    chmod 755 $policy
fi

export DEBIAN_FRONTEND=noninteractive
lists() { apt-get update -q; }
ls /var/lib/apt/lists/*_Packages* >/dev/null 2>&1 || lists
# Lists that are too old name packages that are gone: once again with new ones.
again() { "$@" || { lists && "$@"; }; }

if [ -n "$missing" ]; then
    echo "posthorn: $install"
    # shellcheck disable=SC2086
    again $install
fi
for package in $unpacked; do
    echo "posthorn: $package is unpacked into $beside"
    rm -rf "${beside:?}/$package"
    mkdir -p "$beside/$package"
    (
        cd "$beside/$package"
        again apt-get download -q "$package"
        dpkg -x "$package"_*.deb .
        chmod -R a-s . # nobody shall find a set-uid program here
    )
done
