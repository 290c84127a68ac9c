extension HelpTopic {
  static let first = [start, prompt, tensors, indexing, autograd, random, files, errors, lua]

  private static let start = HelpTopic(
    name: "start", summary: "From a deep net to what is wrong with it, in a dozen lines.",
    text: """
      Sonde looks inside deep networks: it makes them, runs them forward and backward once, and tells what reaches each \
      layer. Type these lines one by one.

          x = sonde.randn(100, 50)                       -- a batch: 100 samples of 50 features
          net = nn.mlp{inputs=50, width=50, depth=10, init="normal(0.01)"}
          print(net)                                     -- layers, shapes, parameters
          r = net:probe(x)                               -- one forward, one backward; the net stays as it is
          print(r)                                       -- a row a layer, and the diagnosis in words
          print(r[5].activation.std, r[5].gradient.std)  -- any number of any layer

      The diagnosis names a cure. Try cures on copies, then apply one to the living net:

          w = net:whatif(x, {init={"he_normal", "xavier_normal"}, batchnorm={"off", "before"}})
          print(w)
          net:init("he_normal"):batchnorm("before")
          print(sonde.compare(r, net:probe(x)))
          net:undo(2)                                    -- both verbs taken back

      What theory says of the same net, without drawing a number: net:theory(). Training: ?training.
      """, see: ["probe", "what-if", "training", "prompt", "nn.mlp", "network:probe"])

  private static let prompt = HelpTopic(
    name: "prompt", summary: "What the prompt does with a line: results, help, commands, keys.",
    text: """
      A line is Lua. An expression shows its value, also behind =; a ; at the end silences it. A call that is \
      the last of several statements shows its values too: x = 2; f(x). What is not complete goes on in the next line. \
      A pasted block is one chunk; with commands or bare expressions in it, each of its lines prints as if typed alone. \
      local at the top level stays for the next lines.

        _  the last result
        ?name  the page of a function, a method, an object or a topic; ? alone is the tour
        ??name  its source, or where it is written
        help(f)  the same page for a function or object; help("two words") searches
        :example nn.mlp  shows the example of a page and runs it; its variables stay its own
        :help  the commands, which begin with a colon: :time, :vars, :load, :save, :undo, :doctor, :quit and others

      Keys are those of GNU readline, as ~/.inputrc says: Tab completes, the arrow up brings earlier lines back, Ctrl-R \
      searches them, Ctrl-C clears the line or stops what runs and keeps the session, Ctrl-D leaves.

      Tables show what they hold, tensors and reports a screen of it. The last lines of a topic, for typing:

          t = sonde.arange(3)
          u = {total = t:sum():item(), t = t}

      ~/.config/sonde/init.lua runs at the start. _PROMPT and _PROMPT2 are what stands before a line, as in lua.
      """, see: ["start", "lua", "errors", "sonde.help", "sonde.inspect"])

  private static let tensors = HelpTopic(
    name: "tensors", summary: "Making tensors, arithmetic, shapes, reductions.",
    text: """
      A tensor is an n-dimensional array of float32 (unless told otherwise), float64, int64 or bool. Indices count from \
      1, negative ones from the end, ranges include both ends.

          a = sonde.tensor{{1, 2}, {3, 4}}
          b = sonde.zeros(2, 2) + 10 * sonde.eye(2)
          c = a * b + 1                         -- element by element; shapes broadcast as in NumPy
          d = a:matmul(b):t()                   -- the matrix product, transposed
          print(a.shape[1], a.dtype, #a, a:numel())
          print(a:sum(), a:mean{dim=1}, a:max():item())

      Methods whose names end in _ change the tensor in place and return it; all others make new tensors. t[i] of a \
      matrix is a view: writing to it writes to t.

          a:add_(1):clamp_(0, 3)
          row = a[1]; row[1] = 7
          assert(a[{1, 1}] == 7)

      A tensor == a number is always false in Lua: use t:item() == 5, or t:eq(5) for a mask. var and std divide by n, \
      and by n-1 with {unbiased=true}. Reductions take {dim=, keepdim=}.
      """, see: ["tensor", "indexing", "autograd", "random", "sonde.tensor", "sonde.linalg"])

  private static let indexing = HelpTopic(
    name: "indexing", summary: "Elements, rows, slices and masks, read and written.",
    text: """
        t[i]  element i of a vector (a number), row i of a matrix (a view); t[-1] is the last
        t[{i, j}]  one element by all its indices, a number
        t[{{1, 3}, {}}]  rows 1 to 3, all columns: a view; {a, b, step} steps
        t[{ {}, 2 }]  column 2
        t[mask]  the elements where a bool tensor of the same shape is true

      The same may stand on the left of =, with a number or a tensor that broadcasts.

          t = sonde.arange(12):reshape(3, 4)
          assert(t[{2, 3}] == 7 and #t[-1] == 4)
          part = t[{{1, 2}, {2, 3}}]            -- shares memory with t
          t[{ {}, 1 }] = 0
          t[t:gt(10)] = -1
          print(t)

      Reading index n + 1 gives nil, by which ipairs ends; any other index out of range is an error, and so is every \
      write outside. For indices held in tensors: t:index_select, t:gather, t:scatter and their kin.
      """, see: ["tensors", "tensor:index_select", "tensor:gather", "tensor:masked_fill", "tensor:nonzero"])

  private static let autograd = HelpTopic(
    name: "autograd", summary: "Gradients of Lua functions of tensors.",
    text: """
      Any Lua function of tensors can be differentiated as it stands. sonde.grad makes the function that computes the \
      gradient; a tensor that requires gradients gathers them in t.grad.

          f = function(x) return (x * x):sum() end
          g = sonde.grad(f)
          x = sonde.tensor{1, 2, 3}
          assert(g(x)[2] == 4)

          w = sonde.ones(3):requires_grad_()
          loss = ((w * x - 1) ^ 2):mean()
          loss:backward()
          print(w.grad)

      sonde.no_grad(f) runs f without recording; t:detach() leaves the tape. sonde.func{forward=, backward=} defines an \
      operation with a backward of its own, sonde.gradcheck(f, x) holds it against differences. sonde.anomaly(true) \
      finds the operation that first makes a NaN.
      """, see: ["sonde.grad", "sonde.no_grad", "sonde.func", "sonde.gradcheck", "tensor:backward", "network:backward"])

  private static let random = HelpTopic(
    name: "random", summary: "Seeds, generators, and the same numbers again.",
    text: """
      Without a seed a session starts from the system's entropy. sonde.seed(n) makes it repeat itself, and sonde.seed() \
      tells the seed there was. The streams are the same bits on every machine and for any number of threads.

          sonde.seed(1)
          a = sonde.randn(3)
          sonde.seed(1)
          assert(a:equal(sonde.randn(3)))

          g = sonde.generator(7)                -- one of its own, which disturbs nobody
          b = sonde.rand(2, 3, {generator=g})
          state = g:state()                     -- a text, to go on from here later

      Whatever draws takes {generator=g}; what makes weights or data also takes {seed=n}, and draws other numbers by it \
      than the session seeded with n: inputs and weights of one seed have nothing in common. math.random is Lua's and apart.
      """, see: ["sonde.seed", "sonde.generator", "sonde.random_state", "sonde.randn", "generator"])

  private static let files = HelpTopic(
    name: "files", summary: "Formats that are read and written, and what for.",
    text: """
        .npy .npz  arrays of NumPy: sonde.save, sonde.load, data.npy
        .safetensors  tables of tensors, and whole networks: net:save, nn.load
        .csv  tables of numbers and text: sonde.save, data.csv, report:save
        .json  probes and recordings: report:save and sonde.load_report, recorder:save and sonde.load_recorder
        .svg .png .pdf  figures, drawn by gnuplot: r:plot("figure.svg")
        .html  a probe as a page of its own: report:report

      A file is replaced whole or not at all. Files are data: reading one runs no code, and a damaged one is an error \
      with the place.

          path = os.tmpname() .. ".npz"
          sonde.save(path, {weight=sonde.eye(2), bias=sonde.zeros(2)})
          assert(sonde.load(path).weight[{2, 2}] == 1)
          os.remove(path)
      """, see: ["sonde.save", "sonde.load", "network:save", "nn.load", "data.csv", "report:save"])

  private static let errors = HelpTopic(
    name: "errors", summary: "How mistakes are told, caught and found.",
    text: """
      A mistake is told in a sentence: who, what was expected, what came, and the cure where one is known. It blames the \
      line that called. Nothing is changed by a call that fails.

          ok, text = pcall(function() return nn.mlp{activaton="tanh"} end)
          assert(text:find("unknown option 'activaton', did you mean 'activation'?", 1, true))

      Wrong arguments, unknown options and fields, and tensors beyond --memory-limit are errors everywhere; pages list \
      under Errors what else is. Ctrl-C is an error too, "interrupted!", but long calls such as net:fit and sonde.sweep \
      end with what they have so far. sonde.anomaly(true) looks for the first NaN or infinity.
      """, see: ["sonde.anomaly", "pcall", "error", "prompt"])

  private static let lua = HelpTopic(
    name: "lua", summary: "The language in short, for those who know another.",
    text: """
          local n = 3                           -- variables are global unless local
          local t = {10, 20, name="x"}          -- one table for lists and records
          for i, v in ipairs(t) do n = n + v end
          for key, value in pairs(t) do t[key] = value end
          local function twice(f, x) return f(f(x)) end
          if n ~= 33 and t.name == "x" then t.name = nil elseif not n then n = 0 end
          local text = ("%d of %s"):format(n, "them") .. "!"
          local area = nn.mlp{inputs=3, depth=1}  -- f{...} is f({...}), options by name
          return #t, twice(function(x) return x * 2 end, 1), text, area:count()

      Lists count from 1. Only nil and false are false; 0 and "" are true. object:method(x) hands the object over as \
      the first argument. Functions return any number of values. ?string, ?table, ?math and ?io list Lua's libraries, \
      ?for or ?# tells of a keyword or an operator. Any Lua 5.4 program runs under sonde as it does under lua; \
      one that you don't trust runs under sonde --sandbox, without files, other programs and the environment.
      """, see: ["prompt", "string", "table", "math", "io", "os"])
}
