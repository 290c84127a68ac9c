import Kernels

extension HelpTopic {
  static let building = [layers, initialisers, activations, losses, normalisation, surgery]

  private static let layers = HelpTopic(
    name: "layers", summary: "Networks of blocks, of layers, of your own layers; how parts are reached.",
    text: """
      nn.mlp makes a deep net of equal blocks: Linear, [norm], activation, [norm], dropout. nn.Sequential takes layers \
      one by one; nn.Linear(100) finds its inputs itself.

          net = nn.mlp{inputs=30, width=50, depth=10, outputs=5, activation="tanh", norm="batch"}
          plain = nn.Sequential{nn.Linear(30, 50), nn.BatchNorm(50), nn.ReLU(), nn.Linear(5)}
          y = plain(sonde.randn(8, 30))
          print(#net, net[1], net[-1].weight.shape[1], net:count())
          for name, tensor in pairs(net.parameters) do print(name, tensor) end

      A block has linear, norm (nil while off) and its parts weight and bias, and running_mean, running_var. Names of \
      parameters are PyTorch's: "0.linear.weight", "head.weight". A layer of your own is a Lua function of tensors:

          scale = nn.layer{name="scale", parameters={g=sonde.ones(50)}, forward=function(self, x) return x * self.g end}
          own = nn.Sequential{nn.Linear(30, 50), scale, nn.Linear(5)}
          own(sonde.randn(8, 30)):sum():backward()
          assert(own.parameters["1.g"].grad.shape[1] == 50)
      """, see: ["nn.mlp", "nn.Sequential", "nn.layer", "network", "layer", "activations", "initialisers"])

  private static let initialisers = HelpTopic(
    name: "initialisers", summary: "How weights are drawn, by name, with a gain, or by a function.",
    text: """
      The same names everywhere: nn.mlp{init=}, nn.Linear(a, b, {init=}), net:init(name), net:whatif(x, {init={...}}).

        "normal(0.01)"  normal with that standard deviation
        "uniform(-0.05,0.05)"  uniform in that range
        "zeros" "constant(c)"  the same number everywhere
        "xavier_normal" "xavier_uniform"  variance 2 / (fan_in + fan_out) times gain^2 (Glorot & Bengio 2010); also glorot_...
        "he_normal" "he_uniform"  variance 2 / fan_in (He et al. 2015); also kaiming_...
        "lecun_normal"  variance 1 / fan_in times gain^2
        "orthogonal"  orthogonal rows or columns times the gain (Saxe et al. 2014)
        "lsuv"  needs data: net:lsuv(x) scales each layer to outputs of variance 1 (Mishkin & Matas 2016)

      A gain may follow: {"xavier_normal", gain=1.5}; "unit" is 1 / sqrt(E phi^2) of the activation, "torch" PyTorch's \
      table (tanh 5/3). nn.mlp draws he_normal for the ReLU family and xavier_normal otherwise. Biases begin at 0.

          net = nn.mlp{inputs=20, width=20, depth=5, init={"orthogonal", gain="unit"}, activation="tanh"}
          net:init("he_normal", {seed=1})
          net:init(function(shape, fan_in, fan_out, generator)
            return sonde.randn(shape[1], shape[2], {generator=generator}) * fan_in ^ -0.5
          end)
      """, see: ["network:init", "network:lsuv", "theory.gain", "activations", "nn.mlp"])

  private static let activations = HelpTopic(
    name: "activations", summary: "The nonlinearities by name, and what each does to a signal.",
    text: """
      Names for {activation=} and net:activation(name), which also asks:

      \(ActivationFunction.allCases.map(\.name).joined(separator: ", ")).

      Each is a layer (nn.ReLU(), nn.GELU()) and most are methods of tensors (t:relu()). Constants are PyTorch's: \
      leaky_relu has slope 0.01, prelu begins at 0.25 and learns it, gelu is exact by erf, elu has alpha 1.

          net = nn.mlp{inputs=20, width=20, depth=3, activation="gelu"}
          assert(net:activation() == "gelu")
          net:activation("leaky_relu", 0.2)
          print(theory.gain("tanh"), theory.edge_of_chaos("tanh").sigma_w)

      theory.gain tells by what weights must grow to keep the second moment, theory.fixed_point where a deep net's \
      variance settles, theory.edge_of_chaos the weights at which gradients keep their size.
      """, see: ["network:activation", "initialisers", "theory.gain", "nn.ReLU", "theory"])

  private static let losses = HelpTopic(
    name: "losses", summary: "What training makes small: functions of outputs and targets.",
    text: """
        nn.cross_entropy  logits and classes from 1, or probabilities
        nn.nll  log-probabilities and classes
        nn.mse  mean of squared differences; nn.squared_error is half their sum
        nn.l1 nn.huber nn.smooth_l1  less for what lies far off
        nn.bce nn.bce_with_logits  two classes: probabilities, or logits, which is the safer
        nn.kl  divergence of distributions

      Each gives a 0-dim tensor on the tape, a mean over the batch unless {reduction="sum"} or "none" says otherwise. \
      net:fit takes them by name, or any function(output, target).

          net = nn.mlp{inputs=4, width=8, depth=2, outputs=3}
          x, t = sonde.randn(6, 4), sonde.tensor{1, 2, 3, 1, 2, 3}
          loss = nn.cross_entropy(net(x), t, {label_smoothing=0.1})
          loss:backward()
          print(loss:item(), net.parameters["head.bias"].grad)
      """, see: ["nn.cross_entropy", "nn.mse", "nn.bce_with_logits", "network:fit", "autograd"])

  private static let normalisation = HelpTopic(
    name: "normalisation",
    summary: "Batch, layer and RMS normalisation: where they stand and which statistics they take.",
    text: """
      nn.mlp{norm="batch", norm_position="before"} builds it in; net:batchnorm(place) and net:normalize(kind, {position=}) \
      put it before or after the activation of a living net, or take it out, weights untouched.

          net = nn.mlp{inputs=20, width=20, depth=4}
          net:batchnorm("before")
          assert(net:batchnorm() == "before" and net[1].norm.weight.shape[1] == 20)
          net:batchnorm("after", {eps=0, affine=false})
          net:normalize("layer", {position="before"})
          net:batchnorm("off")

      In training mode batch normalisation takes the statistics of the batch and moves the running ones by momentum; \
      after net:eval() it takes the running ones. net:batchnorm_mode fixes that by hand, net:recalibrate(data) computes \
      the running statistics anew. gamma is norm.weight, beta norm.bias. Off and on again brings both back.
      """,
    see: ["network:batchnorm", "network:normalize", "network:recalibrate", "nn.BatchNorm", "theory.growth", "surgery"])

  private static let surgery = HelpTopic(
    name: "surgery", summary: "Changing a living net, and taking it back.",
    text: """
      Verbs change the net in place and return it, so that they chain; without an argument they tell the present state. \
      Weights that are not named stay as they are. An optimiser follows: parameters that appear get fresh state.

          net = nn.mlp{inputs=20, width=20, depth=6}
          net:activation("tanh"):init("orthogonal", {gain="unit"}):batchnorm("before")
          net[3]:batchnorm("off")               -- one block alone
          net:insert(2, nn.Dropout(0.1)):freeze(1)
          print(table.concat(net:history(), ", "))
          net:undo()                            -- the last surgery, bit for bit
          net:undo(2)

      net:whatif(x, {...}) tries surgery on copies and measures each; net:rebuild{depth=, width=} makes a new net.
      """,
    see: ["network:undo", "network:whatif", "network:batchnorm", "network:init", "network:insert", "network:rebuild"])
}
