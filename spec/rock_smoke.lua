-- rock_smoke.lua - run by rock.sh against an installed rock, away from the
-- sources: every C module loads. Arguments: their names.
for _, name in ipairs(arg) do
  require("posthorn." .. name)
end
print("the rock works: " .. table.concat(arg, ", "))
