-- What the tests of the diagnosis share: numbers that are close, and the one statement that a report is to make.
local telling = {}

function telling.close(a, b, tolerance, what)
  assert(math.abs(a - b) <= tolerance * math.abs(b), ("%s: %g is not close to %g"):format(what or "number", a, b))
end

-- A text with its numbers as #, and the numbers.
local function parts(text)
  local numbers = {}
  local words = text:gsub("%f[%w]%d[%d%.]*[eE]?[%+%-]?%d*", function(number)
    local dot = number:match("%.$") or ""
    numbers[#numbers + 1] = tonumber((number:gsub("%.$", "")))
    return "#" .. dot
  end)
  return words, numbers
end

-- What is told of a net by exactly one diagnosis of a kind: the diagnosis and the numbers in its text.
function telling.only(report, kind, words)
  local list = report:diagnose()
  local kinds = {}
  for i, d in ipairs(list) do kinds[i] = d.kind .. ": " .. d.text end
  assert(#list == 1 and list[1].kind == kind, kind .. " expected, got\n" .. table.concat(kinds, "\n"))
  local found, numbers = parts(list[1].text)
  if words then assert(found == words, "expected " .. words .. "\ngot      " .. found) end
  return list[1], numbers
end

return telling
