-- files.lua - for the TLS specs: texts in files, and keys under a passphrase.
-- SPDX-License-Identifier: MIT
local M = {}

---A new file that holds the text: its path, for os.remove.
function M.new(text)
  local path = os.tmpname()
  local handle = assert(io.open(path, "wb"))
  handle:write(text)
  handle:close()
  return path
end

function M.read(path)
  local handle = io.open(path, "rb")
  local text = handle and handle:read "*a" or ""
  if handle then handle:close() end
  return text
end

---Calls fn with the paths of files that hold these texts; they are removed after it.
function M.with(texts, fn)
  local paths = {}
  for i, text in ipairs(texts) do paths[i] = M.new(text) end
  local is_well, problem = pcall(fn, (table.unpack or unpack)(paths))
  for _, path in ipairs(paths) do os.remove(path) end
  if not is_well then error(problem, 0) end
end

---The key under that passphrase, as OpenSSL's own program writes it.
function M.encrypted(key, passphrase)
  local from, to = M.new(key), os.tmpname()
  local command = "openssl pkcs8 -topk8 -in %s -out %s -passout pass:%s"
  os.execute(command:format(from, to, passphrase))
  local text = M.read(to)
  os.remove(from)
  os.remove(to)
  assert(text ~= "", "openssl gave no key")
  return text
end

return M
