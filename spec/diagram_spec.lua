-- diagram_spec.lua - make diagram: whether the graph shows all of the table.
local diagram = require "spec.diagram"

describe("the diagram of phases", function()
  local dot, edges, phases = diagram.dot(), diagram.edges(), diagram.phases()

  it("names every phase of the table", function()
    assert.is_true(#phases > 10)
    for _, row in ipairs(phases) do
      assert.truthy(dot:find(('\n  "%s" [label='):format(row.name), 1, true), row.name)
    end
  end)

  it("shows how each phase is entered, as the plays enter it", function()
    local entered = { greeting = true, tls = true } -- where a session begins
    for _, to in pairs(edges) do
      for name in pairs(to) do entered[name] = true end
    end
    for _, row in ipairs(phases) do assert.is_true(entered[row.name], row.name) end
  end)

  it("knows no phase that the table lacks", function()
    local known = {}
    for _, row in ipairs(phases) do known[row.name] = true end
    for from, to in pairs(edges) do
      assert.is_true(known[from], from)
      for name in pairs(to) do assert.is_true(known[name], name) end
    end
  end)

  it("lets nothing follow the end", function()
    assert.is_nil(edges.closed)
    assert.is_nil(edges.failed)
  end)
end)
