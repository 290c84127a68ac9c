extension ReportPage {
  /// How the page looks, on a screen and in print.
  static let style = """

    body { margin: 2rem auto; max-width: 100rem; padding: 0 1.5rem; color: #2b2b35; background: #fbfbfa;
      font: 15px/1.5 "DejaVu Sans", Verdana, sans-serif; }
    h1 { font-size: 1.5rem; } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
    figure { margin: 0; } figure svg { width: 100%; height: auto; display: block; }
    li { margin: .3rem 0; max-width: 60rem; }
    .wide { overflow-x: auto; }
    table { border-collapse: collapse; font-size: .85rem; }
    th, td { padding: .2rem .6rem; text-align: right; white-space: nowrap; border-bottom: 1px solid #e3e3e6; }
    th { vertical-align: bottom; background: #fbfbfa; }
    th button { font: inherit; font-weight: bold; color: inherit; background: none; border: 0; padding: 0; cursor: pointer; }
    th[aria-sort=ascending] button::after { content: " \\25B2"; } th[aria-sort=descending] button::after { content: " \\25BC"; }
    .bars { width: 7rem; height: 1.2rem; fill: #3a789e; display: block; }
    dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1.5rem; } dt { color: #6b6b76; }
    dd { margin: 0; overflow-wrap: anywhere; } footer { margin-top: 2rem; color: #6b6b76; }
    @media print { body { margin: 0; max-width: none; background: none; font-size: 10px; } tr, figure { break-inside: avoid; }
      .wide { overflow: visible; } table { font-size: .7rem; } th, td { padding: .1rem .3rem; } thead { display: table-header-group; } }

    """

  /// Sorts the table by the column whose head is pressed, numbers by size and missing ones last; without it the page is whole.
  static let script = """

    var table = document.getElementById("layers");
    function value(row, column) {
      var cell = row.cells[column], text = cell.getAttribute("data-value");
      if (text === null) return cell.textContent;
      if (text === "inf") return Infinity;
      return text === "-inf" ? -Infinity : Number(text);
    }
    function isMissing(a) { return a === "" || a !== a; }
    function order(a, b, sign) {
      if (isMissing(a) || isMissing(b)) return isMissing(a) - isMissing(b);
      if (a > b) return sign;
      return b > a ? -sign : 0;
    }
    Array.prototype.forEach.call(table.tHead.rows[0].cells, function (head, column, heads) {
      head.firstChild.onclick = function () {
        var isRising = head.getAttribute("aria-sort") !== "ascending", body = table.tBodies[0];
        Array.prototype.forEach.call(heads, function (other) { other.removeAttribute("aria-sort"); });
        head.setAttribute("aria-sort", isRising ? "ascending" : "descending");
        Array.prototype.slice.call(body.rows).sort(function (a, b) {
          return order(value(a, column), value(b, column), isRising ? 1 : -1);
        }).forEach(function (row) { body.appendChild(row); });
      };
    });

    """
}
