#!/bin/sh
# deps.sh - installs the Debian packages that are missing, and says so.
# Arguments: package=proof, where proof is a file or a command that is there
# once the package is. Silent when nothing is missing. --no-services: none of
# them may start a service.
set -eu

services=yes
missing=
for argument; do
    package=${argument%%=*}
    proof=${argument#*=}
    case $proof in
    --no-services) services=no ;;
    /*) [ -e "$proof" ] || missing="$missing $package" ;;
    *) command -v "$proof" >/dev/null || missing="$missing $package" ;;
    esac
done
[ -n "$missing" ] || exit 0

install="apt-get install -y --no-install-recommends$missing"
if ! command -v apt-get >/dev/null; then
    echo "posthorn: missing:$missing (Debian's names; no apt-get here)" >&2
    exit 1
fi
if [ "$(id -u)" != 0 ]; then
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

echo "posthorn: $install"
export DEBIAN_FRONTEND=noninteractive
lists() { apt-get update -q; }
ls /var/lib/apt/lists/*_Packages* >/dev/null 2>&1 || lists
# Lists that are too old name packages that are gone: once again with new ones.
$install || { lists && $install; }
