-- draw.lua - numbers, texts and cuts at random, the same in every run.
-- SPDX-License-Identifier: MIT

---A generator; the seed fixes all that it gives.
---@param seed integer
return function(seed)
  local draw = {}

  ---A whole number from low to high.
  function draw.number(low, high)
    seed = seed * 16807 % 2147483647
    return low + seed % (high - low + 1)
  end

  ---A text of up to `most` pieces out of an array.
  function draw.text(pieces, most)
    local parts = {}
    for i = 1, draw.number(0, most) do
      parts[i] = pieces[draw.number(1, #pieces)]
    end
    return table.concat(parts)
  end

  ---So many octets of any value.
  function draw.exactly(count)
    local parts = {}
    for i = 1, count do
      parts[i] = string.char(draw.number(0, 255))
    end
    return table.concat(parts)
  end

  ---Up to `most` octets of any value.
  function draw.octets(most)
    return draw.exactly(draw.number(0, most))
  end

  ---The text as an array of chunks of 1 to `most` octets.
  function draw.chunks(text, most)
    local chunks, at = {}, 1
    while at <= #text do
      local size = draw.number(1, most)
      chunks[#chunks + 1] = text:sub(at, at + size - 1)
      at = at + size
    end
    return chunks
  end

  return draw
end
