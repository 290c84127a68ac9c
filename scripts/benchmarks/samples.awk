# Reads samples, lines of engine, threads, workload and seconds, into what summaries need: engine[1...engines],
# threads[1...counts], version[engine], and minimum, median and number of samples of [engine, threads, workload].
# Runs in any awk, so it sorts by itself.
function sort(values, from, to,    i, j, middle, value) {
  while (from < to) {
    i = from
    j = to
    middle = values[int((from + to) / 2)]
    while (i <= j) {
      while (values[i] < middle) i++
      while (values[j] > middle) j--
      if (i <= j) {
        value = values[i]
        values[i++] = values[j]
        values[j--] = value
      }
    }
    # the shorter part first, so that few calls lie within each other
    if (j - from < to - i) {
      sort(values, from, j)
      from = i
    } else {
      sort(values, i, to)
      to = j
    }
  }
}

function summarise(    key, count, i, values) {
  for (key in number) {
    count = number[key]
    for (i = 1; i <= count; i++) values[i] = sample[key, i]
    sort(values, 1, count)
    minimum[key] = values[1]
    median[key] = count % 2 ? values[(count + 1) / 2] : (values[count / 2] + values[count / 2 + 1]) / 2
  }
}

$3 == "version" { version[$1] = $4; next }
NF != 4 || $4 + 0 <= 0 { next }
!($1 in known) { known[$1] = 1; engine[++engines] = $1 }
!($2 in counted) { counted[$2] = 1; threads[++counts] = $2 }
{ key = $1 SUBSEP $2 SUBSEP $3; sample[key, ++number[key]] = $4 + 0 }
