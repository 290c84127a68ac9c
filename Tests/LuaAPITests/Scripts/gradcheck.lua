-- Every backward against central differences, in float64: the rules of linear algebra, products, views, functions and order.
sonde.default_dtype("float64")
sonde.seed(3)
local linalg, randn, rand = sonde.linalg, sonde.randn, sonde.rand

local function check(name, f, ...)
  local ok, message = pcall(sonde.gradcheck, f, ...)
  assert(ok, name .. ": " .. tostring(message))
end

-- A tensor of numbers that differ by at least 0.3, so that no difference quotient crosses a tie, in random order.
local function apart(...)
  local t = sonde.zeros(...)
  return ((sonde.randperm(t:numel()) - t:numel() / 2) * 0.3 + 0.05):reshape(t.shape)
end


local A=randn(4,4) local S=A:mm(A:t())+sonde.eye(4)*2
local function sym(a) return (a+a:transpose(-1,-2))*0.5 end
for _,sh in ipairs{{4,4},{5,3},{3,5},{2,4,3}} do local X=randn(table.unpack(sh))
 check('svd s '..table.concat(sh,'x'), function(x) local u,s,v=linalg.svd(x) return s end, X)
 check('svd all', function(x) local u,s,v=linalg.svd(x) return (u:abs()):matmul(v:abs())+s:sum() end, X)
 check('qr', function(x) local q,r=linalg.qr(x) return q:sum()*2+ (r*r):sum()+r:sum(), q end, X)
 check('pinv', function(x) return linalg.pinv(x) end, X)
 check('norm nuc', function(x) return linalg.norm(x,'nuc') end, X)
 check('norm 2', function(x) return linalg.norm(x,2) end, X)
 check('norm 1', function(x) return linalg.norm(x,1) end, X)
 check('norm inf', function(x) return linalg.norm(x,'inf') end, X)
 check('norm fro', function(x) return linalg.norm(x,'fro') end, X)
 check('norm 3', function(x) return linalg.norm(x,3,{dim=-1}) end, X)
 check('tril', function(x) return x:tril(-1)+x:triu(1) end, X)
 check('lstsq', function(x,b) return (linalg.lstsq(x,b)) end, X, randn(table.unpack(sh)))
end
check('lstsq v', function(x,b) return (linalg.lstsq(x,b)) end, randn(5,3), randn(5))
check('eigh', function(x) local w,v=linalg.eigh(sym(x)) return w:exp():sum()+v:abs():sum(), v:abs() end, S)
check('eigvalsh', function(x) return linalg.eigvalsh(sym(x)) end, S)
check('chol', function(x) return linalg.cholesky(sym(x)) end, S)
check('cholU', function(x) return linalg.cholesky(sym(x),{upper=true}) end, S)
check('solve', linalg.solve, S, randn(4,2))
check('solvev', linalg.solve, S, randn(4))
check('solveb', linalg.solve, randn(3,4,4), randn(4,2))
check('solvebv', linalg.solve, randn(3,4,4), randn(3,4))
check('inv', linalg.inv, S) check('det', linalg.det, A) check('slogdet', function(x) local s,l=linalg.slogdet(x) return l end, A)
check('det sing', linalg.det, sonde.tensor{{1,2,3},{2,4,6},{1,0,1}})
check('det sing2', linalg.det, sonde.tensor{{1,2,3},{2,4,6},{3,6,9}})
check('tri', linalg.solve_triangular, A, randn(4,3))
check('triu', function(a,b) return linalg.solve_triangular(a,b,{upper=true}) end, A, randn(4,3))
check('tri unit', function(a,b) return linalg.solve_triangular(a,b,{unitriangular=true}) end, A, randn(4))
check('tri right', function(a,b) return linalg.solve_triangular(a,b,{left=false,upper=true}) end, A, randn(3,4))
check('chsolve', function(b,l) return linalg.cholesky_solve(b,l) end, randn(4,2), linalg.cholesky(S))
check('power', function(a) return linalg.matrix_power(a,3) end, A) check('power-2', function(a) return linalg.matrix_power(a,-2) end, S)
check('cond', function(a) return linalg.cond(a) end, S) check('cond1', function(a) return linalg.cond(a,1) end, S)
check('diag', function(a) return a:diag() end, randn(3)) check('diagm', function(a) return a:diag(1) end, A) check('diagonal', function(a) return a:diagonal(-1)*2 end, A) check('trace', function(a) return a:trace() end, A)
check('outer', function(a,b) return a:outer(b) end, randn(3), randn(2))
check('dot', function(a,b) return a:dot(b) end, randn(3), randn(3)) 
check('bmm', function(a,b) return a:bmm(b) end, randn(2,3,4), randn(2,4,3)) 
for _,op in ipairs{'add','sub','mul','div','maximum','minimum','mod'} do check(op, function(a,b) return a[op](a,b) end, randn(3,1,2), randn(4,2)+3) end
check('pow', function(a,b) return a:pow(b) end, rand(3,1)+0.5, randn(2))
check('pow s', function(a) return a^3 + 2^a end, randn(3))
check('rdiv', function(a) return 1/a - a//1 end, rand(3)+1.2)
for _,op in ipairs{'neg','abs','square','relu','exp','tanh','sigmoid','gelu','silu','erf','sin','cos','reciprocal','floor'} do check(op, function(a) return a[op](a) end, randn(3,2)+0.1) end
for _,op in ipairs{'log','sqrt'} do check(op, function(a) return a[op](a) end, rand(3,2)+0.5) end
for _,op in ipairs{'sum','mean','var','std','norm','prod','min','max'} do check(op, function(a) return a[op](a) end, randn(3,2)) 
 check(op..' dim', function(a) return (a[op](a,{dim=-1,keepdim=true})) end, randn(3,2)) end
check('prod0', function(a) return a:prod() end, sonde.tensor{0,2,3}) check('prod00', function(a) return a:prod{dim=1} end, sonde.tensor{{0,2,3},{0,1,2}})
check('softmax', function(a) return a:softmax(1)+a:log_softmax(2) end, randn(3,2)) check('cumsum', function(a) return a:cumsum(1) end, randn(3,2))
for _,sh in ipairs{{{3},{3}},{{3},{3,2}},{{2,3},{3}},{{2,3},{3,4}},{{5,2,3},{3,4}},{{2,3},{5,3,4}},{{5,1,2,3},{4,3,2}},{{3},{4,3,2}},{{4,2,3},{3}}} do check('matmul', function(a,b) return a:matmul(b) end, randn(table.unpack(sh[1])), randn(table.unpack(sh[2]))) end
check('views', function(a) return a:t():reshape(6):view(2,3):permute(2,1)[{{},1}]:unsqueeze(1):expand(2,3)*a[{{1,2}}]:squeeze():sum() end, randn(2,3))
check('cat', function(a,b) return sonde.cat({a,b,a},2)*2 end, randn(2,3), randn(2,1)) check('stack', function(a,b) return sonde.stack({a,b,a},2)*2 end, randn(2,3), randn(2,3))
check('where', function(a,b) return sonde.where(a:gt(0),a,b*2)+a:clamp(-0.5,0.5) end, randn(2,3), randn(3))
-- second order
for n,f in pairs{exp=function(x) return x:exp():sum() end, tanh=function(x) return (x:tanh()^2):sum() end, mm=function(x) return x:mm(x:t()):tanh():sum() end,gelu=function(x) return x:gelu():sum()+x:silu():sum() end, svd=function(x) local u,s,v=linalg.svd(x) return (s^3):sum()+u:abs():sum() end, inv=function(x) return linalg.inv(x:t():mm(x)):sum() end, std=function(x) return x:std{dim=1}:sum()+x:norm() end, soft=function(x) return (x:softmax(1)^2):sum() end} do
 local g=sonde.grad(f,{create_graph=true}) check('second '..n, function(x) return (g(x)) end, randn(3,2)) end

-- Elements by index.
local i23 = sonde.tensor({ { 3, 1, 1 }, { 2, 2, 3 } }, { dtype = "int64" })
local m = apart(3, 3)
check("gather", function(x) return x:gather(2, i23) * 2 end, m)
check("gather 1", function(x) return x:gather(1, i23) ^ 2 end, m)
check("take", function(x) return x:take{ 3, 3, -1 } ^ 2 end, m)
check("take_along_dim", function(x) return x:take_along_dim(x:argsort(1), 1) ^ 2 end, m)
check("index_select", function(x) return x:index_select(2, { 3, 1, 3 }) ^ 2 end, m)
for _, name in ipairs{ "scatter", "scatter_add" } do
  local at = name == "scatter" and sonde.tensor({ { 3, 1 }, { 2, 3 } }, { dtype = "int64" }) or i23
  check(name, function(x, s) return x[name](x, 2, at, s) ^ 2 end, m, randn(2, 3))
  check(name .. "_", function(x, s) local y = x * 1; y[name .. "_"](y, 2, at, s) return y ^ 2 end, m, randn(3, 3))
end
check("index_add", function(x, s) return x:index_add(1, { 1, 1, 3 }, s) ^ 2 end, m, randn(3, 3))
check("index_copy", function(x, s) return x:index_copy(2, { 3, 1 }, s) ^ 2 end, m, randn(3, 2))
check("index_fill", function(x) return x:index_fill(2, { 3, 1 }, 5) ^ 2 end, m)
check("put", function(x, s) return x:put({ 1, 9 }, s) ^ 2 end, m, randn(2))
check("put accumulate", function(x, s) return x:put({ 1, 1 }, s, { accumulate = true }) ^ 2 end, m, randn(2))
local mask = sonde.tensor{ { true, false, true }, { false, true, false }, { true, true, false } }
check("masked_select", function(x) return x:masked_select(mask) ^ 2 end, m)
check("masked_fill", function(x, v) return x:masked_fill(mask, v:sum()) ^ 2 end, m, randn(1))
check("masked_scatter", function(x, s) return x:masked_scatter(mask, s) ^ 2 end, m, randn(7))
check("t[mask]", function(x) return x[mask] ^ 2 end, m)
check("t[{mask row, ...}]", function(x) return x[{ { 1, 2 }, sonde.tensor{ 3, 1 } }] ^ 2 end, m)
check("t[index]", function(x) return x[sonde.tensor{ 3, 1, 3 }] ^ 2 end, m)
check("t[i]", function(x) return x[2] * x[{ 1, 3 }] + x[{ {}, 2 }] + x[{ { 1, 3, 2 }, -1 }]:sum() end, m)
local assignments = {
  row = function(y, v) y[2] = v end, element = function(y, v) y[{ 1, 3 }] = v:sum() end,
  nested = function(y, v) y[1][2] = v[1] * 2 end, column = function(y, v) y[{ {}, 2 }] = v end,
  masked = function(y, v) y[mask] = v:sum() end, picked = function(y, v) y[sonde.tensor{ 3, 1 }] = v end,
  number = function(y, v) y[1] = 3; y[2] = v end, diagonal = function(y, v) y:diagonal():copy_(v) end,
  view = function(y, v) y:t()[1]:mul_(v) end, whole = function(y, v) y:add_(v):mul_(2):sub_(v) end,
  functions = function(y, v) y:tanh_():exp_(); y[1]:sin_() end, clamped = function(y, v) y:clamp_(-0.45, 0.45) end,
  alias = function(y, v) local row = y[2]; y:mul_(v); row:add_(v); y[2][1] = row[2] end,
}
for name, assign in pairs(assignments) do
  check("assignment of a " .. name, function(x, v) local y = x * 1; local before = y[2]; assign(y, v) return y ^ 2 + before end, m, randn(3) + 3)
  check("assignment to data, " .. name, function(x, v) local y = m:clone(); assign(y, v * x:sum()) return y ^ 2 end, m, randn(3) + 3)
end

-- Order.
check("sort", function(x) return x:sort(1) * sonde.arange(3) + (x:sort{ dim = 2, descending = true }) end, m)
check("topk", function(x) return (x:topk(2, 1)) ^ 2 + (x:topk(2, { largest = false })):sum() end, m)
check("median", function(x) return x:median() + (x:median(1)) ^ 2 end, apart(4, 3))
check("median of several", function(x) return x:median{ dim = { 1, 3 } } ^ 2 end, apart(2, 3, 2))
check("quantile", function(x) return x:quantile({ 0, 0.3, 0.85, 1 }, 1) ^ 2 end, apart(4, 3))
check("quantile of all", function(x) return x:quantile(0.4, { keepdim = true }) ^ 2 + x:quantile({ 0.1, 0.9 }, { dim = { 1, 2 } }):sum() end, apart(4, 3))
check("max", function(x) return (x:max(1)) ^ 2 + (x:min{ dim = 2, keepdim = true }) + x:max() + x:amin{ dim = { 1, 2 } } end, m)
check("cumprod", function(x) return x:cumprod(1) + x:cumprod(2) end, randn(3, 4))
check("cumprod beside zeros", function(x) return x:cumprod(1) end, sonde.tensor{ { 2, 0 }, { 0, 3 }, { 4, 0 }, { 5, 7 } })
check("cumsum_", function(x) local y = x * 1; y:cumsum_(1):cumprod_(2) return y end, randn(3, 4))

-- Rearranging.
check("flip", function(x) return x:flip(2) * x:flip(1, 2) end, m)
check("roll", function(x) return x:roll(1) * x:roll({ 1, -2 }, { 1, 2 }) end, m)
check("diff", function(x) return x:diff(2, 1):sum() * x:diff() end, m)
check("chunk, split, unbind", function(x)
  return x:chunk(2)[1][1] * x:split({ 1, 2 }, 2)[2][1]:sum() + x:unbind(2)[3] * x:split(2)[2][1]
end, m)
check("tile", function(x) return x:tile(2, 1, 2) ^ 2 end, m)
check("repeat_interleave", function(x) return x:repeat_interleave(2) * 2 + x:repeat_interleave({ 0, 2, 4 }, 1):sum() end, m)
check("meshgrid", function(a, b) local x, y = sonde.meshgrid(a, b) return x * y ^ 2 end, randn(3), randn(2))
check("unflatten", function(x) return x:flatten():unflatten(1, { 3, -1 }):movedim(1, 2):swapaxes(1, 2) * x end, m)

-- Statistics.
check("logsumexp", function(x) return x:logsumexp() * x:logsumexp(1) + x:logsumexp{ dim = { 1, 2 }, keepdim = true } end, m)
check("cov", function(x) return x:cov() + x:cov{ rowvar = false, unbiased = false } + x[1]:cov() end, randn(3, 3))
check("corrcoef", function(x) return x:corrcoef() end, randn(3, 5))
check("nansum", function(x) return x:nansum(1) * x:nanmean(1) end, m)
check("lerp", function(a, b, w) return a:lerp(b, w) end, m, randn(3), rand(3, 1))
check("leaky_relu", function(x) return x:leaky_relu(0.2) end, m)
check("nan_to_num", function(x) return x:nan_to_num() ^ 2 end, m)

-- Gradients of gradients by index and order.
local second = {
  gather = function(x) return (x:gather(2, i23) ^ 3):sum() end, sort = function(x) return (x:sort() ^ 3 * sonde.arange(3)):sum() end,
  scatter = function(x) return (x:scatter_add(1, i23, x ^ 2) ^ 2):sum() end, masked = function(x) return (x[mask] ^ 3):sum() end,
  view = function(x) local y = x * x; y[1] = x[2] ^ 2 * y[3]:clone(); return (y ^ 2):sum() end,
  quantile = function(x) return (x:quantile({ 0.3, 0.7 }, 1) ^ 3):sum() end, logsumexp = function(x) return x:logsumexp() end,
}
for name, f in pairs(second) do
  local g = sonde.grad(f, { create_graph = true })
  check("second " .. name, function(x) return (g(x)) end, m)
end
print("ok")
