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
  local options = {
    host = os.getenv "BENCH_HOST", port = M.number "BENCH_PORT", hello_name = "client.bench",
    tls = os.getenv "BENCH_TLS" or "none",
  }
  if options.tls ~= "none" then
    options.server_name, options.ca_file = "localhost", os.getenv "BENCH_CA"
    options.tls_resumption = os.getenv "BENCH_RESUME" == "1"
  end
  return options
end

return M
