# run.sh - read by an adapter, whose $0 is clients/WORKLOAD/NAME: runs LUA SCRIPT [ARGUMENT] on the
# tree as it is built. No shell of its own, since the start of a process is measured too.
top=${0%/*}/../../../..
lua=$1
script=$2
shift 2
LUA_PATH="$top/lua/?.lua;$top/lua/?/init.lua;$top/spec/bench/lib/?.lua;;" \
LUA_CPATH="$top/build/$lua/?.so;;" exec "$lua" "$top/spec/bench/lib/$script.lua" "$@"
