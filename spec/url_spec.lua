-- url_spec.lua - lua/posthorn/url.lua.
local url = require "posthorn.url"

describe("posthorn.url", function()
  it("takes a full URL apart", function()
    local parts = url.parse "smtps://us%40er:p%3Aa@mail.example.org:465?timeout=30&verify=false"
    assert.same({
      scheme = "smtps", user = "us@er", password = "p:a", host = "mail.example.org", port = 465,
      query = { timeout = "30", verify = "false" },
    }, parts)
  end)

  it("takes IPv6 addresses in brackets", function()
    local parts = url.parse "smtp://[2001:db8::25]:587"
    assert.equal("2001:db8::25", parts.host)
    assert.equal(587, parts.port)
  end)

  it("takes a path without a host", function()
    assert.equal("/var/mail", url.parse("file:///var/mail").path)
    assert.is_nil(url.parse("capture:").host)
  end)

  for what, text in pairs {
    ["no scheme"] = "mail.example.org", ["no number as port"] = "smtp://s3cret@h:x",
    ["a port past 65535"] = "smtp://u:s3cret@h:70000", ["a broken escape"] = "smtp://u:s3cret%4@h",
    ["a control character"] = "smtp://u:s3cret%0d@h", ["an option without value"] = "smtp://h?s3cret",
    ["an option twice"] = "smtp://u:s3cret@h?a=1&a=2", ["no host before the port"] = "smtp://:25",
    ["brackets without IPv6"] = "smtp://u:s3cret@[zz]", ["IPv4 in brackets"] = "smtp://[192.0.2.1]:25",
  } do
    it("raises at " .. what .. " and never quotes the URL", function()
      local ok, problem = pcall(url.parse, text)
      assert.is_false(ok)
      assert.matches("^option 'url' is malformed", problem)
      assert.is_nil(problem:find("s3cret", 1, true))
    end)
  end
end)
