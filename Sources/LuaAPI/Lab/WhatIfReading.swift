import Files
import Tensors

/// Finds a report in a file: the root, or in what `what-if:save` wrote that of one variant.
struct WhatIfReading {
  private let root: JSONPlace

  init(_ root: JSONPlace) { self.root = root }

  /// The report of a variant by its number or name, which a file with a single report must not be asked for.
  ///
  /// - Throws: `LuaFailure` for a variant that is missing, unknown or failed, and for what is no such file.
  func report(of choice: LuaValue) throws -> JSONPlace {
    guard let format = try root.optional("sonde_whatif") else {
      if case .absent = choice { return try checked() }
      throw root.failed("expected a what-if to take variant \(choice.text) from, got one report; leave variant out")
    }
    guard try format.count() == 1 else { throw format.failure("the format 1") }
    let variants = try root.member("variants").list()
    let variant = variants[try place(of: choice, in: variants)]
    if let report = try variant.optional("report") { return report }
    let error = try variant.optional("error")?.text() ?? "unknown error"
    throw root.failed("variant \(choice.text) failed and has no report: \(error)")
  }

  private func place(of choice: LuaValue, in variants: [JSONPlace]) throws -> Int {
    let range = "a number from 1 to \(variants.count)"
    if let number = choice.asInteger {
      guard number >= 1, number <= variants.count else {
        throw root.failed("option 'variant' expected \(range), got \(number)")
      }
      return number - 1
    }
    let names = try variants.map { try $0.member("name").text() }
    guard let name = choice.asString else {
      let example = names.dropFirst().first ?? names.first
      throw root.failed(
        "it has the \(variants.count) variants of a what-if; name one by variant=, \(range)"
          + (example.map { " or a name such as \(LuaValue.string($0).text)" } ?? ""))
    }
    guard let place = names.firstIndex(of: name) else {
      throw root.failed("unknown variant \(choice.text)\(suggestion(for: name, among: names))")
    }
    return place
  }

  /// The root, unless it is a recorder's.
  private func checked() throws -> JSONPlace {
    let isRecorder = try ["columns", "steps"].allSatisfy { try root.optional($0) != nil }
    if try isRecorder && root.optional("sonde_report") == nil {
      throw root.failed("expected a report, got a recorder's file; sonde.load_recorder reads it")
    }
    return root
  }
}
