-- helper.lua - loaded before the specs.
return {}
