#!/bin/sh
# run.sh LUA SCRIPT [ARGUMENT]: a measuring script on the tree as it is built.
here=${0%/*}
top=$here/../..
lua=$1
script=$2
shift 2
LUA_PATH="$here/lib/?.lua;$top/lua/?.lua;$top/lua/?/init.lua;;" \
LUA_CPATH="$top/build/$lua/?.so;;" exec "$lua" "$here/lib/$script.lua" "$@"
