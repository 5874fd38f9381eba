#!/bin/sh
# rock.sh - whether the rock in a scratch tree works: rock.sh lua5.4 build/rock/tree
set -eu
lua=$1
tree=$(realpath "$2")
case $lua in
luajit) version=5.1 ;;
*) version=${lua#lua} ;;
esac

names=
for module in "$tree/lib/lua/$version/posthorn"/*.so; do
    names="$names $(basename "$module" .so)"
    if nm -D --defined-only "$module" | grep -v ' luaopen_posthorn_'; then
        echo "$module shows more than luaopen_*" >&2
        exit 1
    fi
done

test -s "$tree/share/lua/$version/posthorn/manual/message.md"

# Away from the sources: only the tree is found.
script=$(realpath spec/rock_smoke.lua)
cd "$tree"
env -u LUA_INIT -u LUA_PATH_5_4 -u LUA_CPATH_5_4 \
    LUA_PATH="$tree/share/lua/$version/?.lua;$tree/share/lua/$version/?/init.lua" \
    LUA_CPATH="$tree/lib/lua/$version/?.so" "$lua" "$script" $names
