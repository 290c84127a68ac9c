sonde.default_dtype('float64'); sonde.seed(3)
local L=sonde.linalg
local function chk(name,f,...) local ok,e=pcall(sonde.gradcheck,f,...) print(name, ok and e or e) end
local A=sonde.randn(4,4) local S=A:mm(A:t())+sonde.eye(4)*2
local function sym(a) return (a+a:transpose(-1,-2))*0.5 end
for _,sh in ipairs{{4,4},{5,3},{3,5},{2,4,3}} do local X=sonde.randn(table.unpack(sh))
 chk('svd s '..table.concat(sh,'x'), function(x) local u,s,v=L.svd(x) return s end, X)
 chk('svd all', function(x) local u,s,v=L.svd(x) return (u:abs()):matmul(v:abs())+s:sum() end, X)
 chk('qr', function(x) local q,r=L.qr(x) return q:sum()*2+ (r*r):sum()+r:sum(), q end, X)
 chk('pinv', function(x) return L.pinv(x) end, X)
 chk('norm nuc', function(x) return L.norm(x,'nuc') end, X)
 chk('norm 2', function(x) return L.norm(x,2) end, X)
 chk('norm 1', function(x) return L.norm(x,1) end, X)
 chk('norm inf', function(x) return L.norm(x,'inf') end, X)
 chk('norm fro', function(x) return L.norm(x,'fro') end, X)
 chk('norm 3', function(x) return L.norm(x,3,{dim=-1}) end, X)
 chk('tril', function(x) return x:tril(-1)+x:triu(1) end, X)
 chk('lstsq', function(x,b) return (L.lstsq(x,b)) end, X, sonde.randn(table.unpack(sh)))
end
chk('lstsq v', function(x,b) return (L.lstsq(x,b)) end, sonde.randn(5,3), sonde.randn(5))
chk('eigh', function(x) local w,v=L.eigh(sym(x)) return w:exp():sum()+v:abs():sum(), v:abs() end, S)
chk('eigvalsh', function(x) return L.eigvalsh(sym(x)) end, S)
chk('chol', function(x) return L.cholesky(sym(x)) end, S)
chk('cholU', function(x) return L.cholesky(sym(x),{upper=true}) end, S)
chk('solve', L.solve, S, sonde.randn(4,2))
chk('solvev', L.solve, S, sonde.randn(4))
chk('solveb', L.solve, sonde.randn(3,4,4), sonde.randn(4,2))
chk('solvebv', L.solve, sonde.randn(3,4,4), sonde.randn(3,4))
chk('inv', L.inv, S) chk('det', L.det, A) chk('slogdet', function(x) local s,l=L.slogdet(x) return l end, A)
chk('det sing', L.det, sonde.tensor{{1,2,3},{2,4,6},{1,0,1}})
chk('det sing2', L.det, sonde.tensor{{1,2,3},{2,4,6},{3,6,9}})
chk('tri', L.solve_triangular, A, sonde.randn(4,3))
chk('triu', function(a,b) return L.solve_triangular(a,b,{upper=true}) end, A, sonde.randn(4,3))
chk('tri unit', function(a,b) return L.solve_triangular(a,b,{unitriangular=true}) end, A, sonde.randn(4))
chk('tri right', function(a,b) return L.solve_triangular(a,b,{left=false,upper=true}) end, A, sonde.randn(3,4))
chk('chsolve', function(b,l) return L.cholesky_solve(b,l) end, sonde.randn(4,2), L.cholesky(S))
chk('power', function(a) return L.matrix_power(a,3) end, A) chk('power-2', function(a) return L.matrix_power(a,-2) end, S)
chk('cond', function(a) return L.cond(a) end, S) chk('cond1', function(a) return L.cond(a,1) end, S)
chk('diag', function(a) return a:diag() end, sonde.randn(3)) chk('diagm', function(a) return a:diag(1) end, A) chk('diagonal', function(a) return a:diagonal(-1)*2 end, A) chk('trace', function(a) return a:trace() end, A)
chk('outer', function(a,b) return a:outer(b) end, sonde.randn(3), sonde.randn(2))
chk('dot', function(a,b) return a:dot(b) end, sonde.randn(3), sonde.randn(3)) 
chk('bmm', function(a,b) return a:bmm(b) end, sonde.randn(2,3,4), sonde.randn(2,4,3)) 
for _,op in ipairs{'add','sub','mul','div','maximum','minimum','mod'} do chk(op, function(a,b) return a[op](a,b) end, sonde.randn(3,1,2), sonde.randn(4,2)+3) end
chk('pow', function(a,b) return a:pow(b) end, sonde.rand(3,1)+0.5, sonde.randn(2))
chk('pow s', function(a) return a^3 + 2^a end, sonde.randn(3))
chk('rdiv', function(a) return 1/a - a//1 end, sonde.rand(3)+1.2)
for _,op in ipairs{'neg','abs','square','relu','exp','tanh','sigmoid','gelu','silu','erf','sin','cos','reciprocal','floor'} do chk(op, function(a) return a[op](a) end, sonde.randn(3,2)+0.1) end
for _,op in ipairs{'log','sqrt'} do chk(op, function(a) return a[op](a) end, sonde.rand(3,2)+0.5) end
for _,op in ipairs{'sum','mean','var','std','norm','prod','min','max'} do chk(op, function(a) return a[op](a) end, sonde.randn(3,2)) 
 chk(op..' dim', function(a) return (a[op](a,{dim=-1,keepdim=true})) end, sonde.randn(3,2)) end
chk('prod0', function(a) return a:prod() end, sonde.tensor{0,2,3}) chk('prod00', function(a) return a:prod{dim=1} end, sonde.tensor{{0,2,3},{0,1,2}})
chk('softmax', function(a) return a:softmax(1)+a:log_softmax(2) end, sonde.randn(3,2)) chk('cumsum', function(a) return a:cumsum(1) end, sonde.randn(3,2))
for _,sh in ipairs{{{3},{3}},{{3},{3,2}},{{2,3},{3}},{{2,3},{3,4}},{{5,2,3},{3,4}},{{2,3},{5,3,4}},{{5,1,2,3},{4,3,2}},{{3},{4,3,2}},{{4,2,3},{3}}} do chk('matmul', function(a,b) return a:matmul(b) end, sonde.randn(table.unpack(sh[1])), sonde.randn(table.unpack(sh[2]))) end
chk('views', function(a) return a:t():reshape(6):view(2,3):permute(2,1)[{{},1}]:unsqueeze(1):expand(2,3)*a[{{1,3,2}}]:squeeze():sum() end, sonde.randn(2,3))
chk('cat', function(a,b) return sonde.cat({a,b,a},2)*2 end, sonde.randn(2,3), sonde.randn(2,1)) chk('stack', function(a,b) return sonde.stack({a,b,a},2)*2 end, sonde.randn(2,3), sonde.randn(2,3))
chk('where', function(a,b) return sonde.where(a:gt(0),a,b*2)+a:clamp(-0.5,0.5) end, sonde.randn(2,3), sonde.randn(3))
-- second order
for n,f in pairs{exp=function(x) return x:exp():sum() end, tanh=function(x) return (x:tanh()^2):sum() end, mm=function(x) return x:mm(x:t()):tanh():sum() end,gelu=function(x) return x:gelu():sum()+x:silu():sum() end, svd=function(x) local u,s,v=L.svd(x) return (s^3):sum()+u:abs():sum() end, inv=function(x) return L.inv(x:t():mm(x)):sum() end, std=function(x) return x:std{dim=1}:sum()+x:norm() end, soft=function(x) return (x:softmax(1)^2):sum() end} do
 local g=sonde.grad(f,{create_graph=true}) chk('2nd '..n, function(x) return (g(x)) end, sonde.randn(3,2)) end
