-- header_spec.lua - ph_header and ph_media_type, through core.message.
local core = require "posthorn.core"

local function new(fields)
  local message = core.message()
  fields = fields or {}
  fields.from, fields.seed = "a@b.example", "s"
  local ok, _, failure = message:put_fields(fields, 0)
  return ok and message, failure
end

describe("ph_header", function()
  it("finds fields without case, folded or not, the first of several", function()
    local message = new { subject = ("word "):rep(60) .. "end" }
    for i = 1, 2 do assert(message:put_field("X-A", "value " .. i, "headers[1]")) end
    assert(message:put_field("X-Ab", "longer", "headers[1]"))
    assert.equal(("word "):rep(60) .. "end", message:get("SUBJECT"))
    assert.equal("value 1", message:get("x-a"))
    assert.equal("longer", message:get("x-ab"))
    for _, name in ipairs { "x", "", "X-A:", "value", "word" } do assert.is_nil(message:get(name)) end
  end)

  it("reads ids with and without brackets", function()
    for given, expected in pairs {
      ["a@b"] = "<a@b>", ["<a@b>"] = "<a@b>", ["<a@b><c@d>"] = "<a@b> <c@d>",
      ["  a@b   <c@d> "] = "<a@b> <c@d>", ["a"] = "<a>",
    } do
      assert.equal(expected, new({ references = given }):get("references"))
    end
    for _, bad in ipairs { "", " ", "<a@b", "a@b>", "<>", "<a b>", "a<b@c", "a@b\t" } do
      local message, failure = new { references = bad }
      assert.is_false(message or false)
      assert.equal("references", failure.field)
    end
    for _, bad in ipairs { "", "a", "@", "a@", "@b", "<a@b> <c@d>" } do
      assert.equal("message_id", select(2, new { message_id = bad }).field)
    end
  end)
end)

describe("ph_media_type", function()
  local function type_of(options, filename)
    local message = new()
    local ok, _, failure = message:attach("attachments[1]", options, "x", nil, filename)
    return ok ~= nil and message:get("Content-Type"), failure
  end

  it("follows the last suffix of a name", function()
    for name, expected in pairs {
      ["a.pdf"] = "application/pdf", ["A.PDF"] = "application/pdf", ["a.tar.gz"] = "application/gzip",
      ["a"] = "application/octet-stream", ["pdf"] = "application/octet-stream",
      ["a."] = "application/octet-stream", [".7z"] = "application/x-7z-compressed",
      ["a.zst"] = "application/zstd", ["a.verylongsuffix"] = "application/octet-stream",
      ["a.html"] = "text/html", ["a.xlsx"] = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    } do
      assert.equal(expected, (type_of({}, name):match("^[^;]*")))
    end
  end)

  it("is type and subtype, whose parameters are written anew", function()
    assert.equal("text/csv; header=present", type_of { type = "text/csv;header=present" })
    assert.equal('text/csv; a="b c"; d=e', type_of { type = 'text/csv ; a="b c" ;d=e' })
    for _, bad in ipairs { "text", "text/", "/csv", "te xt/csv", "text/csv/x", "text/csv; ", "text/csv x",
      "multipart/mixed", "message/rfc822; x", ("x"):rep(128) .. "/y" } do
      local found, failure = type_of { type = bad }
      assert.is_false(found)
      assert.equal("attachments[1].type", failure.field)
    end
  end)
end)
