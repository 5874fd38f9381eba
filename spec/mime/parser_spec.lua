-- parser_spec.lua - the tree of a received message, in C.
local core = require "posthorn.core"

local function crlf(text) return (text:gsub("\n", "\r\n")) end

-- The tree in one line: types, numbers of parents.
local function shape(tree)
  local list = {}
  for i = 1, tree:count() do
    local part = tree:part(i)
    list[i] = ("%s<%s"):format(part.type, part.parent or "-")
  end
  return table.concat(list, " ")
end

local nested = [[
Subject: outer
Content-Type: multipart/mixed; boundary="a b"

preamble
--a b
Content-Type: multipart/alternative; boundary=inner

--inner

plain
--inner
Content-Type: text/html

<p>html
--inner--
epilogue of inner
--a b
Content-Type: Image/PNG
Content-Transfer-Encoding: base64

AAEC

--a b--
epilogue
]]

describe("ph_parser", function()
  it("reads a tree, its bodies cut before the boundaries' line ends", function()
    for _, text in ipairs { nested, crlf(nested) } do
      local tree = assert(core.parser(text))
      assert.equal("multipart/mixed<- multipart/alternative<1 text/plain<2 text/html<2 image/png<1",
        shape(tree))
      assert.equal("outer", tree:header(1, "SUBJECT"))
      assert.equal("plain", tree:content(3))
      assert.equal("<p>html", tree:content(4))
      assert.equal("\0\1\2", tree:content(5))
      assert.truthy(tree:content(2):find("^%-%-inner.*epilogue of inner$"))
      assert.truthy(tree:content(1):find("^preamble.*epilogue\r?\n$"))
    end
  end)

  it("forgives a missing end boundary, and one that is missing inside", function()
    local tree = core.parser((nested:gsub("%-%-a b%-%-.*", "")))
    assert.equal("\0\1\2", tree:content(5))
    tree = core.parser((nested:gsub("%-%-inner%-%-\nepilogue of inner\n", "")))
    assert.equal("multipart/mixed<- multipart/alternative<1 text/plain<2 text/html<2 image/png<1",
      shape(tree))
    assert.equal("<p>html", tree:content(4))
  end)

  it("takes no line for a boundary that only begins like one", function()
    local text = "Content-Type: multipart/mixed; boundary=b\n\n" ..
      "--b\n\n--bc\n--b-\n-b\n --b\nx\n--b \t\n\ny"
    local tree = core.parser(text)
    assert.equal("multipart/mixed<- text/plain<1 text/plain<1", shape(tree))
    assert.equal("--bc\n--b-\n-b\n --b\nx", tree:content(2))
    assert.equal("y", tree:content(3))
  end)

  it("forgives parts without body, without header, and headers without end", function()
    local text = "Content-Type: multipart/mixed; boundary=b\n\n" ..
      "--b\n--b\nSubject: x\n--b\n\n--b\nno field\n--b--"
    local tree = core.parser(text)
    assert.equal(5, tree:count())
    assert.same({ "", "", "", "no field" },
      { tree:content(2), tree:content(3), tree:content(4), tree:content(5) })
    assert.equal("x", tree:header(3, "subject"))
  end)

  it("reads messages that hardly are any", function()
    for text, content in pairs {
      [""] = "", ["\n"] = "", ["\r\n"] = "", ["x"] = "x", ["\n\nx"] = "\nx", ["A: b"] = "",
      [": x\ny"] = ": x\ny", [" x: y\nz"] = " x: y\nz",
    } do
      local tree = core.parser(text)
      assert.equal(1, tree:count())
      assert.equal("text/plain", tree:part(1).type)
      assert.equal(content, tree:content(1), ("%q"):format(text))
    end
  end)

  it("reads lines that end in CR alone, where no LF is", function()
    local tree = core.parser((nested:gsub("\n", "\r")))
    assert.equal("multipart/mixed<- multipart/alternative<1 text/plain<2 text/html<2 image/png<1",
      shape(tree))
    assert.equal("outer", tree:header(1, "subject"))
    assert.same({ "plain", "\0\1\2" }, { tree:content(3), tree:content(5) })
    tree = core.parser("A: b\r c\rB: d\r\rx\ry")
    assert.same({ { "A", "b c" }, { "B", "d" } }, tree:headers(1))
    assert.equal("x\ry", tree:content(1))
    -- With an LF anywhere a CR is an octet like others.
    tree = core.parser("A: b\rC: d\n\nx")
    assert.same({ { "A", "b\rC: d" } }, tree:headers(1))
  end)

  it("reads past a mark of UTF-8, CR CR LF, and a boundary's trailing blanks", function()
    assert.equal("x", core.parser("\239\187\191Subject: x\n\ny"):header(1, "subject"))
    local tree = core.parser("A: b\r\r\n\r\r\nx")
    assert.same({ "b", "x" }, { tree:header(1, "a"), tree:content(1) })
    tree = core.parser('Content-Type: multipart/mixed; boundary="b "\n\n--b\n\nx\n--b-- \n')
    assert.equal("multipart/mixed<- text/plain<1", shape(tree))
  end)

  it("keeps UTF-8 in a header (RFC 6532), and reads other octets as windows-1252", function()
    local tree = core.parser("A: Gr\195\188\nB: Gr\252\128 =?utf-8?Q?=C3=BC?=\n" ..
      "Content-Disposition: inline; filename=\"\252.txt\"\nC: =?euc-kr?Q?=FC?=\n\n")
    assert.equal("Gr\195\188", tree:header(1, "a"))
    assert.equal("Gr\195\188\226\130\172 \195\188", tree:header(1, "b"))
    assert.equal("\195\188.txt", tree:part(1).filename)
    assert.equal("=?euc-kr?Q?=FC?=", tree:header(1, "c"))
    assert.equal("Gr\195\188\226\130\172 =?utf-8?Q?=C3=BC?=", tree:line(1, "b"))
    assert.same({ "A", " Gr\195\188" }, tree:fields(1)[1])
  end)

  it("takes the largest parameters there may be, in whatever charset", function()
    local value = ("\128"):rep(65000)
    local part = core.parser('Content-Type: a/b; x="' .. value .. '"\n\n'):part(1)
    assert.equal(3 * 65000, #part.parameters.x)
  end)

  it("decodes header fields: folds, encoded-words, names with blanks behind", function()
    local tree = core.parser("From ada Thu Jan 1\r\nSubject : =?utf-8?Q?Gr=C3=BC=C3=9Fe?=\r\n" ..
      "\t=?iso-8859-1?B?4Q==?= x\r\n  y \r\nX:\r\n\r\n")
    assert.equal("Gr\195\188\195\159e\195\161 x  y", tree:header(1, "subject"))
    assert.equal("", tree:header(1, "x"))
    assert.is_nil(tree:header(1, "y"))
    assert.same({ { "Subject", "Gr\195\188\195\159e\195\161 x  y" }, { "X", "" } }, tree:headers(1))
  end)

  it("knows a part's type, parameters, name and id", function()
    local tree = core.parser(crlf [[
Content-Type: APPLICATION/PDF;
 name="old.pdf"; x=1
Content-Disposition: Attachment;
 filename*0*=utf-8''%C3%9Cber; filename*1=sicht.pdf
Content-ID: <a@b>

]])
    assert.same({
      type = "application/pdf", parameters = { name = "old.pdf", x = "1" },
      disposition = "attachment", filename = "\195\156bersicht.pdf", cid = "a@b",
      is_multipart = false,
    }, tree:part(1))
    assert.equal("old.pdf", core.parser("Content-Type: a/b; name=old.pdf\n\n"):part(1).filename)
    local nonsense = core.parser("Content-Type: nonsense; x=y\n\n"):part(1)
    assert.same({ "text/plain", { x = "y" } }, { nonsense.type, nonsense.parameters })
    assert.is_false(core.parser("Content-Type: multipart/mixed\n\n"):part(1).is_multipart)
  end)

  it("makes the parts of a digest messages (RFC 2046, 5.1.5)", function()
    local text = "Content-Type: multipart/digest; boundary=b\n\n--b\n\nSubject: x\n\n--b--"
    local tree = core.parser(text)
    assert.equal("multipart/digest<- message/rfc822<1", shape(tree))
  end)

  it("undoes transfer encodings, and turns known charsets into UTF-8", function()
    local function text(head, body) return core.parser(head .. "\r\n\r\n" .. body):text(1) end
    local qp = "Content-Transfer-Encoding: Quoted-Printable\r\nContent-Type: text/plain"
    assert.equal("\195\188\r\n", text(qp .. "; charset=utf-8", "=C3=\r\n=BC\r\n"))
    assert.equal("\195\188", text(qp .. "; charset=ISO-8859-1", "=FC"))
    assert.equal("\226\130\172", text(qp .. "; charset=windows-1252", "=80"))
    assert.equal("\252", text(qp .. "; charset=euc-kr", "=FC"))
    assert.equal("a=FC", text("Content-Transfer-Encoding: x-what", "a=FC"))
    assert.equal(("ab\0"):rep(100000),
      core.parser("Content-Transfer-Encoding: base64\n\n" .. ("YWIA\n"):rep(100000)):content(1))
  end)

  describe("limits", function()
    local function refused(text, pattern)
      local tree, message, failure = core.parser(text)
      assert.is_nil(tree)
      assert.truthy(message:find(pattern))
      assert.same({ "limit", "permanent" }, { failure.kind, failure.class })
    end

    it("stops at 32 levels, 1000 parts, 10000 fields, 1 MiB of headers", function()
      local function levels(n)
        local list = {}
        for i = 1, n do
          list[i] = ("Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n"):format(i, i)
        end
        return table.concat(list) .. "\nx"
      end
      assert.equal(33, assert(core.parser(levels(32))):count())
      refused(levels(33), "nest too deeply")
      local head = "Content-Type: multipart/mixed; boundary=b\n\n"
      assert.equal(1000, assert(core.parser(head .. ("--b\n"):rep(999))):count())
      refused(head .. ("--b\n"):rep(1000), "too many parts")
      refused(("A: b\n"):rep(10001), "too many header fields")
      refused("A: " .. ("b"):rep(1048576), "headers are too large")
    end)

    it("survives every cut of a message", function()
      local text = crlf(nested)
      for i = 0, #text do
        local tree = assert(core.parser(text:sub(1, i)))
        for j = 1, tree:count() do
          tree:part(j)
          tree:headers(j)
          tree:text(j)
        end
      end
    end)
  end)
end)
