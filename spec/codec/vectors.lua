-- vectors.lua - reads a file of vectors: lines of fields between tabs, the
-- section of the RFC first; \r \n \t \\ and \xHH stand for octets.
-- SPDX-License-Identifier: MIT

local escapes = { r = "\r", n = "\n", t = "\t", ["\\"] = "\\" }

local function unescape(text)
  return (text:gsub("\\([rnt\\])", escapes):gsub("\\x(%x%x)", function(digits)
    return string.char(tonumber(digits, 16))
  end))
end

return function(name)
  local vectors = {}
  for line in io.lines("spec/vectors/" .. name .. ".tsv") do
    if line ~= "" and line:sub(1, 1) ~= "#" then
      local fields = {}
      for field in (line .. "\t"):gmatch("([^\t]*)\t") do
        fields[#fields + 1] = unescape(field)
      end
      vectors[#vectors + 1] = fields
    end
  end
  return vectors
end
