/// Takes apart what a program writes to a terminal: characters, controls and sequences, as ECMA-48 has them.
struct ControlSequences {
  /// A part of the output that is whole.
  enum Part: Equatable {
    case character(Unicode.Scalar)
    /// A control character such as a line feed.
    case control(UInt8)
    /// `ESC` and a letter; what stands between them, as in `ESC ( B`, is left out.
    case escape(UInt8)
    /// `ESC [`, its numbers and its last letter; `mark` is the `?` of private modes.
    case sequence(mark: UInt8?, numbers: [Int], final: UInt8)
    /// `ESC ]` or another string for the terminal itself, up to its end.
    case string
  }

  private enum State { case text, escape, intermediate, sequence, string, stringEscape }

  private static let escape: UInt8 = 0x1b
  private var state = State.text
  private var mark: UInt8?
  private var numbers: [Int] = []
  private var pending: [UInt8] = []
  private var awaited = 0

  /// Whether the byte before was text, or the start of a character.
  var isInText: Bool { state == .text }

  /// Takes a byte, and answers the part it ends; nil while the part goes on.
  mutating func take(_ byte: UInt8) -> Part? {
    switch state {
    case .text: return takeText(byte)
    case .escape: return takeEscape(byte)
    case .intermediate:
      guard byte >= 0x30 else { return nil }
      state = .text
      return .string
    case .sequence: return takeSequence(byte)
    case .string:
      if byte == ControlSequences.escape { state = .stringEscape }
      guard byte == 0x07 else { return nil }
      state = .text
      return .string
    case .stringEscape:
      state = .text
      return .string
    }
  }

  private mutating func takeText(_ byte: UInt8) -> Part? {
    if awaited > 0, byte & 0xc0 == 0x80 {
      pending.append(byte)
      awaited -= 1
      return awaited == 0
        ? .character(String(decoding: pending, as: UTF8.self).unicodeScalars.first ?? "\u{fffd}") : nil
    }
    awaited = 0
    switch byte {
    case ControlSequences.escape: state = .escape
    case ..<0x20, 0x7f: return .control(byte)
    case ..<0x80: return .character(Unicode.Scalar(byte))
    case 0xc2..<0xf5:
      pending = [byte]
      awaited = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3
    default: return .character("\u{fffd}")
    }
    return nil
  }

  private mutating func takeEscape(_ byte: UInt8) -> Part? {
    switch byte {
    case UInt8(ascii: "["):
      (state, mark, numbers) = (.sequence, nil, [])
      return nil
    case UInt8(ascii: "]"), UInt8(ascii: "P"), UInt8(ascii: "_"), UInt8(ascii: "^"):
      state = .string
      return nil
    case 0x20...0x2f:
      state = .intermediate
      return nil
    default:
      state = .text
      return .escape(byte)
    }
  }

  private mutating func takeSequence(_ byte: UInt8) -> Part? {
    switch byte {
    case 0x30...0x39:
      if numbers.isEmpty { numbers = [0] }
      numbers[numbers.count - 1] = min(numbers[numbers.count - 1] * 10 + Int(byte - 0x30), 99_999)
    case UInt8(ascii: ";"), UInt8(ascii: ":"): numbers = (numbers.isEmpty ? [0] : numbers) + [0]
    case 0x3c...0x3f: mark = byte
    case 0x40...0x7e:
      state = .text
      return .sequence(mark: mark, numbers: numbers, final: byte)
    default: break
    }
    return nil
  }
}
