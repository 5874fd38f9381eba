-- mail_spec.lua - posthorn.parse reads the mail of spec/vectors as is written
-- beside it; what others read is in spec/lab/readers_spec.lua.
local mail = require "spec.mime.mail"
local told = require "spec.mime.told"

describe("mail of the world", function()
  for _, one in ipairs(mail.all()) do
    it("is read: " .. one.name, function()
      local list, root = told(one.octets)
      assert.same(one.reading, mail.rows(list))
      if one.text then assert.equal(one.text, root:text()) end
    end)
  end
end)
