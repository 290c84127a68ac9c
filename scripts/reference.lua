-- Writes sonde.gen.lua and the pages of the reference into a folder. Run: sonde scripts/reference.lua FOLDER
local folder = ... or error("expected a folder to write to", 0)

-- MARK: What there is

local modules = { "sonde", "sonde.linalg", "nn", "optim", "optim.schedule", "data", "theory", "plot" }
local functions, methods, types, fields = {}, {}, {}, {}
for _, name in ipairs(sonde.reference()) do
  local entry = sonde.reference(name)
  local owner, short = name:match("^(.*)[.:]([^.:]+)$")
  entry.short = short
  local list = ({ ["a function"] = functions, ["a method"] = methods, ["a field"] = fields })[entry.kind]
  if list and owner then
    list[owner] = list[owner] or {}
    table.insert(list[owner], entry)
  elseif entry.kind == "a type of object" then
    -- of a type whose name a topic has too
    entry.name = name:gsub(" object$", "")
    types[#types + 1] = entry
  end
end

-- MARK: Types as the language server writes them

local function class(name) return "sonde." .. name:gsub("[ -]", "_") end

local plain = {
  ["a value"] = "any", ["a boolean"] = "boolean", ["an integer"] = "integer", ["a number"] = "number",
  ["a string"] = "string", ["a table"] = "table", ["a function"] = "function", ["a path"] = "string",
}
for _, type in ipairs(types) do
  for _, article in ipairs{ "a ", "an ", "" } do plain[article .. type.name] = class(type.name) end
end

-- "a number, a string or \"x\"" as number|string|"x"; what is no type of ours is a table.
local function annotation(text)
  local parts = {}
  for part in (text:gsub(" or ", ", ") .. ", "):gmatch("(.-), ") do
    parts[#parts + 1] = part:find('^"') and part or plain[part] or "table"
  end
  return table.concat(parts, "|")
end

-- What a function gives, where its description begins with a type.
local function returned(text)
  for _, length in ipairs{ 3, 2 } do
    local words = text:match(("^" .. ("%S+ "):rep(length)):sub(1, -2))
    words = words and words:gsub("[:;,]$", "")
    if words and plain[words] then return plain[words] end
  end
  if text == "nothing" then return nil end
  return text:find("^the %S+ itself") and "self" or "any"
end

-- MARK: sonde.gen.lua

local lines = { "---@meta", "-- Made by scripts/docs; what is changed here is lost." }
local function add(format, ...) lines[#lines + 1] = format:format(...) end

-- Text in a comment: one line, whatever it holds.
local function comment(text) return (text:gsub("%s+", " ")) end

local keywords = { ["end"] = true, ["repeat"] = true, ["in"] = true, ["and"] = true, ["or"] = true, ["not"] = true }

local function write(entry, owner, mark)
  local options = class(entry.name:gsub("[.:]", "_")) .. "_options"
  if #entry.options > 0 then
    add("\n---@class %s", options)
    for _, option in ipairs(entry.options) do
      add("---@field %s%s %s %s", option.name, option.default and "?" or "", annotation(option.type), comment(option.meaning))
    end
  end
  add("\n---%s", comment(entry.summary))
  local names = {}
  for place, parameter in ipairs(entry.parameters) do
    local name = entry.variadic and place == #entry.parameters and "..." or parameter.name
    if keywords[name] then name = name .. "_" end
    if name ~= "..." then names[#names + 1] = name end
    local mark = parameter.default and name ~= "..." and "?" or ""
    add("---@param %s%s %s %s", name, mark, annotation(parameter.type), comment(parameter.meaning))
    if name == "..." then names[#names + 1] = name end
  end
  if #entry.options > 0 and not entry.variadic then
    add("---@param options? %s", options)
    names[#names + 1] = "options"
  end
  local result = returned(entry.returns)
  if result then add("---@return %s # %s", result, comment(entry.returns)) end
  local list = table.concat(names, ", ")
  if keywords[entry.short] then
    add('%s["%s"] = function(%s) end', owner, entry.short, mark == ":" and ("self" .. (list == "" and "" or ", ") .. list) or list)
  else
    add("function %s%s%s(%s) end", owner, mark, entry.short, list)
  end
end

for _, type in ipairs(types) do
  local name = class(type.name):gsub("%.", "_")
  add("\n---%s\n---@class %s", comment(type.summary), class(type.name))
  for _, field in ipairs(fields[type.name] or {}) do add("---@field %s any %s", field.short, comment(field.summary)) end
  add("local %s = {}", name)
  for _, entry in ipairs(methods[type.name] or {}) do write(entry, name, ":") end
end
add("\nsonde = {}")
for _, name in ipairs(modules) do
  if name ~= "sonde" then add("%s = {}", name) end
  for _, entry in ipairs(functions[name] or {}) do write(entry, name, ".") end
end
for _, name in ipairs{ "nn", "optim", "data", "theory", "plot" } do add("sonde.%s = %s", name, name) end
add("return sonde")

local function save(name, text)
  local path = folder .. "/" .. name
  local file = assert(io.open(path, "w"))
  assert(file:write(text))
  assert(file:close())
  return path
end

-- MARK: The pages

-- Text in Markdown: what it would take for its own is written out.
local function escaped(text) return (text:gsub("[|<>*\\]", "\\%0")) end

local function table_of(list, title, out)
  if #list == 0 then return end
  out[#out + 1] = ("| %s | | |\n|---|---|---|"):format(title)
  for _, parameter in ipairs(list) do
    local default = parameter.default and parameter.default ~= "nil" and (" (default: %s)"):format(escaped(parameter.default)) or ""
    out[#out + 1] = ("| `%s` | %s | %s%s |"):format(parameter.name, escaped(parameter.type), escaped(parameter.meaning), default)
  end
  out[#out + 1] = ""
end

local function page(title, summary, entries, extra)
  local out = { "# " .. title, "", escaped(summary), "" }
  for _, field in ipairs(extra or {}) do out[#out + 1] = ("- `%s`: %s"):format(field.short, escaped(field.summary)) end
  for _, entry in ipairs(entries) do
    out[#out + 1] = ("\n## `%s`\n\n%s\n"):format(entry.signature, escaped(entry.summary))
    table_of(entry.parameters, "parameter", out)
    table_of(entry.options, "option", out)
    out[#out + 1] = ("Returns %s.\n"):format(escaped(entry.returns))
    if entry.errors ~= "" then out[#out + 1] = ("Errors: %s.\n"):format(escaped(entry.errors)) end
    out[#out + 1] = ("```lua\n%s\n```\n"):format(entry.example)
    if #entry.see > 0 then out[#out + 1] = ("See also %s."):format(escaped(table.concat(entry.see, ", "))) end
  end
  return table.concat(out, "\n") .. "\n"
end

local made = { save("sonde.gen.lua", table.concat(lines, "\n") .. "\n") }
for _, name in ipairs(modules) do
  made[#made + 1] = save(name .. ".md", page(name, sonde.reference(name).summary, functions[name] or {}))
end
for _, type in ipairs(types) do
  made[#made + 1] =
    save(type.name:gsub(" ", "-") .. "-object.md", page(type.name, type.summary, methods[type.name] or {}, fields[type.name]))
end
print(("%d files in %s"):format(#made, folder))
