extension HelpGroup {
  static let networks = [
    HelpGroup(
      "making networks", "nn.mlp nn.Sequential nn.Linear nn.Residual nn.layer nn.load network:clone network:rebuild",
      topics: ["layers", "initialisers"]),
    HelpGroup(
      "layers", "nn.Linear nn.Residual nn.Dropout nn.Flatten nn.Identity nn.layer layer:named", topics: ["layers"]),
    HelpGroup(
      "normalisation", "nn.BatchNorm nn.LayerNorm nn.RMSNorm network:batchnorm network:normalize",
      topics: ["normalisation"]),
    HelpGroup(
      "activations",
      """
      nn.ReLU nn.LeakyReLU nn.PReLU nn.ELU nn.SELU nn.GELU nn.SiLU nn.Tanh nn.Sigmoid nn.Softplus nn.Hardtanh
      network:activation layer:activation
      """, topics: ["activations"]),
    HelpGroup(
      "losses",
      """
      nn.cross_entropy nn.nll nn.mse nn.squared_error nn.l1 nn.huber nn.smooth_l1 nn.bce nn.bce_with_logits nn.kl
      """, topics: ["losses"]),
    HelpGroup(
      "running",
      """
      network:forward network:backward network:zero_grad network:train network:eval network:count network:find
      network:apply network:memory
      """, topics: ["layers"]),
    HelpGroup(
      "surgery",
      """
      network:batchnorm network:normalize network:batchnorm_mode network:activation network:init network:lsuv
      network:insert network:remove network:replace network:freeze network:unfreeze network:rebuild network:undo
      network:history sonde.undo
      """, topics: ["surgery"]),
    HelpGroup(
      "surgery on one layer",
      """
      layer:batchnorm layer:normalize layer:batchnorm_mode layer:activation layer:init layer:freeze layer:unfreeze
      network:undo
      """, topics: ["surgery"]),
    HelpGroup(
      "batch statistics", "network:batchnorm_mode network:recalibrate network:train network:eval",
      topics: ["normalisation"]),
    HelpGroup(
      "saving", "network:save nn.load network:state network:load_state network:clone optimizer:state",
      topics: ["files"]),
    HelpGroup(
      "auxiliary classifiers", "network:add_auxiliary network:remove_auxiliary network:auxiliary_loss network:fit",
      topics: ["training"]),
  ]

  static let trainings = [
    HelpGroup(
      "optimisers",
      """
      optim.SGD optim.Adam optim.AdamW optim.RMSprop optim.Adagrad optimizer:step optimizer:zero_grad optimizer:state
      optimizer:load_state
      """, topics: ["training"]),
    HelpGroup(
      "learning rates",
      """
      optim.schedule.cosine optim.schedule.step optim.schedule.multistep optim.schedule.exponential
      optim.schedule.linear optim.schedule.warmup
      """, topics: ["training"]),
    HelpGroup(
      "training", "network:fit network:evaluate history:plot history:table sonde.recorder nn.clip_grad_norm",
      topics: ["training"]),
    HelpGroup("clipping gradients", "nn.clip_grad_norm nn.clip_grad_value network:fit", topics: ["training"]),
    HelpGroup(
      "data that is shipped or read",
      "data.digits data.mnist data.idx data.csv data.npy data.dataset data.tensors", topics: ["datasets"]),
    HelpGroup("data that is made", "data.blobs data.spirals data.moons data.normal", topics: ["datasets"]),
    HelpGroup(
      "datasets",
      """
      dataset:split dataset:shuffle dataset:subset dataset:take dataset:batches dataset:map dataset:normalize
      dataset:denormalize
      """, topics: ["datasets"]),
  ]

  static let measurements = [
    HelpGroup(
      "probing",
      """
      network:probe report:diagnose report:theory report:column report:text report:plot report:report report:save
      sonde.load_report sonde.compare network:whatif
      """, topics: ["probe", "diagnosis"]),
    HelpGroup(
      "comparing", "sonde.compare comparison:text comparison:column network:probe network:whatif", topics: ["probe"]),
    HelpGroup(
      "what-ifs",
      """
      network:whatif what-if:best what-if:column what-if:table what-if:text what-if:plot what-if:save network:rebuild
      """, topics: ["what-if"]),
    HelpGroup(
      "sweeps", "sonde.sweep sonde.last_sweep sweep:best sweep:table sweep:csv sweep:plot network:whatif",
      topics: ["sweep"]),
    HelpGroup(
      "recorders",
      """
      sonde.recorder recorder:before recorder:after recorder:column recorder:table recorder:text recorder:diagnose
      recorder:plot recorder:save sonde.load_recorder
      """, topics: ["recording"]),
    HelpGroup(
      "theory",
      """
      theory.predict network:theory report:theory theory.variance theory.correlation theory.gain theory.fixed_point
      theory.edge_of_chaos theory.growth prediction:column prediction:text
      """, topics: ["theory"]),
    HelpGroup(
      "plots", "plot.lines plot.histogram plot.ridges plot.heatmap plot.scatter report:plot history:plot",
      topics: ["plots"]),
  ]
}
