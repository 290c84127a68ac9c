import CLua
import Lab

extension FunctionRecord {
  /// `report:diagnose`.
  static let reportDiagnosis = FunctionRecord(
    "report:diagnose",
    "Says what is wrong with the network: scales that vanish or explode, gradients, samples that can't be told apart, dead and "
      + "saturated units, batches too small, layers out of balance, NaN and underflow; each with the number, the law behind it "
      + "and the cure. One illness gives one diagnosis. print(r) shows them below the table.",
    returns:
      "a sequence, the most important first and empty for a healthy net: {layer= (the row of the report where it begins, nil for the "
      + "input and the whole), kind=, text= (layers counted as people do: a Linear with its norm and nonlinearity is one), evidence= "
      + "(the numbers by name)}; printed, it reads as the sentences, or 'nothing to report'",
    example: """
      local sick = nn.mlp{inputs=50, width=50, depth=10, init='normal(0.01)', seed=1}
      local d = sick:probe(sonde.randn(100, 50)):diagnose()
      assert(#d == 1 and d[1].kind == 'vanishing_activations' and d[1].evidence.factor < 0.1)
      """, receiver: .report
  ) { call in try call.push(call.object(ReportHandle.self).report.diagnosis()) }
}

extension Call {
  /// Pushes diagnoses as a sequence of tables that reads as their sentences.
  func push(_ diagnoses: [Diagnosis]) throws -> Int32 {
    try session.library.push("readable", of: "diagnoses", self)
    try pushTables(diagnoses)
    _ = try push(Diagnosis.nothing)
    try check(sonde_try_call(lua, 2, 1))
    return 1
  }

  private func pushTables(_ diagnoses: [Diagnosis]) throws {
    _ = try push(sequence: diagnoses) { diagnosis in
      try check(sonde_try_table(lua, 0, 4))
      if let layer = diagnosis.layer { try set("layer") { push(layer) } }
      try set("kind") { try push(diagnosis.kind.rawValue) }
      try set("text") { try push(diagnosis.text) }
      try set("evidence") {
        try check(sonde_try_table(lua, 0, Int32(clamping: diagnosis.evidence.count)))
        for evidence in diagnosis.evidence { try set(evidence.name) { push(evidence.value) } }
        return 1
      }
      return 1
    }
  }
}

extension FunctionRecord {
  /// `recorder:diagnose`.
  static let recorderDiagnosis = FunctionRecord(
    "recorder:diagnose",
    "Says what is wrong with the training that was recorded, by the columns there are: update_ratio far from a thousandth, shift.mean "
      + "above 1, activation.std that ends or changes by a factor of 1000, activation.dead and .saturated that rise.",
    returns: "a sequence as report:diagnose gives; empty where nothing is wrong or recorded",
    example: """
      local net, x = nn.mlp{inputs=4, width=4, depth=2}, sonde.randn(9, 4)
      local rec = sonde.recorder{every=1, stats={'update_ratio'}}
      rec:before(net, x); net.parameters['0.linear.weight']:mul_(3); rec:after()
      assert(rec:diagnose()[1].kind == 'update_too_large')
      """, receiver: .recorder
  ) { call in try call.push(call.object(Recorder.self).diagnosis()) }
}
