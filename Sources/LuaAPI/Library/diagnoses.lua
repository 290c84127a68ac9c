-- What report:diagnose answers: a sequence of tables that reads as sentences.
local diagnoses = {}

local Diagnoses = {}

local function words(diagnosis) return "- " .. tostring(type(diagnosis) == "table" and diagnosis.text or diagnosis) end

function Diagnoses.__tostring(list)
  local lines = {}
  for place = 1, #list do lines[place] = paragraphs(words(list[place])) end
  return #lines == 0 and Diagnoses.nothing or table.concat(lines, "\n")
end

--- Makes a sequence read as its sentences, or as `nothing` where it is empty.
function diagnoses.readable(list, nothing)
  Diagnoses.nothing = nothing
  return setmetatable(list, Diagnoses)
end

return diagnoses
