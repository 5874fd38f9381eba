-- session_spec.lua - the client machine, from greeting to QUIT, by its verbs.
local core = require "posthorn.core"

local function take_output(session)
  local output = session:output()
  session:consume(#output)
  return output
end

describe("core.session", function()
  it("reaches ready, says what is offered, and quits", function()
    local session = assert(core.session { hello_name = "client.example" })
    assert.equal("greeting", session:phase())
    assert.is_nil(session:next())
    session:feed("220 mx.example ESMTP\r\n")
    assert.equal("EHLO client.example\r\n", take_output(session))
    session:feed("250-mx.example\r\n250-PIPELINING\r\n250 SIZE 1000\r\n")
    assert.equal("ready", (session:next()))
    assert.is_nil(session:next())
    assert.same({ PIPELINING = "", SIZE = "1000" }, session:capabilities())
    assert.is_true(session:is_reusable())
    session:quit()
    assert.equal("QUIT\r\n", take_output(session))
    session:feed("221 bye\r\n")
    assert.equal("closed", (session:next()))
    session:close()
    session:close()
    assert.has_error(function() session:next() end, "the session was closed")
  end)
end)
