-- net:whatif: every combination of changes to a copy of a net, each probed under the same random numbers.
local figures = use "figures"
local whatif = {}

local WHO = "network:whatif"
local MOST = 10000

--- What can be varied, in the order of the rows: of the first, the values change slowest.
local KEYS = {
  "depth", "width", "activation", "batchnorm", "normalize", "remove", "insert", "replace", "freeze", "init", "lsuv", "apply",
  "upstream",
}

--- The keys whose values are {place, function that makes a layer}: a layer can be part of one net only.
local PLACED = { insert = true, replace = true }

--- What is told to the probe as it is.
local PROBE = { "target", "loss", "percentiles", "bins", "spectrum", "repeats" }

-- MARK: The values of a key

--- How many tables in each other a name shows: one may hold itself.
local SHOWN_TABLES = 4

--- A value as a name shows it.
local function text(value, outer)
  outer = outer or 0
  if type(value) == "table" then
    if outer == SHOWN_TABLES then return "..." end
    local parts = { text(value[1], outer + 1) }
    local names = {}
    for name in pairs(value) do
      if type(name) == "string" then names[#names + 1] = name end
    end
    table.sort(names)
    for _, name in ipairs(names) do parts[#parts + 1] = name .. "=" .. text(value[name], outer + 1) end
    return table.concat(parts, " ")
  end
  if type(value) == "userdata" then return kind(value) end
  if type(value) == "function" then return "a function" end
  return tostring(value)
end

--- The keys of a table that are names, sorted; other keys than those and places are an error.
local function namesIn(key, given)
  local names = {}
  for name in pairs(given) do
    if type(name) == "string" then
      names[#names + 1] = name
    elseif math.type(name) ~= "integer" or name < 1 or name > #given then
      fail(("%s: option '%s' expected a list without gaps, got the key %s"):format(WHO, key, tostring(name)))
    end
  end
  table.sort(names)
  return names
end

--- The values of a key: of a list, of a table name -> value, or the one value itself, {"before", eps=0} being one.
local function valuesOf(key, given)
  if type(given) ~= "table" then return { { value = given, label = text(given) } } end
  if PLACED[key] and type(given[2]) == "function" then return { { value = given, label = text(given[1]) } } end
  local names = namesIn(key, given)
  if #given > 0 and #names > 0 then return { { value = given, label = text(given) } } end
  local values = {}
  for place, value in ipairs(given) do
    local label = type(value) == "function" and "f" .. place or text(value)
    values[place] = { value = value, label = label }
  end
  for _, name in ipairs(names) do values[#values + 1] = { value = given[name], label = name, name = name } end
  if #values == 0 then fail(("%s: option '%s' expected at least one value, got an empty table"):format(WHO, key)) end
  return values
end

--- What a verb of the net answers without an argument; nil where it has no answer.
local function ask(net, verb)
  local known, answer = pcall(net[verb], net)
  return known and answer or nil
end

local function hasNoNorm(net) return #net:find("BatchNorm") + #net:find("LayerNorm") + #net:find("RMSNorm") == 0 end

--- Whether a value is what the net has already.
local PRESENT = {
  depth = function(net, value) return value == net.depth end,
  width = function(net, value) return value == net.width end,
  activation = function(net, value) return value == ask(net, "activation") end,
  batchnorm = function(net, value) return (value or "off") == ask(net, "batchnorm") end,
  normalize = function(net, value) return (value or "none") == "none" and hasNoNorm(net) end,
  upstream = function(_, value) return value == "normal" end,
}

local function isPresent(net, key, value)
  if key ~= "batchnorm" and key ~= "normalize" and value == false then return true end
  return PRESENT[key] ~= nil and PRESENT[key](net, value)
end

--- The keys that are varied, with their values.
local function axesOf(net, options)
  local axes = {}
  for _, key in ipairs(KEYS) do
    local given = options[key]
    -- one upstream alone is how the probe begins, for the base as well
    if given ~= nil and (key ~= "upstream" or type(given) == "table") then
      local values = valuesOf(key, given)
      for _, value in ipairs(values) do value.isPresent = isPresent(net, key, value.value) end
      axes[#axes + 1] = { key = key, values = values }
    end
  end
  return axes
end

--- Every combination of the axes' values, the last axis changing fastest.
local function combinationsOf(axes)
  local count = 1.0
  for _, axis in ipairs(axes) do count = count * #axis.values end
  if count > MOST then
    fail(("%s: expected at most %d combinations, got %.0f; vary fewer things at once"):format(WHO, MOST, count))
  end
  local combinations = { {} }
  for _, axis in ipairs(axes) do
    local longer = {}
    for _, combination in ipairs(combinations) do
      for _, value in ipairs(axis.values) do
        local next = table.move(combination, 1, #combination, 1, {})
        next[#next + 1] = { key = axis.key, value = value }
        longer[#longer + 1] = next
      end
    end
    combinations = longer
  end
  return combinations
end

--- A combination as a row of the result.
local function rowOf(combination)
  local row = { settings = {}, labels = {}, isBase = true }
  local parts, varied = {}, {}
  for place, part in ipairs(combination) do
    local value = part.value
    row.settings[part.key] = value.name or value.value
    row.labels[part.key] = value.label
    varied[part.key] = value.value
    parts[place] = part.key .. "=" .. value.label
    row.isBase = row.isBase and value.isPresent
  end
  row.name = #parts > 0 and table.concat(parts, " ") or "as it is"
  return row, varied
end

-- MARK: Making a variant

--- The value of a verb and the options beside it.
local function splitOptions(value)
  if type(value) ~= "table" then return value, {} end
  local options = {}
  for name, option in pairs(value) do
    if name ~= 1 then options[name] = option end
  end
  return value[1], options
end

--- Does `net:insert` or `net:replace` with a layer made for this copy.
local function place(net, verb, value)
  if not value then return end
  if type(value) ~= "table" or type(value[2]) ~= "function" then
    fail(("%s: option '%s' expected {place, function() return a layer end}, got %s"):format(WHO, verb, text(value)))
  end
  net[verb](net, value[1], value[2]())
end

--- Changes a copy of a net, in the order in which one change depends on another.
local STEPS = {
  function(net, varied)
    if varied.activation == nil or varied.activation == false then return end
    local name, options = splitOptions(varied.activation)
    for option in pairs(options) do
      if option ~= "slope" then fail(("%s: unknown option '%s' of an activation, there is slope"):format(WHO, tostring(option))) end
    end
    net:activation(name, options.slope)
  end,
  function(net, varied)
    if varied.batchnorm == nil then return end
    local place, options = splitOptions(varied.batchnorm)
    net:batchnorm(place or "off", options)
  end,
  function(net, varied)
    if varied.normalize == nil then return end
    local name, options = splitOptions(varied.normalize)
    net:normalize(name or "none", options)
  end,
  function(net, varied)
    if varied.remove then net:remove(varied.remove) end
    place(net, "insert", varied.insert)
    place(net, "replace", varied.replace)
    if varied.freeze then net:freeze(varied.freeze) end
  end,
  function(net, varied, context)
    if not (varied.depth or varied.width or varied.init) then return end
    return net:rebuild{
      depth = varied.depth or nil, width = varied.width or nil, init = varied.init or nil, seed = context.seed,
    }
  end,
  function(net, varied, context)
    if not varied.lsuv then return end
    local _, options = splitOptions(varied.lsuv)
    options.seed = options.seed or context.seed
    net:lsuv(context.x, options)
  end,
  function(net, varied)
    if not varied.apply then return end
    if type(varied.apply) ~= "function" then
      fail(("%s: option 'apply' expected functions of the net, got %s"):format(WHO, text(varied.apply)))
    end
    local result = varied.apply(net)
    if result ~= nil and kind(result) ~= "network" then
      fail(("%s: expected the function to return nothing or a network, got %s"):format(WHO, kind(result)))
    end
    return result
  end,
}

--- The report of one variant; raises what any of its steps does.
local function measure(net, varied, context)
  local copy = net:clone()
  sonde.random_state(context.state)
  for _, step in ipairs(STEPS) do copy = step(copy, varied, context) or copy end
  local options = { generator = context.generator:clone(), upstream = varied.upstream or context.upstream }
  for _, name in ipairs(PROBE) do options[name] = context.options[name] end
  if options.bins == nil and context.count > 1000 then options.bins = 10 end
  return copy:probe(context.x, options), options.generator, copy
end

-- MARK: Running

--- Runs `body`; answers its error as a text that does not name the line of the call itself. An interrupt ends everything.
local function attempt(context, body, ...)
  local results = table.pack(pcall(body, ...))
  if results[1] then return table.unpack(results, 1, results.n) end
  local message = results[2]
  if type(message) == "string" and message:find("interrupted!$") then error(message, 0) end
  message = tostring(message)
  if context.where ~= "" and message:sub(1, #context.where) == context.where then message = message:sub(#context.where + 1) end
  return false, message
end

--- Where the call of ours stands in the user's program, as an error begins.
local function placeOfCall()
  local _, where = pcall(fail, "")
  return where
end

--- Measures the net as it is, and draws the seed of what variants draw; what the generator has given then is used up.
local function measureBase(net, context)
  local ok, report, generator, copy = attempt(context, measure, net, {}, context)
  local base = { settings = {}, labels = {}, isBase = true, name = "as it is" }
  if ok then
    base.report = report
    -- sizes that were open are known now, and weights drawn
    net = copy
  else
    base.error, generator = report, context.generator:clone()
  end
  context.seed = context.options.seed
    or sonde.randint(0, (1 << 53) - 1, { 1 }, { generator = generator, dtype = "int64" })[1]
  context.after = generator:state()
  return base, net
end

local function measureAll(net, context, combinations)
  local base, source = measureBase(net, context)
  local rows, hasBase = {}, false
  for _, combination in ipairs(combinations) do
    local row, varied = rowOf(combination)
    if row.isBase then
      row.report, row.error, hasBase = base.report, base.error, true
    else
      local ok, report = attempt(context, measure, source, varied, context)
      if ok then row.report = report else row.error = report end
    end
    rows[#rows + 1] = row
  end
  if not hasBase then table.insert(rows, 1, base) end
  return rows
end

--- A generator of the seed's whose numbers are not those that the session draws under the same seed, the input perhaps.
local function apart(seed, block)
  return sonde.generator(seed):set_state(("philox4x32-10 %016x %016x"):format(seed, block))
end

--- Where random numbers come from, as a generator of its own and a way to go on from a state: of a seed nothing goes on.
local function generatorOf(options)
  local given = options.generator
  if given then return given:clone(), function(state) given:set_state(state) end end
  if options.seed then return apart(options.seed, 1 << 60), function() end end
  return sonde.generator(0):set_state(sonde.random_state()), sonde.random_state
end

--- Raises the first error where no variant has a report.
local function requireReport(rows)
  for _, row in ipairs(rows) do
    if row.report then return end
  end
  fail(rows[1].error)
end

function whatif.whatif(net, x, options)
  options = options or {}
  if options.seed and options.seed < 0 then fail(("%s: expected a seed of 0 or more, got %d"):format(WHO, options.seed)) end
  local axes, keys = axesOf(net, options), {}
  for place, axis in ipairs(axes) do keys[place] = axis.key end
  local combinations = combinationsOf(axes)
  local generator, advance = generatorOf(options)
  local before = sonde.random_state()
  local context = {
    x = x, options = options, generator = generator, where = placeOfCall(),
    -- where functions of the user's draw from
    state = options.seed and apart(options.seed, 1 << 59):state() or before,
    count = #combinations, upstream = type(options.upstream) ~= "table" and options.upstream or nil,
  }
  local ok, rows = pcall(measureAll, net, context, combinations)
  -- what functions of the user's have drawn does not count
  sonde.random_state(before)
  if not ok then error(rows, 0) end
  requireReport(rows)
  advance(context.after)
  return use("variants").object(rows, keys, context.seed)
end

return whatif
