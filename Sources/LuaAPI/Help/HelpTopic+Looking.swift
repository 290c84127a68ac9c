extension HelpTopic {
  static let running = [datasets, training]
  static let looking = [probe, stats, diagnosis, theory, whatIf, sweep, recording, plots]

  private static let datasets = HelpTopic(
    name: "datasets", summary: "Data that is shipped, made, read, split and cut into batches.",
    text: """
          train, test = data.digits()           -- 8 by 8 handwritten digits, in the program
          assert(train.inputs.shape[2] == 64 and train.classes == 10)
          x, y = train[1][1], train[1][2]
          part, rest = train:split(0.8)
          for inputs, targets in part:batches(100, {shuffle=true}) do assert(#inputs <= 100) end

      data.mnist() has 5000 images, data.mnist(dir) reads the files themselves; data.csv, data.npy and data.idx read \
      others; data.blobs, data.spirals and data.moons draw some. data.dataset(x, t) takes tensors of yours. Classes \
      count from 1. ds:normalize() measures a training part and gives the stats to treat a test part alike:

          train, stats = train:normalize()
          test = test:normalize(stats)
      """, see: ["data.digits", "data.csv", "data.dataset", "dataset", "dataset:batches", "training"])

  private static let training = HelpTopic(
    name: "training", summary: "net:fit, or a loop of your own; rates, clipping, checkpoints.",
    text: """
          train, test = data.blobs{samples=120, seed=1}:split(0.75, {seed=1})
          net = nn.mlp{inputs=2, width=16, depth=2, outputs=3, seed=1}
          h = net:fit{train=train, test=test, optimizer=optim.Adam(net, {lr=0.01}), batch=30, epochs=3, progress=false}
          print(h.loss[1], h.accuracy[#h.accuracy], h.stopped)
          print(net:evaluate(test).accuracy)

      Ctrl-C ends a fit and gives the history so far. Options worth knowing: early_stopping, checkpoint and resume, \
      clip_norm, accumulate, schedule, record, on_step. The same by hand:

          opt = optim.SGD(net, {lr=0.1, momentum=0.9})
          for x, t in train:batches(30, {shuffle=true}) do
            net:zero_grad()
            nn.cross_entropy(net(x), t):backward()
            nn.clip_grad_norm(net, 1)
            opt:step()
          end

      opt.lr may be set at any time; opt.schedule = optim.schedule.cosine{steps=100} sets it at each step. net:train() \
      and net:eval() switch batch statistics and dropout on and off.
      """,
    see: ["network:fit", "network:evaluate", "optim.SGD", "optim.schedule.cosine", "nn.clip_grad_norm", "recording"])

  private static let probe = HelpTopic(
    name: "probe", summary: "One forward, one backward, and figures of every layer.",
    text: """
      net:probe(x) runs a batch through the net with batch statistics, sends a gradient back, and measures each row. \
      The net is left exactly as it was: running statistics, gradients, mode.

          net = nn.mlp{inputs=20, width=20, depth=8}
          x = sonde.randn(50, 20)
          r = net:probe(x)
          print(r)                              -- the table, and the diagnosis
          print(r[3].activation.std, r[3].gradient.rms, r[3].weight.norm)
          stds = r:column("activation.std")     -- one figure of every row
          print(r[1].activation:histogram().counts[1])

      The gradient that is sent back is drawn (upstream="normal"), ones, a tensor of yours, or that of a loss:

          t = sonde.randn(50, 20)
          print(net:probe(x, {target=t, loss="mse"}).loss)
          print(sonde.compare(r, net:batchnorm("before"):probe(x)))

      {repeats=10} draws several gradients, {spectrum=true} adds the singular values of every weight. r:plot(), \
      r:save("r.json"), r:report("r.html") keep what was found.
      """, see: ["network:probe", "report", "report row", "stats", "diagnosis", "what-if", "sonde.compare"])

  private static let stats = HelpTopic(
    name: "stats", summary: "The figures of a tensor: of t:stats() and of every quantity of a probe.",
    text: """
      Plain numbers over all entries; moments divide by n. r[i].activation.std is one, r:column("activation.std") one of \
      every row.

      \(TypeRecord.statisticsType.properties.map { "  \($0.name)  \($0.summary)" }.joined(separator: "\n"))

      dead and saturated speak of units of an activation, batch_std and cosine of samples; elsewhere they are NaN. \
      :histogram() gives counts and edges, :log_histogram() those of log10 |x|.

          s = sonde.randn(100, 10):stats{percentiles={5, 50, 95}, bins=20}
          print(s.mean, s.std, s.percentiles[95])
          assert(#s:histogram().counts == 20)
      """, see: ["tensor:stats", "stats:histogram", "report row", "probe", "report:column"])

  private static let diagnosis = HelpTopic(
    name: "diagnosis", summary: "What is wrong with a net, in words, with the layer, the number and the cure.",
    text: """
      r:diagnose() gives a list, the most important first, empty for a healthy net; print(r) shows the same below the \
      table. It knows signals and gradients that vanish or explode, samples that can't be told apart any more, dead and \
      saturated units, batches too small, layers out of balance, underflow, NaN and infinity, and where each begins.

          sick = nn.mlp{inputs=50, width=50, depth=10, init="normal(0.01)"}
          for _, finding in ipairs(sick:probe(sonde.randn(100, 50)):diagnose()) do
            print(finding.layer, finding.kind, finding.text)
            for name, number in pairs(finding.evidence) do print("  ", name, number) end
          end

      rec:diagnose() says the same of a recorded training: updates too large or too small, shift, dying units.
      """, see: ["report:diagnose", "recorder:diagnose", "probe", "theory", "what-if"])

  private static let theory = HelpTopic(
    name: "theory", summary: "What a deep net does at initialisation, computed and not drawn.",
    text: """
      Mean-field theory follows variance and correlation from layer to layer. net:theory() predicts the rows of a probe \
      from the net's own initialisers and norms; theory.predict{...} does so from the options of nn.mlp.

          net = nn.mlp{inputs=100, width=100, depth=20, activation="tanh"}
          print(net:theory())
          p = theory.predict{activation="relu", init="he_normal", width=100, depth=20, norm="batch", batch=64}
          print(p[10].activation.std, p[10].gradient.std)

      The maps behind it: theory.variance and theory.correlation take one layer's step, theory.fixed_point says where \
      they settle and over how many layers, theory.edge_of_chaos which weights keep gradients, theory.growth what batch \
      normalisation multiplies gradients by.

          print(theory.growth("relu", {batch=64}))       -- pi / (pi - 1) as the batch grows
          print(theory.fixed_point("tanh", {sigma_w2=1.5, sigma_b2=0.05}).xi_c)
      """,
    see: ["network:theory", "theory.predict", "theory.fixed_point", "prediction", "report:theory", "initialisers"])

  private static let whatIf = HelpTopic(
    name: "what-if", summary: "Cures tried on copies, side by side, under the same random numbers.",
    text: """
      net:whatif(x, {verb={values}}) makes a copy for every combination, applies the verbs, and probes each with the same \
      draws. The net itself is untouched; it is the first row.

          net = nn.mlp{inputs=20, width=20, depth=6, init="normal(0.01)"}
          x = sonde.randn(50, 20)
          w = net:whatif(x, {batchnorm={"off", "before", "after"}, init={"he_normal", "orthogonal"}})
          print(w)
          best = w:best("gradient.flatness")
          print(best.name, best.report[6].gradient.std)

      Verbs: batchnorm, normalize, activation, init, lsuv, depth, width, insert, remove, replace, freeze, upstream, and \
      apply=function(net) for any other. w[i].settings, w[i].report, w:plot(), w:save("w.json").
      """, see: ["network:whatif", "what-if:best", "network:rebuild", "surgery", "sweep", "sonde.compare"])

  private static let sweep = HelpTopic(
    name: "sweep", summary: "Many runs of a function over a grid or random settings, in processes.",
    text: """
      sonde.sweep calls run(c) for every cell of a grid, several times with seeds of their own, in as many processes as \
      there are cores. Each is a copy of the session. Results are the same for any number of workers.

          s = sonde.sweep{
            grid={lr={0.01, 0.1}, norm={"none", "batch"}}, repeats=2, seed=1, progress=false,
            run=function(c)
              local net = nn.mlp{inputs=2, width=8, depth=2, outputs=3, norm=c.norm, seed=c.seed}
              local ds = data.blobs{samples=60, seed=c.seed}
              local h = net:fit{train=ds, optimizer=optim.SGD(net, {lr=c.lr}), epochs=1, progress=false}
              return {loss=h.loss[1]}
            end,
          }
          print(s)
          print(s:best("loss").lr)

      {path="runs.jsonl"} keeps each result as it comes; the same call goes on where it was ended. {random={...}, \
      samples=20} draws settings, {timeout=60} ends runs that take too long, s:plot() and s:csv("s.csv") show all.
      """, see: ["sonde.sweep", "sonde.last_sweep", "sweep:best", "what-if", "training"])

  private static let recording = HelpTopic(
    name: "recording", summary: "What happens in each layer over a training.",
    text: """
      A recorder measures layers at the first step and every so many after it: any column of a report, how far each \
      update moves a weight (update_ratio), and how far it shifts what a layer puts out (shift).

          ds = data.blobs{samples=90, seed=1}
          net = nn.mlp{inputs=2, width=8, depth=3, outputs=3, seed=1}
          rec = sonde.recorder{every=2, stats={"activation.std", "gradient.rms", "update_ratio", "shift"}}
          net:fit{train=ds, optimizer=optim.SGD(net, {lr=0.1}), batch=30, steps=6, record=rec, progress=false}
          print(rec)
          print(rec:column("update_ratio", 2)[1])
          for _, finding in ipairs(rec:diagnose()) do print(finding.text) end

      In a loop of your own: rec:before(net, x, t), opt:step(), rec:after(). rec:plot(), rec:save("rec.json").
      """, see: ["sonde.recorder", "recorder:column", "recorder:diagnose", "recorder:plot", "training", "probe"])

  private static let plots = HelpTopic(
    name: "plots", summary: "Figures in the terminal, or in files by gnuplot.",
    text: """
      plot.lines, plot.scatter, plot.histogram, plot.ridges and plot.heatmap draw where you are; {path="f.svg"} (or \
      .png, .pdf) writes a file and needs gnuplot. Reports, histories, recorders, what-ifs and sweeps have :plot().

          x = sonde.linspace(0, 6, 50)
          plot.lines({sin=x:sin(), cos=x:cos()}, {x=x, title="waves", height=12})
          plot.histogram(sonde.randn(1000), {height=10})
          text = plot.heatmap(sonde.rand(5, 8), {text=true, height=8})

      {text=true} gives the lines as a string. {width=, height=, ascii=true, color=false} change how it looks.
      """, see: ["plot.lines", "plot.histogram", "plot.heatmap", "report:plot", "history:plot", "what-if:plot"])
}
