import Tensors
import Testing

@Suite struct GeneratorStateTests {
  @Test func aStateIsText() throws {
    let generator = Generator(seed: 0xABC)
    for _ in 0..<31 { _ = generator.uniform() }
    let text = generator.state.description
    #expect(text == "philox4x32-10 0000000000000abc 000000000000001f")
    let state = try #require(Generator.State(text))
    #expect(state == generator.state)
    let extreme = Generator.State(key: .max, counter: .max)
    #expect(Generator.State(extreme.description) == extreme)
  }

  @Test(arguments: [
    "", " ", "philox4x32-10", "philox4x32-10 0000000000000abc", "philox4x32-10  0000000000000abc 000000000000001f",
    "philox4x32-10 0000000000000abc 000000000000001f ", "philox4x32-10 0000000000000abc 000000000000001F",
    "philox4x32-10 0000000000000abc +00000000000001f", "philox4x32-10 000000000000abc 000000000000001f",
    "philox4x32-10 00000000000000abc 000000000000001f", "philox4x32-11 0000000000000abc 000000000000001f",
    "philox4x32-10 0000000000000abc 00000000000000\u{0}1f", "philox4x32-10 0000000000000abc 000000000000٠01f",
  ])
  func otherTextsAreNone(text: String) {
    #expect(Generator.State(text) == nil)
  }

  @Test func aCloneGoesOnOnItsOwn() throws {
    let generator = Generator(seed: 9)
    _ = generator.uniform()
    let clone = generator.clone()
    let next = clone.uniform()
    #expect(clone.seed == 9 && next == generator.uniform() && next != Generator(seed: 9).uniform())
  }
}
