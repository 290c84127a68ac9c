/// A figure: columns of panels with a title above them, the same for the terminal and for files.
///
/// Titles, labels and names are data: whatever draws them escapes them.
public struct Figure: Equatable, Sendable {
  /// Panels one above the other.
  public struct Column: Equatable, Sendable {
    /// The column's share of the width, beside those of the others.
    public var weight: Double
    /// The panels from the top down, of equal height.
    public var panels: [Panel]

    /// Makes a column.
    public init(_ panels: [Panel], weight: Double = 1) {
      self.panels = panels
      self.weight = weight
    }
  }

  /// The line above the panels; none where it is empty.
  public var title: String
  /// The smaller, grey line below the title; none where it is empty.
  public var subtitle: String
  /// The columns from the left.
  public var columns: [Column]

  /// Makes a figure.
  public init(title: String = "", subtitle: String = "", columns: [Column]) {
    self.title = title
    self.subtitle = subtitle
    self.columns = columns
  }
}

/// One pair of axes and what is drawn on it, from back to front.
public struct Panel: Equatable, Sendable {
  /// The line above the panel.
  public var title: String
  /// The horizontal axis.
  public var x: Axis
  /// The vertical axis.
  public var y: Axis
  /// What is drawn, the first at the back.
  public var marks: [Mark]
  /// What is said below the panel, such as what is not in it; nothing where it is empty.
  public var note: String

  /// Makes a panel.
  public init(title: String = "", x: Axis = Axis(), y: Axis = Axis(), marks: [Mark], note: String = "") {
    self.title = title
    self.x = x
    self.y = y
    self.marks = marks
    self.note = note
  }
}

/// An axis of a panel.
public struct Axis: Equatable, Sendable {
  /// What it says beside the axis; nothing where it is empty.
  public var label: String
  /// Whether it is logarithmic; values that are not above 0 are left out then.
  public var isLogarithmic: Bool
  /// The lower end, nil for what the data need.
  public var lower: Double?
  /// The upper end, nil for what the data need.
  public var upper: Double?
  /// What stands in place of the numbers from 1 on, such as words; empty for numbers.
  public var names: [String]

  /// Makes an axis.
  public init(
    label: String = "", isLogarithmic: Bool = false, lower: Double? = nil, upper: Double? = nil, names: [String] = []
  ) {
    self.label = label
    self.isLogarithmic = isLogarithmic
    self.lower = lower
    self.upper = upper
    self.names = names
  }

  /// The axis with numbers where its names have no room; its label tells what they stand for.
  func numbered(unless hasRoom: Bool) -> Axis {
    guard !names.isEmpty, !hasRoom else { return self }
    var axis = self
    axis.names = names.indices.map { "\($0 + 1)" }
    let list = names.enumerated().map { "\($0 + 1) \($1)" }.joined(separator: ", ")
    axis.label = label.isEmpty ? list : "\(label): \(list)"
    return axis
  }
}

/// One thing that is drawn in a panel; numbers that are not finite are left out.
public enum Mark: Equatable, Sendable {
  /// Points joined by a line, its name beside its end.
  case line(Series)
  /// A prediction: wide and grey, under what is drawn later.
  case theory(Series)
  /// Points alone.
  case scatter(Series)
  /// What lies between two curves, such as two percentiles.
  case band(Band)
  /// Bars over bins.
  case histogram(Bins)
  /// Histograms of layers one below the other, drawn from back to front, each over the one before.
  case ridges([Ridge])
  /// A matrix as colours.
  case heatmap(Heatmap)
}

/// Points in order.
public struct Series: Equatable, Sendable {
  /// What it is called; nothing is written where it is empty.
  public var name: String
  /// The horizontal places.
  public var x: [Double]
  /// The vertical places, as many.
  public var y: [Double]
  /// The colour, nil for the next one of the palette.
  public var color: Color?
  /// Whether the points are drawn as dots on the line.
  public var hasPoints: Bool

  /// Makes a series.
  public init(_ name: String = "", x: [Double], y: [Double], color: Color? = nil, hasPoints: Bool = true) {
    self.name = name
    self.x = x
    self.y = y
    self.color = color
    self.hasPoints = hasPoints
  }
}

/// What lies between two curves over the same places.
public struct Band: Equatable, Sendable {
  /// What it is called.
  public var name: String
  /// The horizontal places.
  public var x: [Double]
  /// The lower curve.
  public var lower: [Double]
  /// The upper curve.
  public var upper: [Double]
  /// The colour, nil for the next one of the palette; drawn translucent.
  public var color: Color?

  /// Makes a band.
  public init(_ name: String = "", x: [Double], lower: [Double], upper: [Double], color: Color? = nil) {
    self.name = name
    self.x = x
    self.lower = lower
    self.upper = upper
    self.color = color
  }
}

/// A histogram.
public struct Bins: Equatable, Sendable {
  /// What it is called.
  public var name: String
  /// The edges, one more than there are counts, rising.
  public var edges: [Double]
  /// How much lies in each bin, none below 0.
  public var counts: [Double]
  /// The colour, nil for the next one of the palette.
  public var color: Color?

  /// Makes a histogram.
  public init(_ name: String = "", edges: [Double], counts: [Double], color: Color? = nil) {
    self.name = name
    self.edges = edges
    self.counts = counts
    self.color = color
  }
}

/// One layer's histogram among many: its label stands at its base line.
public struct Ridge: Equatable, Sendable {
  /// What stands at the base line, such as the layer's number.
  public var label: String
  /// The histogram; empty bins at its ends are not drawn.
  public var bins: Bins
  /// What is written at the right end of its base line, such as why there is nothing to draw.
  public var note: String

  /// Makes a ridge.
  public init(_ label: String, _ bins: Bins, note: String = "") {
    self.label = label
    self.bins = bins
    self.note = note
  }
}

/// A matrix as colours.
public struct Heatmap: Equatable, Sendable {
  /// The rows from the bottom up, all of one length.
  public var values: [[Double]]
  /// The horizontal place of each column, rising; nil for 1, 2, ...
  public var x: [Double]?
  /// The vertical place of each row, rising; nil for 1, 2, ...
  public var y: [Double]?
  /// What the colours mean.
  public var label: String
  /// Whether the colours follow the logarithm.
  public var isLogarithmic: Bool

  /// Makes a heatmap.
  public init(
    _ values: [[Double]], x: [Double]? = nil, y: [Double]? = nil, label: String = "", isLogarithmic: Bool = false
  ) {
    self.values = values
    self.x = x
    self.y = y
    self.label = label
    self.isLogarithmic = isLogarithmic
  }
}

/// A colour of the screen, 0 to 255 each.
public struct Color: Equatable, Hashable, Sendable {
  /// The red part.
  public var red: UInt8
  /// The green part.
  public var green: UInt8
  /// The blue part.
  public var blue: UInt8

  /// Makes a colour.
  public init(red: UInt8, green: UInt8, blue: UInt8) {
    self.red = red
    self.green = green
    self.blue = blue
  }
}
