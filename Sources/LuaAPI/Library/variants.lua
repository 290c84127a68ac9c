-- What net:whatif answers: variants with their reports, compared with the net as it is.
local figures = use "figures"
local variants = {}

local SHOWN = 40
local LONGEST_NAME = 28

--- The figures that answer most: how strong the signal arrives at either end, and how even it is on the way.
local function defaultColumns(rows)
  local paths = { "activation.std", "activation.flatness", "gradient.std", "gradient.flatness", "activation.zeros" }
  for _, row in ipairs(rows) do
    if row.report and row.report.loss then
      table.insert(paths, 1, "loss")
      break
    end
  end
  return paths
end

--- The result of a what-if.
function variants.object(rows, keys, seed)
  local state = { rows = rows, keys = keys, seed = seed, objects = {} }
  for place, row in ipairs(rows) do
    row.number = place
    state.objects[place] = object("variant", row)
    if row.isBase then state.base = state.base or place end
  end
  return object("what-if", state)
end

--- A number for each variant; NaN where it has none.
local function column(state, path)
  local values = {}
  for place, row in ipairs(state.rows) do values[place] = row.report and figures.value(row.report, path) or 0 / 0 end
  return values
end

function variants.column(state, path) return column(state, path) end

function variants.length(state) return #state.rows end

function variants.element(state, key)
  if math.type(key) == "integer" then
    if key == #state.rows + 1 then return nil end
    local place = key < 0 and #state.rows + 1 + key or key
    if not state.objects[place] then fail(("what-if: variant %d is outside 1 to %d"):format(key, #state.rows)) end
    return state.objects[place]
  end
  for place, row in ipairs(state.rows) do
    if row.name == key then return state.objects[place] end
  end
  -- no result: there is no such field
end

function variants.keys(state)
  local names = {}
  for place, row in ipairs(state.rows) do names[place] = row.name end
  return names
end

function variants.base(state) return state.objects[state.base] end
function variants.seed(state) return state.seed end

-- MARK: The best

local function goalOf(path, goal)
  goal = goal or figures.goal(path)
  if goal == nil then
    fail(("what-if:best: expected a goal for '%s', got none; 'smallest', 'largest' or a number to be near"):format(path))
  end
  return goal
end

function variants.best(state, path, options)
  if type(path) == "table" then path, options = nil, path end
  path = path or "gradient.flatness"
  local best = figures.best(column(state, path), goalOf(path, options and options.goal))
  if not best then fail(("what-if:best: expected a variant with a number for '%s', got none"):format(path)) end
  return state.objects[best]
end

--- The numbers of the variants that have a report, the flattest gradients first.
function variants.flattest(state)
  local values, numbers = column(state, "gradient.flatness"), {}
  for place, row in ipairs(state.rows) do
    if row.report then numbers[#numbers + 1] = place end
  end
  -- NaN, which nothing can be compared with, comes last
  local function rank(place) return values[place] == values[place] and values[place] or math.huge end
  table.sort(numbers, function(a, b)
    if rank(a) ~= rank(b) then return rank(a) < rank(b) end
    return a < b
  end)
  return numbers
end

-- MARK: Tables

--- The variants with their settings as texts, in the order of the keys, for figures and files.
function variants.plain(state)
  local rows = {}
  for place, row in ipairs(state.rows) do
    local settings = {}
    for _, key in ipairs(state.keys) do
      if row.labels[key] then settings[#settings + 1] = { key, row.labels[key] } end
    end
    rows[place] = {
      number = place, name = row.name, base = row.isBase, settings = settings, error = row.error, report = row.report,
    }
  end
  return rows
end

--- The paths of an option `columns`; what is none of a figure's is told when it is read.
local function paths_of(who, columns, state)
  for _, path in ipairs(columns or {}) do
    if type(path) ~= "string" then fail(("%s: option 'columns' expected paths such as 'activation.std', got %s"):format(who, kind(path))) end
  end
  return columns or defaultColumns(state.rows)
end

function variants.table(state, options)
  local rows = {}
  for place, row in ipairs(state.rows) do
    rows[place] = { number = place, name = row.name, settings = row.settings, error = row.error, base = row.isBase or nil }
  end
  for _, path in ipairs(paths_of("what-if:table", options and options.columns, state)) do
    for place, value in ipairs(column(state, path)) do rows[place][path] = value end
  end
  return rows
end

local function shortened(name)
  if #name <= LONGEST_NAME then return name end
  local last = utf8.offset(name, 0, LONGEST_NAME - 3) or LONGEST_NAME - 3
  return name:sub(1, last - 1) .. "..."
end

--- The settings of a row as cells, one for each key that is varied.
local function settingCells(state, row)
  local cells = {}
  for place, key in ipairs(state.keys) do cells[place] = shortened(row.labels[key] or "") end
  if #state.keys == 0 or (row.isBase and not next(row.labels)) then cells[1] = "as it is" end
  return cells
end

--- What gives way, in turn, where the terminal is too narrow: long settings, then what says less of the signal.
local YIELDING = { "activation.zeros", "activation.flatness", "gradient.flatness", "loss", "shorten", "gradient.std", "activation.std" }
--- How far settings are cut, at first and at last.
local SETTING, SHORTEST_SETTING = 14, 6

local function stepsOf(settings, places)
  local steps = { { "shorten", SETTING, table.unpack(settings) } }
  for _, path in ipairs(YIELDING) do
    if path == "shorten" then
      steps[#steps + 1] = { "names", table.unpack(settings) }
      steps[#steps + 1] = { "shorten", SHORTEST_SETTING, table.unpack(settings) }
    elseif places[path] then
      steps[#steps + 1] = { "drop", table.unpack(places[path]) }
    end
  end
  return steps
end

--- The head of the table, a function that makes the cells of a row, and the steps that make it narrow.
local function layout(state, paths, best)
  local header, settings, places = { { "", "left" }, { "#", "right" } }, {}, {}
  for _, key in ipairs(#state.keys > 0 and state.keys or { "variant" }) do
    header[#header + 1] = { key, "left" }
    settings[#settings + 1] = #header
  end
  local values = {}
  for place, path in ipairs(paths) do
    values[place] = column(state, path)
    header[#header + 1] = { figures.label(path), "right" }
    places[path] = { #header }
    if figures.hasFactor(path) then
      header[#header + 1] = { "", "left" }
      places[path][2] = #header
    end
  end
  return header, stepsOf(settings, places), function(place)
    local row = state.rows[place]
    local mark = (row.isBase and "base " or "") .. (place == best and "*" or "")
    local cells = { mark, tostring(place), table.unpack(settingCells(state, row)) }
    if row.error then
      cells[#cells + 1] = "failed"
      return cells
    end
    for number, path in ipairs(paths) do
      local value = values[number][place]
      cells[#cells + 1] = figures.text(path, value)
      if figures.hasFactor(path) then
        cells[#cells + 1] = row.isBase and "" or figures.factor(value, values[number][state.base])
      end
    end
    return cells
  end
end

--- What failed, one line for each error, at most `most`.
local function failures(state, most)
  local places, order = {}, {}
  for place, row in ipairs(state.rows) do
    if row.error and not places[row.error] then
      places[row.error] = {}
      order[#order + 1] = row.error
    end
    if row.error then table.insert(places[row.error], place) end
  end
  local lines = {}
  for number, text in ipairs(order) do
    if number > most then
      lines[#lines + 1] = ("- and %d more errors"):format(#order - most)
      break
    end
    local which = places[text]
    local more = #which > 5 and ", ... (" .. #which .. " variants)" or ""
    lines[number] = ("- %s%s: %s"):format(table.concat(which, ", ", 1, math.min(#which, 5)), more, text)
  end
  return lines
end

local function headline(state, by)
  local failed = 0
  for _, row in ipairs(state.rows) do
    if row.error then failed = failed + 1 end
  end
  local count = ("what if: %d variants under the same random numbers, seed %d"):format(#state.rows, state.seed)
  if failed > 0 then count = count .. (", %d failed"):format(failed) end
  return count
    .. "\nof the last hidden row, of gradients the first; x: times the net as it is;"
    .. "\nflatness: range of log10 std over the rows; *: best " .. figures.label(by)
end

--- The table with what failed below it, at most `most` variants and as many errors.
local function describe(state, most, paths, by, goal)
  by = by or "gradient.flatness"
  local best = figures.best(column(state, by), goalOf(by, goal))
  local header, steps, cells = layout(state, paths or defaultColumns(state.rows), best)
  local shown, rows = math.min(most, #state.rows), {}
  for place = 1, shown do rows[place] = cells(place) end
  if best and best > shown then rows[#rows + 1] = cells(best) end
  local whole = most == math.maxinteger
  local body, dropped = layout_table(header, rows, not whole and steps or nil)
  local more = {}
  if #state.rows > shown then more[1] = ("... of %d variants; w:text() shows all"):format(#state.rows) end
  if dropped and #dropped > 0 then more[#more + 1] = ("not shown: %s; w:text() has all columns"):format(table.concat(dropped, ", ")) end
  local errors = failures(state, most // 5)
  table.move(errors, 1, #errors, #more + 1, more)
  local function fit(text) return whole and text or paragraphs(text) end
  local lines = { fit(headline(state, by)), body }
  if #more > 0 then lines[3] = fit(table.concat(more, "\n")) end
  return table.concat(lines, "\n")
end

--- The table as it fits the terminal.
function variants.description(state) return describe(state, SHOWN) end

function variants.text(state, options)
  options = options or {}
  return describe(state, math.maxinteger, paths_of("what-if:text", options.columns, state), options.best, options.goal)
end

-- MARK: One variant

function variants.variant_name(row) return row.name end
function variants.variant_number(row) return row.number end
function variants.variant_settings(row) return row.settings end
function variants.variant_report(row) return row.report end
function variants.variant_error(row) return row.error end
function variants.variant_is_base(row) return row.isBase == true end

function variants.variant_text(row)
  return ("variant %d: %s%s"):format(row.number, row.name, row.error and ", failed: " .. row.error or "\n" .. tostring(row.report))
end

return variants
