-- Figures of reports: the paths that name one, and how they and their ratios are written.
local figures = {}

--- Which way a quantity's signal goes: it has gone through the whole net in the last row, or in the first.
local BACKWARD = { gradient = true, weight_gradient = true }

--- Three significant digits, with an exponent outside 0.001 to 1000.
function figures.number(value)
  return value and reading(value, "number") or ""
end

--- How many times `base` is `value`, in words where there is no such number.
function figures.factor(value, base)
  if value == nil or base == nil then return "" end
  if value == base or (value ~= value and base ~= base) then return "=" end
  if value ~= value then return "to nan" end
  if base ~= base then return "from nan" end
  if base == 0 then return "from 0" end
  if value == 0 then return "to 0" end
  if math.abs(base) == math.huge then return "from inf" end
  if math.abs(value) == math.huge then return "to inf" end
  local ratio = value / base
  if ratio ~= 0 and math.abs(ratio) ~= math.huge then return "x" .. figures.number(ratio) end
  -- beyond what a number holds
  return ("x1e%+.0f"):format(math.log(math.abs(value), 10) - math.log(math.abs(base), 10))
end

--- Splits 'activation.std[20]' into the column and the row; `percentiles[15]` is part of a column.
local function split(path)
  local column, row = path:match("^(.*)%[(%-?%d+)%]$")
  if not column or column:find("percentiles$") then return path, nil end
  return column, math.tointeger(tonumber(row))
end

--- The rows of a report whose `quantity` is there; a head is left out where there are others, since its size is another.
local function rows(report, quantity)
  local found = {}
  for _, row in ipairs(report) do
    if row[quantity] and row.name ~= "head" then found[#found + 1] = row[quantity] end
  end
  if #found == 0 then
    for _, row in ipairs(report) do found[#found + 1] = row[quantity] end
  end
  return found
end

--- The range of log10 of a quantity's std over the rows but a head: 0 where it is the same everywhere, infinite where it is 0
--- or infinite somewhere, since nothing comes through then; NaN where it is no number or there is no such row.
function figures.flatness(report, quantity)
  local least, most = math.huge, 0
  for _, stats in ipairs(rows(report, quantity)) do
    local std = stats.std
    if std ~= std then return 0 / 0 end
    least, most = math.min(least, std), math.max(most, std)
  end
  if least > most then return 0 / 0 end
  if least == 0 or most == math.huge then return math.huge end
  return math.log(most, 10) - math.log(least, 10)
end

--- Where the signal of a quantity has gone through the whole net: the last row that has it, a head not counted where there are
--- others; of gradients the first.
local function lastOf(report, quantity)
  local from, to, step = #report, 1, -1
  if BACKWARD[quantity] then from, to, step = 1, #report, 1 end
  local head
  for place = from, to, step do
    local row = report[place]
    if row[quantity] and row.name ~= "head" then return place end
    if row[quantity] then head = place end
  end
  return head
end

local QUANTITIES = { preactivation = true, activation = true, gradient = true, weight = true, weight_gradient = true }

--- One number of a report by its path; NaN where the report has no such row or the row no such quantity.
function figures.value(report, path)
  if path == "loss" then return report.loss or 0 / 0 end
  local name, row = split(path)
  local quantity, figure = name:match("^([%a_]+)%.(.+)$")
  if figure == "flatness" and QUANTITIES[quantity] and not row then return figures.flatness(report, quantity) end
  local column = report:column(name)
  if row then return column[row < 0 and #column + 1 + row or row] or 0 / 0 end
  local place = lastOf(report, quantity)
  return place and column[place] or 0 / 0
end

local SYMBOLS = { preactivation = "z", activation = "h", gradient = "dL/dh", weight = "W", weight_gradient = "dL/dW" }

--- A path as a table's head shows it: 'std h' for 'activation.std'.
function figures.label(path)
  local name, row = split(path)
  local quantity, figure = name:match("^([%a_]+)%.(.+)$")
  if not SYMBOLS[quantity] then return path end
  return figure .. " " .. SYMBOLS[quantity] .. (row and "[" .. row .. "]" or "")
end

local FRACTIONS = { zeros = true, dead = true, saturated = true }

--- A figure as a table shows it: fractions in percent.
function figures.text(path, value)
  return reading(value, FRACTIONS[split(path):match("([%a_]+)$")] and "percent" or "number")
end

--- Whether a figure is told as a factor of another: ranges and fractions are not.
function figures.hasFactor(path)
  local figure = split(path):match("([%a_]+)$")
  return figure ~= "flatness" and not FRACTIONS[figure]
end

--- What makes a figure good: "smallest", "largest", or the number it should be near; nil where nobody can say.
function figures.goal(path)
  local figure = split(path):match("([%a_]+)$")
  if path == "loss" or figure == "flatness" then return "smallest" end
  if ({ zeros = 1, dead = 1, saturated = 1, underflow = 1, nan = 1, inf = 1, cosine = 1 })[figure] then return "smallest" end
  if figure == "std" or figure == "rms" or figure == "batch_std" or figure == "variance" then return 1 end
end

--- How far a value is from its goal: the smaller the better, NaN for what is none.
function figures.distance(value, goal)
  if goal == "smallest" then return value end
  if goal == "largest" then return -value end
  if value == goal then return 0 end
  if value > 0 and goal > 0 then return math.abs(math.log(value) - math.log(goal)) end
  -- no factor leads from one to the other
  return goal > 0 and math.huge or math.abs(value - goal)
end

--- The place of the best of `values`, nil where all are NaN; the first of equals.
function figures.best(values, goal)
  local best, least
  for place, value in ipairs(values) do
    local distance = figures.distance(value, goal)
    if distance == distance and (not best or distance < least) then best, least = place, distance end
  end
  return best
end

return figures
