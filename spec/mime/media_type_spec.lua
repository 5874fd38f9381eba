-- media_type_spec.lua - ph_suffix: the type that a file's name tells, never its content.
local message = require("posthorn.message").new

local function type_of(filename, content)
  local m = assert(message { from = "a@b.example", attachments = { { content = content or "x", filename = filename } } })
  return (m:header("Content-Type"):match("^[^;]+"))
end

describe("the type of an attachment", function()
  it("follows from what stands behind the last dot, without case", function()
    for filename, expected in pairs {
      ["a.pdf"] = "application/pdf", ["A.PDF"] = "application/pdf", [".pdf"] = "application/pdf",
      ["a.tar.gz"] = "application/gzip", ["a.jpeg"] = "image/jpeg", ["Ü.Csv"] = "text/csv", ["a.7z"] = "application/x-7z-compressed",
      ["a.zst"] = "application/zstd", ["a.markdown"] = "text/markdown", ["a.woff2"] = "font/woff2", ["a.mp4"] = "video/mp4",
      ["a.docx"] = "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
      ["a.pptm"] = "application/vnd.ms-powerpoint.presentation.macroEnabled.12",
      ["a.odt"] = "application/vnd.oasis.opendocument.text", ["a.eml"] = "application/octet-stream",
      ["pdf"] = "application/octet-stream", ["a."] = "application/octet-stream",
      ["a.pdf "] = "application/octet-stream", ["a.pdf.unknown"] = "application/octet-stream",
      ["a." .. ("x"):rep(500)] = "application/octet-stream", ["a.markdown1"] = "application/octet-stream",
      ["a.pd"] = "application/octet-stream", ["a.pdff"] = "application/octet-stream",
    } do
      assert.equal(expected, type_of(filename), filename)
    end
  end)

  it("never follows from the content", function()
    assert.equal("application/octet-stream", type_of("a", "%PDF-1.7"))
    assert.equal("image/png", type_of("a.png", "%PDF-1.7"))
  end)

  it("finds every row of the table, which is sorted", function()
    local last, count = "", 0
    for line in io.lines("csrc/mime/suffix.c") do
      local suffix = line:match('^    { "([^"]+)",')
      if suffix then
        count = count + 1
        assert.is_true(last < suffix, suffix)
        assert.matches("/", type_of("x." .. suffix))
        last = suffix
      end
    end
    assert.is_true(count >= 200)
  end)
end)
