-- The figure of a report in files and in the terminal, and the page, as a user gets them.
local directory = os.tmpname()
os.remove(directory)
assert(os.execute("mkdir " .. directory))
local function path(name) return directory .. "/" .. name end
local function read(name)
  local file <close> = assert(io.open(path(name), "rb"))
  return file:read("a")
end
local function left()
  local list <close> = io.popen("ls -A " .. directory)
  return (list:read("a"):gsub("%s+$", ""):gsub("\n", " "))
end
local function fails(text, f, ...)
  local ok, message = pcall(f, ...)
  assert(not ok, "no error, expected: " .. text)
  assert(message:find(text, 1, true), "expected: " .. text .. "\ngot: " .. message)
end
local function unescaped(text)
  return (text:gsub("&lt;", "<"):gsub("&gt;", ">"):gsub("&quot;", '"'):gsub("&#39;", "'"):gsub("&amp;", "&"))
end
-- The texts an svg shows, as a set of how often.
local function texts(svg)
  local found = {}
  for text in svg:gmatch("<text[^>]*>(.-)</text>") do
    text = unescaped((text:gsub("<[^>]*>", "")))
    found[text] = (found[text] or 0) + 1
  end
  return found
end

sonde.seed(3)
local x = sonde.randn(64, 16)
local vanishing = nn.mlp{inputs=16, width=16, depth=6, outputs=4, init="normal(0.01)"}:probe(x)

-- A file of each kind; the drawing says every layer, both curves and what the panels are.
vanishing:plot(path("a.svg"))
vanishing:plot(path("a.png"), {width=800, height=450})
vanishing:plot{path=path("a.PDF")}
local png = read("a.png")
assert(png:sub(1, 8) == "\137PNG\r\n\26\n" and (">I4I4"):unpack(png, 17) == 800 and (">I4"):unpack(png, 21) == 450)
assert(read("a.PDF"):sub(1, 5) == "%PDF-")
local shown = texts(read("a.svg"))
for layer = 1, 6 do assert(shown[tostring(layer)], layer) end
for _, text in ipairs{
  "head", "activations: log₁₀|h|, exact zeros left out", "log₁₀ |activation|", "std of activations h",
  "std of gradients dL/dh", "std of weight gradients dL/dW", "zeros", "cosine",
} do assert(shown[text], text) end
assert(shown.theory == 3 and shown.measured == 3 and shown.layer == 5)
assert(shown["6 blocks of 16 units, head of 4 units on a batch of 64 × 16, float32"] == 1)
assert(left() == "a.PDF a.png a.svg", left())

-- The terminal shows the same figure, as text where that is asked for.
local text = vanishing:plot{text=true, width=70}
assert(text:find("log₁₀|h|", 1, true) and text:find("std of gradients dL/dh", 1, true) and text:find("head ┤", 1, true))

-- The axis of the ridges follows the data.
local healthy = nn.mlp{inputs=16, width=16, depth=6}:probe(x)
healthy:plot(path("b.svg"))
assert(texts(read("b.svg"))["activations: h, exact zeros left out"])
nn.mlp{inputs=16, width=16, depth=3, activation="tanh"}:probe(x):plot(path("b.svg"))
assert(texts(read("b.svg"))["activations: h"])

-- Nets that have little to show: what is missing is told.
local bad = sonde.randn(64, 16)
bad[1][1] = 0 / 0
nn.mlp{inputs=16, width=16, depth=2}:probe(bad):plot(path("b.svg"))
shown = texts(read("b.svg"))
assert(shown["16 NaN"] == 2 and shown["no numbers above 0 to draw"])
nn.mlp{inputs=16, width=16, depth=2, init="zeros"}:probe(x):plot(path("b.svg"))
shown = texts(read("b.svg"))
assert(shown["all zero"] == 2 and shown["std of activations h (0 in 2 layers from 1 on)"])
-- of layers that are all NaN no fraction is drawn: three dots of the std, three of the zeros, in one colour
local half = nn.mlp{inputs=16, width=16, depth=6}
half.parameters["3.linear.weight"]:fill_(0 / 0)
half:probe(x):plot(path("b.svg"))
assert(select(2, read("b.svg"):gsub("<use [^>]*color='rgb%(  0, 114, 178%)'", "")) == 6)
bad[1][1] = math.huge
nn.mlp{inputs=16, width=16, depth=2, init="constant(1)"}:probe(bad):plot(path("b.svg"))
assert(texts(read("b.svg"))["16 inf"], "inf")
nn.mlp{inputs=16, width=16, depth=1}:probe(x):plot(path("b.svg"))
assert(texts(read("b.svg"))["1 block of 16 units on a batch of 64 × 16, float32"])
nn.mlp{inputs=4, width=4, depth=200}:probe(sonde.randn(9, 4)):plot(path("b.svg"))
shown = texts(read("b.svg"))
assert(shown["200"] and shown["100"] and not shown["199"])
nn.Sequential{nn.Linear(16, 8), nn.BatchNorm(8), nn.ReLU(), nn.Linear(8, 3)}:probe(x):plot(path("b.svg"))
shown = texts(read("b.svg"))
assert(shown["BatchNorm 2"] and shown["2 Linear, 1 BatchNorm of 8 units, 1 ReLU of 8 units on a batch of 64 × 16, float32"])

-- What can't be written is told, and nothing is left behind.
fails("report:plot: expected a path that ends in .svg, .png or .pdf, got the ending '.jpg'", vanishing.plot, vanishing,
  path("c.jpg"))
fails("report:plot: expected a path that ends in .svg, .png or .pdf, got one without an ending", vanishing.plot,
  vanishing, path("c"))
fails("report:plot: '" .. path("none/c.svg") .. "': cannot create it: No such file or directory", vanishing.plot,
  vanishing, path("none/c.svg"))
fails("expected a path without zero bytes", vanishing.plot, vanishing, path("c\0.svg"))
assert(os.execute("mkdir " .. path("d.svg")))
fails("expected a file, got a directory", vanishing.plot, vanishing, path("d.svg"))
assert(os.execute("rmdir " .. path("d.svg")))
fails("expected a width and a height from 100 to 10000 pixels, got 3 and 900", vanishing.plot, vanishing, path("c.svg"),
  {width=3})
fails("report:plot: unknown option 'widht', did you mean 'width'?", vanishing.plot, vanishing, path("c.svg"), {widht=3})
fails("report:report: expected a name that ends in .html, got '" .. path("c.pdf"):sub(1, 37), vanishing.report,
  vanishing, path("c.pdf"))
fails("report:report: '" .. path("none/c.html") .. "': cannot create it", vanishing.report, vanishing, path("none/c.html"))
assert(left() == "a.PDF a.png a.svg b.svg", left())

-- The page: every tag is closed by its own, nothing is fetched, and no text is markup.
local function check(page)
  assert(page:sub(1, 15) == "<!DOCTYPE html>" and not page:find("http", 1, true) and not page:find("<link", 1, true))
  assert(not page:find("src=", 1, true) and not page:find("url(", 1, true) and not page:find("@import", 1, true))
  local script = page:match("<script>(.-)</script>")
  assert(script and not script:find("[<&]"))
  local open, ids = {}, {}
  for tag in page:sub(16):gmatch("<[^>]*>") do
    local closing, name, rest = tag:match("^<(/?)([%w]+)(.-)>$")
    assert(name, "no tag: " .. tag)
    assert(rest:gsub("%s+[%w:%-]+%s*=%s*\"[^\"<]*\"", ""):gsub("%s+[%w:%-]+%s*=%s*'[^'<]*'", ""):match("^%s*/?$"), tag)
    local id = rest:match("%sid=[\"'](.-)[\"']")
    assert(not id or id:match("^gp") or not ids[id], "twice: " .. tag)
    if id then ids[id] = true end
    if closing == "/" then
      assert(table.remove(open) == name, "closes nothing: " .. tag)
    elseif not rest:match("/%s*$") then
      open[#open + 1] = name
    end
  end
  assert(#open == 0, "left open: " .. table.concat(open, " "))
  assert(not page:gsub("<[^>]*>", ""):gsub("&%a+;", ""):gsub("&#%d+;", ""):gsub("<script>.-</script>", ""):match("<"))
end
local function cells(page)
  local rows = {}
  for row in page:match("<tbody>(.-)</tbody>"):gmatch("<tr>(.-)</tr>") do
    local cells = {}
    for attributes, cell in row:gmatch("<td(.-)>(.-)</td>") do
      cells[#cells + 1] = attributes:match('data%-value="(.-)"') or cell
    end
    rows[#rows + 1] = cells
  end
  return rows
end
local function names(page)
  local names = {}
  for name in page:match("<thead>(.-)</thead>"):gmatch("<button[^>]*>(.-)</button>") do names[#names + 1] = unescaped(name) end
  return names
end

assert(vanishing:report(path("page.html")) == vanishing)
local page = read("page.html")
check(page)
assert(texts(page)["std of activations h"] == 1, "the figure is in the page")
local rows, heads = cells(page), names(page)
assert(#rows == #vanishing and #rows[1] == #heads)
local quantities = {
  ["std z"] = "preactivation.std", ["mean h"] = "activation.mean", ["std h"] = "activation.std",
  zeros = "activation.zeros", dead = "activation.dead", saturated = "activation.saturated", cosine = "activation.cosine",
  ["std dL/dh"] = "gradient.std", ["std W"] = "weight.std", ["std dL/dW"] = "weight_gradient.std",
  NaN = "activation.nan", inf = "activation.inf", subnormal = "activation.underflow",
}
local seen = 0
for column, head in ipairs(heads) do
  local quantity = quantities[head]
  if quantity then
    seen = seen + 1
    for layer, value in ipairs(vanishing:column(quantity)) do
      assert(tonumber(rows[layer][column]) == value, head .. " of layer " .. layer)
    end
  end
end
assert(seen == 13)
assert(rows[3][2] == "Block" and rows[7][2] == "head" and rows[7][3] == "[64, 4]")
assert(page:find("<dt>seed</dt><dd>3</dd>", 1, true) and page:find(sonde.version, 1, true))
assert(page:find("sigma*sqrt(n/2)", 1, true), "the law")
local diagnoses = vanishing:diagnose()
assert(#diagnoses > 0)
for _, diagnosis in ipairs(diagnoses) do
  assert(unescaped(page):find("<li>" .. diagnosis.text .. "</li>", 1, true), diagnosis.text)
end

-- Titles are text, whatever they hold.
local title = "<script>alert('&')</script> \"q\" `id` ]]> \1"
healthy:report(path("page.html"), {title=title})
page = read("page.html")
check(page)
assert(unescaped(page:match("<h1>(.-)</h1>")) == title:gsub("\1", "\u{fffd}"))
nn.mlp{inputs=16, width=16, depth=2}:probe(bad):report(path("page.html"))
page = read("page.html")
check(page)
assert(page:find('data-value="nan">nan</td>', 1, true) and page:find("<li>", 1, true))

-- A report that was read back has the same page.
vanishing:save(path("r.json"))
vanishing:report(path("p.html"))
sonde.load_report(path("r.json")):report(path("q.html"))
assert(names(read("p.html"))[5] == "std z" and #cells(read("q.html")) == 7)

assert(left() == "a.PDF a.png a.svg b.svg p.html page.html q.html r.json", left())
assert(os.execute("rm -r " .. directory))
print("ok")
