-- Linear algebra as a user types it: results, several values, edges, and every error as a whole text.
local linalg = sonde.linalg

local function fails(f, text)
  local ok, message = pcall(f)
  assert(not ok, "did not fail: " .. text)
  local position, rest = tostring(message):match("^([^:]+:%d+): (.*)$")
  assert(rest == text, "\n   got: " .. tostring(message) .. "\nwanted: " .. text)
  assert(position:find("linalg.lua", 1, true), "blames " .. position)
end

local function close(a, b, tolerance)
  assert(#a.shape == #b.shape)
  return (a - b):abs():max():item() <= (tolerance or 1e-5)
end

local f64 = { dtype = "float64" }
local a = sonde.tensor({ { 4, 1, 0 }, { 1, 3, 1 }, { 0, 1, 2 } }, f64)
local tall = sonde.tensor{ { 1, 2 }, { 3, 4 }, { 5, 6 } }

-- Decompositions answer several values.
local u, s, vh = linalg.svd(tall)
assert(u.shape[1] == 3 and u.shape[2] == 2 and #s == 2 and #vh == 2 and close((u * s):mm(vh), tall))
assert(linalg.svd(tall, { full_matrices = true }).shape[2] == 3 and close(linalg.svdvals(tall), s))
local q, r = linalg.qr(tall)
assert(close(q:mm(r), tall) and close(q:t():mm(q), sonde.eye(2)) and r[2][1] == 0)
local whole = linalg.qr(tall, { mode = "complete" })
assert(whole.shape[2] == 3 and close(whole:t():mm(whole), sonde.eye(3)))
local w, v = linalg.eigh(a)
assert(w[1] < w[2] and w[2] < w[3] and close((v * w):mm(v:t()), a, 1e-12) and close(linalg.eigvalsh(a), w, 1e-12))
local l = linalg.cholesky(a)
assert(close(l:mm(l:t()), a, 1e-12) and l[1][3] == 0 and linalg.cholesky(a, { upper = true })[1][2] == l[2][1])
assert(linalg.cholesky(sonde.tensor({ { 4, 2 }, { 2, 5 } }, { dtype = "int64" })).dtype == "float32")

-- Equations: vectors, several columns, batches.
local b = sonde.tensor({ 1, 2, 3 }, f64)
local x = linalg.solve(a, b)
assert(x:dim() == 1 and close(a:matmul(x), b, 1e-12) and close(linalg.inv(a):matmul(b), x, 1e-12))
assert(close(linalg.cholesky_solve(b, l), x, 1e-12))
assert(close(linalg.solve_triangular(l, l:matmul(b)), b, 1e-12))
assert(close(linalg.solve_triangular(l:t(), b:unsqueeze(1):mm(l:t()), { upper = true, left = false })[1], b, 1e-12))
local stack = sonde.stack{ a, a * 2 }
assert(linalg.solve(stack, sonde.ones(3, 2, f64)).shape[1] == 2)
local solution, residuals, rank, values = linalg.lstsq(tall, sonde.tensor{ 1, 2, 4 })
assert(#solution == 2 and #residuals == 1 and rank:item() == 2 and #values == 2)
assert(math.abs(residuals[1] - 1 / 6) < 1e-5)
assert(linalg.lstsq(tall:t(), sonde.ones(2)).shape[1] == 3 and close(linalg.pinv(tall):mm(tall), sonde.eye(2), 1e-4))

-- Numbers are tensors of 0 dimensions, or one a matrix of a batch.
assert(math.abs(linalg.det(a):item() - 18) < 1e-12 and linalg.det(a):dim() == 0 and linalg.det(stack)[2] > 143.9)
local sign, log = linalg.slogdet(-a)
assert(sign:item() == -1 and math.abs(log:item() - math.log(18)) < 1e-12)
assert(linalg.det(sonde.zeros(0, 0)):item() == 1 and linalg.det(sonde.zeros(2, 2)):item() == 0)
assert(linalg.matrix_rank(sonde.ones(3, 3)):item() == 1 and linalg.matrix_rank(a).dtype == "int64")
assert(linalg.matrix_rank(sonde.tensor{ { 1, 0 }, { 0, 1e-3 } }, { atol = 0.01 }):item() == 1)
assert(linalg.matrix_rank(sonde.tensor{ { 1, 0 }, { 0, 1e-3 } }, { rtol = 0.01 }):item() == 1)
assert(linalg.norm(sonde.tensor{ 3, -4 }, 1):item() == 7 and linalg.norm(sonde.tensor{ 3, -4 }, "inf"):item() == 4)
assert(linalg.norm(sonde.tensor{ 3, 0 }, 0):item() == 1 and linalg.norm(sonde.tensor{ 1e30, 1e30 }, 3):item() < 1.3e30)
assert(linalg.norm(sonde.tensor{ { 1, -2 }, { 3, 4 } }, 1):item() == 6 and linalg.norm(tall * 0, "nuc"):item() == 0)
assert(linalg.norm(tall, 2, { dim = 2, keepdim = true }).shape[2] == 1 and #linalg.norm(stack, "fro") == 2)
assert(#linalg.norm(stack, { dim = { 1, 2 } }) == 3 and linalg.norm(stack):dim() == 0)
assert(linalg.cond(sonde.zeros(2, 2)):item() == math.huge and linalg.cond(sonde.ones(2, 2), 1):item() == math.huge)
assert(linalg.matrix_power(a, 0):dim() == 2 and close(linalg.matrix_power(a, -1), linalg.inv(a), 1e-12))

-- Methods of vectors and matrices.
local i = sonde.tensor({ { 1, 2 }, { 3, 4 } }, { dtype = "int64" })
assert(i:matmul(i).dtype == "int64" and math.type(i:mm(i)[1][1]) == "integer" and i:mm(i)[2][2] == 22)
assert((1 << 53) + 1 == (sonde.tensor({ (1 << 53) + 1 }, { dtype = "int64" }):dot(sonde.ones(1, { dtype = "int64" }))):item())
assert(sonde.tensor{ 1, 2 }:outer(sonde.tensor{ 3, 4, 5 }).shape[2] == 3)
assert(stack:bmm(stack).shape[3] == 3 and stack:diagonal(0, { dim1 = 2, dim2 = 3 }).shape[2] == 3)
local m = sonde.zeros(3, 3)
m:diagonal(-1):copy_{ 1, 2 }
assert(m[2][1] == 1 and m[3][2] == 2 and m:trace():item() == 0 and m:diag(-1)[2] == 2)
assert(a:tril(-1)[1][1] == 0 and a:triu()[2][1] == 0 and sonde.tensor{ 1, 2 }:diag(1).shape[1] == 3)

-- Every mistake is one sentence.
fails(function() return linalg.svd(b) end,
  "sonde.linalg.svd: expected a matrix or a batch of matrices, got a tensor of shape [3]")
fails(function() return linalg.svd(tall, { full = true }) end,
  "sonde.linalg.svd: unknown option 'full'; there is full_matrices")
fails(function() return linalg.svd{ { 1, 2 } } end,
  "sonde.linalg.svd: argument 1 'a' expected a tensor, got a table")
fails(function() return linalg.qr(tall, { mode = "complet" }) end,
  "sonde.linalg.qr: option 'mode' expected \"reduced\" or \"complete\", got 'complet', did you mean 'complete'?")
fails(function() return linalg.det(tall) end, "sonde.linalg.det: expected square matrices, got shape [3, 2]")
fails(function() return linalg.eigh(tall) end, "sonde.linalg.eigh: expected square matrices, got shape [3, 2]")
fails(function() return linalg.svd(a * (0 / 0)) end,
  "sonde.linalg.svd: expected finite numbers, got NaN at row 1, column 1")
fails(function() return linalg.eigh(sonde.stack{ a, a / 0 }) end,
  "sonde.linalg.eigh: expected finite numbers, got inf at row 1, column 1 of matrix 2")
fails(function() return linalg.solve(a / 0, b) end,
  "sonde.linalg.solve: expected finite numbers, got NaN or infinity in the matrix")
fails(function() return linalg.solve(sonde.ones(3, 3), sonde.ones(3)) end,
  "sonde.linalg.solve: expected a nonsingular matrix, got one whose pivot 2 is zero")
fails(function() return linalg.inv(sonde.stack{ sonde.eye(2), sonde.zeros(2, 2) }) end,
  "sonde.linalg.inv: expected a nonsingular matrix, got matrix 2 whose pivot 1 is zero")
fails(function() return linalg.cholesky(-a) end,
  "sonde.linalg.cholesky: expected a positive definite matrix, got one whose leading minor of order 1 is not positive definite")
fails(function() return linalg.solve_triangular(sonde.zeros(2, 2), sonde.ones(2)) end,
  "sonde.linalg.solve_triangular: expected a nonsingular triangle, got one whose diagonal element 1 is zero")
fails(function() return linalg.solve(a, sonde.ones(4)) end,
  "sonde.linalg.solve: expected as many rows on both sides of the equation, got [3, 3] and [4]")
fails(function() return linalg.solve(sonde.ones(2, 3, 3), sonde.ones(5, 3, 1)) end,
  "sonde.linalg.solve: shapes [2] and [5] do not broadcast; extents must be equal or 1, counted from the last")
fails(function() return linalg.norm(tall, 3) end,
  "sonde.linalg.norm: expected a matrix norm of order 1, -1, 2, -2, inf, -inf, \"fro\" or \"nuc\", got 3")
fails(function() return linalg.norm(b, "fro") end,
  "sonde.linalg.norm: expected a number as the order of a vector's norm, got \"fro\"")
fails(function() return linalg.norm(tall, "spectral") end,
  "sonde.linalg.norm: argument 2 'ord' expected a number or \"fro\", \"nuc\", \"inf\" or \"-inf\", got 'spectral'")
fails(function() return linalg.norm(tall, { dim = { 1, 1 } }) end,
  "sonde.linalg.norm: expected one dimension, or two different ones, got [1, 1]")
fails(function() return linalg.norm(sonde.zeros(0), "-inf") end,
  "sonde.linalg.norm: expected at least one element, got shape [0]")
fails(function() return linalg.cond(sonde.zeros(0, 0)) end,
  "sonde.linalg.cond: expected at least one element, got shape [0, 0]")
fails(function() return linalg.matrix_power(sonde.ones(2, 2), -1) end,
  "sonde.linalg.matrix_power: expected a nonsingular matrix, got one whose pivot 2 is zero")
fails(function() return b:bmm(b) end,
  "tensor:bmm: expected shapes [batch, m, k] and [batch, k, n], got [3] and [3]; matmul broadcasts")
fails(function() return b:dot(sonde.ones(4)) end, "tensor:dot: expected two vectors of one length, got [3] and [4]")
fails(function() return a:outer(b) end, "tensor:outer: expected two vectors, got [3, 3] and [3]; reshape(-1) makes a vector")
fails(function() return b:trace() end, "tensor:trace: expected a matrix, got shape [3]")
fails(function() return b:tril() end, "tensor:tril: expected a matrix or a batch of matrices, got shape [3]")
fails(function() return stack:diag() end, "tensor:diag: expected a vector or a matrix, got shape [2, 3, 3]; diagonal takes any rank")
fails(function() return b:diagonal() end, "tensor:diagonal: expected a tensor of at least 2 dimensions, got shape [3]")

print("ok")
