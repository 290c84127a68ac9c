# Makes the table and the CSV of time against size, of the samples that samples.awk reads: workloads net_DEPTH_WIDTH_BATCH.
# Variables: series, "depth net_10_100_1000 net_20_100_1000;width ..."; csv, a file or nothing.
# The exponents are slopes of log(time) against log(size), by least squares, over all sizes and over their upper half.
function size(name, kind, count,    part) {
  split(name, part, "_")
  return kind == "threads" ? count : kind == "depth" ? part[2] : kind == "width" ? part[3] : part[4]
}

# Forward, and backward to the weights and to the input: three products of batch x width x width a layer.
function operations(name,    part) {
  split(name, part, "_")
  return 6 * part[2] * part[3] * part[3] * part[4]
}

function slope(first, last,    i, n, x, y, sx, sy, sxx, sxy) {
  for (i = first; i <= last; i++) {
    x = log(sizes[i])
    y = log(times[i])
    n++
    sx += x
    sy += y
    sxx += x * x
    sxy += x * y
  }
  return n > 1 && n * sxx != sx * sx ? sprintf("%.2f", (n * sxy - sx * sy) / (n * sxx - sx * sx)) : ""
}

# Takes one point of a series where it was measured.
function point(kind, name, count, who,    key, own) {
  key = who SUBSEP count SUBSEP name
  if (!(key in minimum)) return
  own = "sonde" SUBSEP count SUBSEP name
  sizes[++points] = size(name, kind, count)
  times[points] = minimum[key]
  printf "%-8s %6d %-7s %2d %11.3f ms %11.3f ms %8.1f GFLOP/s %8s\n", kind, sizes[points], who, count, 1e3 * minimum[key], \
    1e3 * median[key], operations(name) / minimum[key] / 1e9, own in minimum ? sprintf("%.2f", minimum[key] / minimum[own]) : ""
  if (csv != "") {
    printf "%s,%d,%s,%d,%d,%.9g,%.9g,%.4g,%s,,\n", kind, sizes[points], who, count, number[key], minimum[key], median[key], \
      operations(name) / minimum[key] / 1e9, own in minimum ? sprintf("%.3f", minimum[key] / minimum[own]) : "" > csv
  }
}

function exponents(kind, who, count,    half) {
  if (points < 2) return
  half = int(points / 2) + 1
  printf "%-8s        %-7s %2s time ~ %s^%s from %d to %d", kind, who, kind == "threads" ? "" : count, kind, slope(1, points), \
    sizes[1], sizes[points]
  if (points - half >= 1) printf ", ^%s from %d on", slope(half, points), sizes[half]
  print ""
  if (csv != "") {
    printf "%s,,%s,%s,,,,,,%s,%s\n", kind, who, kind == "threads" ? "" : count, slope(1, points), slope(half, points) > csv
  }
}

END {
  summarise()
  if (csv != "") {
    print "series,size,engine,threads,samples,minimum_s,median_s,gflop_per_s,minimum_to_sonde,exponent,exponent_of_upper_half" > csv
  }
  printf "%-8s %6s %-7s %2s %14s %14s %16s %8s\n", "", "size", "", "th", "minimum", "median", "", "x sonde"
  kinds = split(series, kind, ";")
  for (k = 1; k <= kinds; k++) {
    words = split(kind[k], word, " ")
    for (e = 1; e <= engines; e++) {
      if (word[1] == "threads") {
        points = 0
        for (c = 1; c <= counts; c++) point(word[1], word[2], threads[c], engine[e])
        exponents(word[1], engine[e], "")
        continue
      }
      for (c = 1; c <= counts; c++) {
        if (counts > 2 && c > 1 && c < counts) continue
        points = 0
        for (w = 2; w <= words; w++) point(word[1], word[w], threads[c], engine[e])
        exponents(word[1], engine[e], threads[c])
      }
    }
  }
}
