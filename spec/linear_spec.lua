-- linear_spec.lua - twice the hostile input takes at most some twice the time
-- (security.md, row 20).
local core = require "posthorn.core"

local sizes = { 100000, 200000, 400000 }
local rounds = 7

-- The least CPU seconds of several runs over inputs of each size, taken in turn so that a
-- neighbour on the machine harms all sizes alike.
local function measure(make, run)
  local inputs, least = {}, {}
  for i, size in ipairs(sizes) do
    inputs[i], least[i] = make(size), math.huge
  end
  for _ = 1, rounds do
    for i, input in ipairs(inputs) do
      local from = os.clock()
      run(input)
      least[i] = math.min(least[i], os.clock() - from)
    end
  end
  return least
end

-- Below half a millisecond the clock's own steps are seen.
local function assert_linear(what, make, run)
  local least
  for _ = 1, 3 do
    least = measure(make, run)
    if least[2] <= 2.3 * least[1] + 5e-4 and least[3] <= 2.3 * least[2] + 5e-4 then return end
  end
  error(("%s: %.5f, %.5f, %.5f s"):format(what, least[1], least[2], least[3]))
end

local function fill(text)
  return function(size) return text:rep(math.floor(size / #text)) end
end

local function behind(head, body)
  return function(size) return head .. fill(body)(size) end
end

-- All that a reader may ask of a message; a refusal is an answer.
local function read(message)
  local tree = core.parser(message)
  if not tree then return end
  for i = 1, tree:count() do
    tree:part(i)
    tree:headers(i)
    tree:text(i)
    tree:line(i, "to")
  end
end

local function levels(size)
  local list = {}
  for i = 1, 32 do
    list[i] = ("Content-Type: multipart/mixed; boundary=%s%d\n\n--%s%d\n"):format(("-"):rep(60), i, ("-"):rep(60), i)
  end
  return table.concat(list) .. "\n" .. fill(("-"):rep(62) .. "\n")(size)
end

local mixed = "Content-Type: multipart/mixed; boundary=b\n\n"

describe("linear time of reading", function()
  for what, make in pairs {
    ["boundaries that are none"] = behind(mixed, "--bb\n"),
    ["parts"] = behind(mixed, "--b\n"),
    ["dashes in a line"] = behind("Content-Type: multipart/mixed; boundary=" .. ("-"):rep(70) .. "\n\n", "-"),
    ["multiparts in multiparts"] = fill("Content-Type: multipart/mixed; boundary=b\n\n--b\n"),
    ["a long header"] = behind("A: ", "b"),
    ["folds"] = behind("A: ", "b\n "),
    ["folds of CR"] = behind("A: ", "b\r "),
    ["blanks"] = behind("A:", " "),
    ["empty fields"] = fill("A:\n"),
    ["lines without end"] = fill("\r"),
    ["octets outside ASCII"] = behind("A: ", "\252"),
    ["encoded-words"] = behind("A: ", "=?utf-8?Q?=C3=BC?= "),
    ["marks of encoded-words"] = behind("A: ", "=?"),
    ["encoded-words that never end"] = behind("A: ", "=?utf-8?B?aaaaaaaaaaaaaaaaaaaaaaaaaaa"),
    ["equal signs"] = behind("A: ", "="),
    ["addresses"] = behind("To: ", "a@b.c, "),
    ["quoted-strings without end"] = behind("To: ", "\"a\\"),
    ["base64 that is none"] = behind("Content-Transfer-Encoding: base64\n\n", "=A=\n"),
    ["blanks of quoted-printable"] = behind("Content-Transfer-Encoding: quoted-printable\n\n", " "),
    ["signs of quoted-printable"] = behind("Content-Transfer-Encoding: quoted-printable\n\n", "="),
  } do
    it("takes " .. what, function() assert_linear(what, make, read) end)
  end

  -- The content of each level is all that follows: its copies would measure the memory alone.
  it("takes nearly the boundaries of 32 levels", function()
    assert_linear("levels", function(size) return levels(size * 8) end, core.parser)
  end)
end)

-- A field's parameters are read up to 64 KiB, so several fields make the size.
describe("linear time of parameters", function()
  for what, text in pairs {
    ["parameters"] = "; a=b",
    ["parameters of many names"] = ";a%d=b",
    ["pieces"] = "; a*%d*=%%C3",
    ["quotation marks without end"] = "; a=\"\\",
    ["comments"] = "(",
    ["semicolons"] = ";",
    ["encoded-words"] = "=?utf-8?Q?=C3=BC?= ",
  } do
    it("takes " .. what, function()
      local function make(size)
        local list, at, n = {}, 0, 0
        while at < size / 10 do
          n = n + 1
          list[n] = text:format(n)
          at = at + #list[n]
        end
        local field = "Content-Type: a/b; x=\"" .. table.concat(list) .. "\"\n"
        return field .. field:gsub("Content%-Type", "Content-Disposition"):gsub("\"", "") .. "\n"
      end
      assert_linear(what, make, function(message)
        for _ = 1, 20 do core.parser(message):part(1) end
      end)
    end)
  end
end)
