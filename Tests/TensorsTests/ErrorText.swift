/// The text of the error that `body` throws, which users read.
func errorText(_ body: () throws -> Void) -> String {
  do { try body() } catch { return "\(error)" }
  return "no error"
}
