/// Numbers that NumPy makes the same way: `i = np.arange(n); v = ((i*7919 + 13) % 1009 - 400)`.
func ladder(_ n: Int) -> [Double] { (0..<n).map { Double(($0 * 7919 + 13) % 1009 - 400) } }

/// `x = v * abs(v) * 0.37`: both signs, skewed, a few zeros.
func skewedLadder(_ n: Int) -> [Double] { ladder(n).map { $0 * abs($0) * 0.37 } }
