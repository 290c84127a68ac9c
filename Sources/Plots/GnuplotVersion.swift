extension Gnuplot {
  /// Asks gnuplot for its version, `5.4`; waits no longer than `seconds`.
  ///
  /// - Throws: `GnuplotError`; `Interrupted`.
  public static func version(program: String = program, seconds: Double = 2) throws -> String {
    let process = try GnuplotProcess(program)
    let answer = try process.run("set print '-'\nprint GPVAL_VERSION\n", until: Moment(seconds: seconds))
    return String(String(decoding: answer.prefix(40), as: UTF8.self).prefix { !$0.isNewline })
  }
}
