-- setting.lua - what the measuring harness says in the environment.
local M = {}

function M.number(name)
  return tonumber(os.getenv(name))
end

M.text = os.getenv

function M.slurp(path)
  local handle = assert(io.open(path, "rb"))
  local bytes = handle:read "*a"
  handle:close()
  return bytes
end

function M.server()
  local tls = os.getenv "BENCH_TLS" or "none"
  return {
    host = os.getenv "BENCH_HOST", port = M.number "BENCH_PORT", tls = tls,
    server_name = tls ~= "none" and "localhost" or nil,
    ca_file = tls ~= "none" and os.getenv "BENCH_CA" or nil,
    hello_name = "client.bench",
  }
end

return M
