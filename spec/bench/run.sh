# run.sh - read by an adapter, whose $0 is clients/WORKLOAD/NAME: runs LUA SCRIPT [ARGUMENT] on the
# tree as it is built; with form=bytecode on what `make bytecode` made of its Lua files. No shell of
# its own, since the start of a process is measured too.
top=${0%/*}/../../../..
lua=$1
script=$2
shift 2
code=$top/lua
[ "$form" = bytecode ] && code=$top/build/$lua
LUA_PATH="$code/?.lua;$code/?/init.lua;$top/spec/bench/lib/?.lua;;" \
LUA_CPATH="$top/build/$lua/?.so;;" exec "$lua" "$top/spec/bench/lib/$script.lua" "$@"
