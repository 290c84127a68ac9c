-- sonde.compare: reports side by side, row by row, with factors.
local figures = use "figures"
local compare = {}

local WHO = "sonde.compare"
local COLUMNS = { "activation.std", "gradient.std", "weight_gradient.std" }
local OPTIONS = { columns = true, names = true, base = true }
--- How many rows print shows.
local SHOWN = 40
--- The most pairs of rows that are tried for an alignment; beyond, rows are aligned by position.
local MOST_PAIRS = 4000000

-- MARK: What is compared

--- The report of a value; nil for any other.
local function reportOf(value)
  if kind(value) == "report" then return value end
  if kind(value) ~= "variant" then return nil end
  if not value.report then fail(("%s: expected variants that could be probed, got one that failed: %s"):format(WHO, value.error)) end
  return value.report
end

--- A table of the user's without its metamethods, whose errors would not be of the caller's line.
local function plain(given)
  local copy = {}
  for name, value in next, given do copy[name] = value end
  return copy
end

--- Splits the arguments into what is compared and the options behind it.
local function splitArguments(...)
  local given = table.pack(...)
  for place = 1, given.n do
    if type(given[place]) == "table" then given[place] = plain(given[place]) end
  end
  local last = given[given.n]
  if type(last) ~= "table" or #last > 0 or next(last) == nil then return given, {} end
  for name in pairs(last) do
    if not OPTIONS[name] then return given, {} end
  end
  given[given.n], given.n = nil, given.n - 1
  for name, value in pairs(last) do
    if type(value) == "table" then last[name] = plain(value) end
  end
  return given, last
end

--- Names and reports of a table name -> report, by name.
local function namedReports(given)
  local names = {}
  for name in pairs(given) do
    if type(name) ~= "string" then fail(("%s: expected names in the table, got the key %s"):format(
      WHO, type(name) == "number" and name or kind(name))) end
    names[#names + 1] = name
  end
  table.sort(names)
  local reports = {}
  for place, name in ipairs(names) do reports[place] = given[name] end
  return names, reports
end

--- Names and values of a sequence.
local function listedReports(given, options, count)
  local names = {}
  for place = 1, count do
    local value = given[place]
    local name = options.names and options.names[place]
    if name and type(name) ~= "string" then
      fail(("%s: option 'names' expected strings, got %s"):format(WHO, kind(name)))
    end
    names[place] = name or kind(value) == "variant" and value.name or "r" .. place
  end
  return names, given
end

--- Puts the report that the factors are of first, in `names` as in `reports`; without a base it is the first as they came.
local function putFirst(base, names, reports)
  if not base then return end
  local place
  for number, name in ipairs(names) do
    if name == base then
      if place then fail(("%s: option 'base' expected the name of one report, got '%s', that of several"):format(WHO, base)) end
      place = number
    end
  end
  if not place then
    fail(("%s: option 'base' expected the name of a report, one of %s, got '%s'%s"):format(
      WHO, table.concat(names, ", "), base, suggestion(base, names)))
  end
  table.insert(names, 1, table.remove(names, place))
  table.insert(reports, 1, table.remove(reports, place))
end

local function gather(...)
  local given, options = splitArguments(...)
  local names, values
  if given.n == 1 and type(given[1]) == "table" then
    if #given[1] > 0 then
      names, values = listedReports(given[1], options, #given[1])
    else
      names, values = namedReports(given[1])
    end
  else
    names, values = listedReports(given, options, given.n)
  end
  if #names < 2 then fail(("%s: expected at least two reports, got %d"):format(WHO, #names)) end
  local reports = {}
  for place, name in ipairs(names) do
    reports[place] = reportOf(values[place])
    if not reports[place] then
      fail(("%s: expected reports of net:probe or variants of net:whatif, got %s as %s"):format(WHO, kind(values[place]), name))
    end
  end
  putFirst(options.base, names, reports)
  return names, reports, options
end

-- MARK: Alignment

--- Kinds that stand in one another's place.
local ROLES = { BatchNorm = "norm", LayerNorm = "norm", RMSNorm = "norm" }
for name in ("ReLU LeakyReLU PReLU ELU SELU GELU SiLU Tanh Sigmoid Softplus Hardtanh"):gmatch("%a+") do
  ROLES[name] = "activation"
end

--- By what rows of two reports are the same: a name of the user's, else the kind, one nonlinearity being like another.
local function keyOf(row)
  if not tonumber(row.name) then return row.name end
  return ROLES[row.kind] or row.kind
end

--- The longest common subsequences of all ends of two lists of keys.
local function commonLengths(left, right)
  local lengths = {}
  for i = #left + 1, 1, -1 do
    local line, below = {}, lengths[i + 1]
    for j = #right + 1, 1, -1 do
      if i > #left or j > #right then
        line[j] = 0
      elseif left[i] == right[j] then
        line[j] = 1 + below[j + 1]
      else
        line[j] = math.max(below[j], line[j + 1])
      end
    end
    lengths[i] = line
  end
  return lengths
end

--- Pairs of places in two lists that belong together, as few left over as can be; equal keys from the start.
local function matches(left, right)
  local pairs = {}
  if #left * #right > MOST_PAIRS then
    for place = 1, math.min(#left, #right) do pairs[place] = { place, place } end
    return pairs
  end
  local lengths, i, j = commonLengths(left, right), 1, 1
  while i <= #left and j <= #right do
    if left[i] == right[j] then
      pairs[#pairs + 1] = { i, j }
      i, j = i + 1, j + 1
    elseif lengths[i + 1][j] >= lengths[i][j + 1] then
      i = i + 1
    else
      j = j + 1
    end
  end
  return pairs
end

--- Puts the rows of report `number` beside those that are there; between matches, as many on either side are pairs too.
local function merge(lines, report, number)
  local left, right = {}, {}
  for place, line in ipairs(lines) do left[place] = line.key end
  for place, row in ipairs(report) do right[place] = keyOf(row) end
  local merged, i, j = {}, 1, 1
  local function take(line, place)
    if place then line.rows[number] = place end
    merged[#merged + 1] = line
  end
  local function gap(toI, toJ)
    local together = toI - i == toJ - j
    while i < toI do
      take(lines[i], together and j or nil)
      i, j = i + 1, together and j + 1 or j
    end
    while j < toJ do
      take({ key = right[j], rows = {} }, j)
      j = j + 1
    end
  end
  for _, pair in ipairs(matches(left, right)) do
    gap(pair[1], pair[2])
    take(lines[i], j)
    i, j = i + 1, j + 1
  end
  gap(#lines + 1, #report + 1)
  return merged
end

local function align(reports)
  local lines = {}
  for place, row in ipairs(reports[1]) do lines[place] = { key = keyOf(row), rows = { place } } end
  for number = 2, #reports do lines = merge(lines, reports[number], number) end
  return lines
end

-- MARK: Rows

--- The kinds of a line's rows, one where they agree.
local function kindOf(state, line)
  local kinds, seen = {}, {}
  for number, report in ipairs(state.reports) do
    local row = line.rows[number] and report[line.rows[number]]
    local name = row and (row.name == "head" and "head" or row.kind)
    if name and not seen[name] then
      seen[name] = true
      kinds[#kinds + 1] = name
    end
  end
  return table.concat(kinds, " / ")
end

--- One figure of a line in each report; NaN where a report has no such row or the row no such quantity.
local function valuesOf(state, line, path)
  local values = {}
  for number in ipairs(state.reports) do
    local place = line.rows[number]
    values[number] = place and state.columns[path][number][place] or 0 / 0
  end
  return values
end

--- Reads the columns of all reports once; an unknown path is an error of the report's.
local function readColumn(state, path)
  if state.columns[path] then return end
  local columns = {}
  for number, report in ipairs(state.reports) do columns[number] = report:column(path) end
  state.columns[path] = columns
end

function compare.length(state) return #state.lines end

function compare.names(state) return table.move(state.names, 1, #state.names, 1, {}) end

--- A line as a plain table: kind, rows, and for each column the values by name and the factors to the first.
function compare.element(state, key)
  if math.type(key) ~= "integer" then return end
  if key == #state.lines + 1 then return nil end
  local line = state.lines[key < 0 and #state.lines + 1 + key or key]
  if not line then fail(("comparison: row %d is outside 1 to %d"):format(key, #state.lines)) end
  local result = { kind = kindOf(state, line), rows = {}, factors = {} }
  for number, name in ipairs(state.names) do result.rows[name] = line.rows[number] end
  for _, path in ipairs(state.paths) do
    local values, byName, factors = valuesOf(state, line, path), {}, {}
    for number, name in ipairs(state.names) do
      byName[name] = values[number]
      if number > 1 then factors[name] = values[number] / values[1] end
    end
    result[path], result.factors[path] = byName, factors
  end
  return result
end

--- One figure of all lines, a sequence for each report by name.
function compare.column(state, path)
  readColumn(state, path)
  local result = {}
  for number, name in ipairs(state.names) do
    local values = {}
    for place, line in ipairs(state.lines) do values[place] = valuesOf(state, line, path)[number] end
    result[name] = values
  end
  return result
end

-- MARK: Text

--- Whether a report has the quantity of a path in a line.
local function isThere(state, line, path, number)
  local place, quantity = line.rows[number], path:match("^[%a_]+")
  return place ~= nil and state.reports[number][place][quantity] ~= nil
end

local function cellsOf(state, line, path, numbers)
  local values, cells = valuesOf(state, line, path), {}
  for _, number in ipairs(numbers) do
    local there = isThere(state, line, path, number)
    cells[#cells + 1] = there and figures.text(path, values[number]) or "-"
    if number > 1 and figures.hasFactor(path) then
      cells[#cells + 1] = there and isThere(state, line, path, 1) and figures.factor(values[number], values[1]) or ""
    end
  end
  return cells
end

local function headOf(state, path, numbers)
  local header = {}
  for _, number in ipairs(numbers) do
    local name = state.names[number]
    header[#header + 1] = { number == 1 and figures.label(path) .. ": " .. name or name, "right" }
    if number > 1 and figures.hasFactor(path) then header[#header + 1] = { "", "left" } end
  end
  return header
end

--- The places of a line's rows, one where they agree.
local function placesOf(state, line)
  local places, same = {}, true
  for number = 1, #state.reports do
    places[number] = tostring(line.rows[number] or "-")
    same = same and places[number] == places[1]
  end
  return same and places[1] or table.concat(places, "/")
end

--- What gives way where the terminal is too narrow: whole columns from the last, then words. `groups` are the places of the columns.
local function stepsOf(groups, count)
  local steps, names = { { "shorten", 12, 2 } }, { "names" }
  for place = #groups, 2, -1 do steps[#steps + 1] = { "drop", table.unpack(groups[place]) } end
  for place = 3, count do names[#names + 1] = place end
  steps[#steps + 1] = names
  steps[#steps + 1] = { "shorten", 5, 1, 2 }
  return steps
end

--- A table of some columns of some reports; where it must fit the terminal, also how many of the groups in it were left out: paths,
--- or reports beside the first where there is one path.
local function tableOf(state, paths, numbers, shown, fits)
  local header, rows, groups = { { "#", "right" }, { "layer", "left" } }, {}, {}
  for _, path in ipairs(paths) do
    local head, group, each = headOf(state, path, numbers), {}, figures.hasFactor(path) and 2 or 1
    for place, entry in ipairs(head) do
      header[#header + 1] = entry
      -- the first report stands in the group of the second
      if #paths == 1 and place > 1 + each and (place - 2) % each == 0 then
        groups[#groups + 1], group = group, {}
      end
      group[#group + 1] = #header
    end
    groups[#groups + 1] = group
  end
  for place, line in ipairs(state.lines) do
    if place > shown then break end
    local cells = { placesOf(state, line), kindOf(state, line) }
    for _, path in ipairs(paths) do
      local more = cellsOf(state, line, path, numbers)
      table.move(more, 1, #more, #cells + 1, cells)
    end
    rows[place] = cells
  end
  local text, dropped = layout_table(header, rows, fits and stepsOf(groups, #header) or nil)
  return text, dropped and #dropped or 0
end

--- A table; what does not fit into it is told, of reports another table is made.
local function tablesOf(state, paths, numbers, shown, fits, lines)
  local text, left = tableOf(state, paths, numbers, shown, fits)
  lines[#lines + 1] = text
  if left == 0 then return end
  if #paths > 1 then
    local names = {}
    for place = #paths - left + 1, #paths do names[#names + 1] = figures.label(paths[place]) end
    lines[#lines + 1] = paragraphs(("not shown: %s; c:text() has all columns"):format(table.concat(names, ", ")))
    return
  end
  tablesOf(state, paths, table.move(numbers, #numbers - left + 1, #numbers, 2, { numbers[1] }), shown, fits, lines)
end

--- What differs beside the rows: inputs, upstream gradients, losses, the number of rows.
local function notes(state)
  local lines = {}
  local function tell(what, read)
    local texts, differ = {}, false
    for number, report in ipairs(state.reports) do
      local value = read(report)
      texts[number] = ("%s %s"):format(state.names[number], figures.number(value or 0 / 0))
      differ = differ or value ~= read(state.reports[1])
    end
    if differ then lines[#lines + 1] = ("- %s: %s"):format(what, table.concat(texts, ", ")) end
  end
  tell("loss", function(report) return report.loss end)
  tell("std of the input", function(report) return report.input.std end)
  tell("std of the upstream gradient", function(report) return report.upstream.std end)
  tell("rows", function(report) return #report end)
  if #lines > 0 and lines[#lines]:find("^%- rows") then
    lines[#lines] = lines[#lines] .. "; aligned by name and kind, - where there is none"
  end
  return lines
end

--- Two reports fit into one table, more have one for each column.
function compare.text(state, shown)
  local fits, lines, numbers = shown ~= nil, { "x: times " .. state.names[1] }, {}
  shown = shown or math.maxinteger
  for number in ipairs(state.names) do numbers[number] = number end
  if #state.names == 2 then
    tablesOf(state, state.paths, numbers, shown, fits, lines)
  else
    for _, path in ipairs(state.paths) do tablesOf(state, { path }, numbers, shown, fits, lines) end
  end
  if #state.lines > shown then lines[#lines + 1] = ("... of %d rows; c:text() shows all"):format(#state.lines) end
  for _, note in ipairs(notes(state)) do lines[#lines + 1] = fits and paragraphs(note) or note end
  return table.concat(lines, "\n")
end

function compare.description(state)
  return ("comparison of %s: %d rows; c:text() is the table"):format(table.concat(state.names, ", "), #state.lines)
end

function compare.compare(...)
  local names, reports, options = gather(...)
  local state = { names = names, reports = reports, lines = align(reports), paths = {}, columns = {} }
  for place, path in ipairs(options.columns or COLUMNS) do
    state.paths[place] = path
    readColumn(state, path)
  end
  print(compare.text(state, SHOWN))
  return object("comparison", state)
end

return compare
