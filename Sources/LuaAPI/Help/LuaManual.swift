/// One name of Lua's own: a function or value of its libraries, a keyword or an operator.
struct LuaName: Sendable {
  /// How it is called or written.
  let signature: String
  let summary: String
  /// Where Lua 5.4's reference manual tells the rest.
  let section: String

  /// The name in the signature: what stands before a bracket.
  let name: String

  init(signature: String, summary: String, section: String, isWord: Bool = false) {
    (self.signature, self.summary, self.section) = (signature, summary, section)
    name = isWord ? signature : String(signature.prefix { $0 != "(" && $0 != " " })
  }
}

/// One of Lua's libraries.
struct LuaLibrary: Sendable {
  /// The table that holds it; `_G` for the basic functions, `file` for the methods of open files.
  let name: String
  let summary: String
  let section: String
  let members: [LuaName]

  /// Makes a library of lines `signature | summary`.
  fileprivate init(_ name: String, _ section: String, _ summary: String, _ lines: String) {
    (self.name, self.summary, self.section) = (name, summary, section)
    members = LuaLibrary.names(lines, section)
  }

  fileprivate static func names(_ lines: String, _ section: String, areWords: Bool = false) -> [LuaName] {
    lines.split(separator: "\n").map { line in
      let parts = line.split(separator: "|", maxSplits: 1).map { $0.trimmingBlanks }
      return LuaName(
        signature: parts[0], summary: parts.count > 1 ? parts[1] : "", section: section, isWord: areWords)
    }
  }
}

extension Substring {
  /// The text without blanks at its ends.
  var trimmingBlanks: String {
    var text = drop { $0 == " " }
    while text.last == " " { text.removeLast() }
    return String(text)
  }
}

/// What Lua 5.4 has of its own, told in a line each.
enum LuaManual {
  /// The libraries, the basic functions first.
  static let libraries = [basic, coroutine, package, string, utf8, table, math, io, file, os, debug]

  private static let basic = LuaLibrary(
    "_G", "6.1", "The basic functions of Lua, which need no prefix.",
    """
    assert(v [, message]) | Raises an error if v is false or nil; else gives all its arguments back.
    collectgarbage([option [, arg]]) | Runs, tunes or asks the garbage collector: "collect", "count", "step", "generational" and others.
    dofile([filename]) | Runs a file as a chunk and gives what it returns.
    error(message [, level]) | Raises an error; level says whose line is blamed, 0 names none.
    getmetatable(object) | The metatable of a value, or what its field __metatable says.
    ipairs(t) | Walks 1, 2, ... of a sequence up to the first nil, for use in a for loop.
    load(chunk [, chunkname [, mode [, env]]]) | Compiles a text, or pieces that a function gives, to a function.
    loadfile([filename [, mode [, env]]]) | Compiles a file to a function, without running it.
    next(table [, index]) | The key and value behind a key; nil starts, nil ends.
    pairs(t) | Walks all keys and values, for use in a for loop; asks the metamethod __pairs.
    pcall(f [, arg1, ...]) | Calls a function; gives true and its results, or false and the error.
    print(...) | Writes its arguments as text, with tabs between them.
    rawequal(v1, v2) | Whether two values are the same, without metamethods.
    rawget(table, index) | Reads a field without metamethods.
    rawlen(v) | The length of a table or string without metamethods.
    rawset(table, index, value) | Sets a field without metamethods, and gives the table back.
    require(modname) | Loads a module once, and gives what it returned.
    select(index, ...) | The arguments from a position on; "#" counts them.
    setmetatable(table, metatable) | Sets a table's metatable, and gives the table back.
    tonumber(e [, base]) | A number of a text, in a base of 2 to 36; nil where it is none.
    tostring(v) | A value as text; asks __tostring.
    type(v) | The type of a value as a text: "nil", "number", "table", "userdata" and so on.
    warn(msg1, ...) | Emits a warning; "@on" and "@off" switch them.
    xpcall(f, msgh [, arg1, ...]) | Calls a function as pcall does, with a function that handles the error where it arises.
    _G | The table of the global variables.
    _VERSION | The version of Lua as a text.
    """)

  private static let coroutine = LuaLibrary(
    "coroutine", "6.2", "Functions that can stop and go on.",
    """
    coroutine.close(co) | Ends a coroutine that does not run, closing its pending variables.
    coroutine.create(f) | Makes a coroutine of a function, not yet started.
    coroutine.isyieldable([co]) | Whether a coroutine can stop here.
    coroutine.resume(co [, val1, ...]) | Starts or continues a coroutine; gives true and what it yields or returns, or false and the error.
    coroutine.running() | The coroutine that runs, and whether it is the main one.
    coroutine.status(co) | "running", "suspended", "normal" or "dead".
    coroutine.wrap(f) | A function that continues a coroutine at each call, and raises its errors.
    coroutine.yield(...) | Stops the coroutine; the arguments are what resume gives.
    """)

  private static let package = LuaLibrary(
    "package", "6.3", "Where require finds modules.",
    """
    package.config | What paths are made of: separators and marks, a line each.
    package.cpath | Where require looks for modules written in C.
    package.loaded | The modules that are loaded, by name.
    package.loadlib(libname, funcname) | Links a C library and takes a function of it.
    package.path | Where require looks for modules written in Lua.
    package.preload | Functions that load modules of given names.
    package.searchers | The functions by which require looks for a module, in order.
    package.searchpath(name, path [, sep [, rep]]) | The first file of a path of patterns that can be read.
    """)

  private static let string = LuaLibrary(
    "string", "6.4", "Texts; s:upper() is string.upper(s). Positions count from 1, negative ones from the end.",
    """
    string.byte(s [, i [, j]]) | The numbers of the bytes from i to j.
    string.char(...) | The text of bytes given by their numbers.
    string.dump(function [, strip]) | A function as bytecode, which load reads.
    string.find(s, pattern [, init [, plain]]) | Where a pattern first matches: start, end and captures; nil where nowhere.
    string.format(formatstring, ...) | A text of values, by %d, %g, %s, %q and their like, as C's printf has them.
    string.gmatch(s, pattern [, init]) | Walks all matches of a pattern, for use in a for loop.
    string.gsub(s, pattern, repl [, n]) | Replaces matches, by a text, a table or a function; also gives how many.
    string.len(s) | How many bytes a text has.
    string.lower(s) | The text in small letters.
    string.match(s, pattern [, init]) | What a pattern captures where it first matches, or the whole match; nil where nowhere.
    string.pack(fmt, v1, v2, ...) | Values as bytes, by a format.
    string.packsize(fmt) | How many bytes a format of fixed sizes makes.
    string.rep(s, n [, sep]) | The text n times, with sep between.
    string.reverse(s) | The bytes in reverse order.
    string.sub(s, i [, j]) | The part from i to j.
    string.unpack(fmt, s [, pos]) | The values that bytes hold, by a format, and the position behind them.
    string.upper(s) | The text in capitals.
    """)

  private static let utf8 = LuaLibrary(
    "utf8", "6.5", "Texts in UTF-8, by their code points.",
    """
    utf8.char(...) | The text of code points given by their numbers.
    utf8.charpattern | The pattern that matches one character of valid UTF-8.
    utf8.codepoint(s [, i [, j [, lax]]]) | The code points of the characters that begin between i and j.
    utf8.codes(s [, lax]) | Walks positions and code points, for use in a for loop.
    utf8.len(s [, i [, j [, lax]]]) | How many characters there are; nil and a position where the bytes are no UTF-8.
    utf8.offset(s, n [, i]) | The byte at which the n-th character begins.
    """)

  private static let table = LuaLibrary(
    "table", "6.6", "Tables as sequences 1, 2, ..., n.",
    """
    table.concat(list [, sep [, i [, j]]]) | Joins texts and numbers to one text.
    table.insert(list, [pos,] value) | Puts a value at the end, or at a position, moving the others up.
    table.move(a1, f, e, t [, a2]) | Copies a1[f] to a1[e] to t and on, in a1 or in a2.
    table.pack(...) | A table of the arguments, their number in the field n.
    table.remove(list [, pos]) | Takes the last value out, or that at a position, moving the others down.
    table.sort(list [, comp]) | Sorts in place, by < or by a function that says whether a comes before b.
    table.unpack(list [, i [, j]]) | The values of a table, one by one.
    """)

  private static let math = LuaLibrary(
    "math", "6.7", "Numbers: integers of 64 bits and floats of double precision.",
    """
    math.abs(x) | The size of a number.
    math.acos(x) | The arc cosine, in radians.
    math.asin(x) | The arc sine, in radians.
    math.atan(y [, x]) | The arc tangent of y/x, in radians, in the right quadrant.
    math.ceil(x) | The smallest whole number not below x.
    math.cos(x) | The cosine of an angle in radians.
    math.deg(x) | Radians as degrees.
    math.exp(x) | e to the power of x.
    math.floor(x) | The largest whole number not above x.
    math.fmod(x, y) | The remainder of x/y, rounded towards zero.
    math.huge | Infinity.
    math.log(x [, base]) | The natural logarithm, or that to a base.
    math.max(x, ...) | The largest of the arguments.
    math.maxinteger | The largest integer, 2^63 - 1.
    math.min(x, ...) | The smallest of the arguments.
    math.mininteger | The smallest integer, -2^63.
    math.modf(x) | The whole part and the fraction.
    math.pi | The ratio of a circle's circumference to its diameter.
    math.rad(x) | Degrees as radians.
    math.random([m [, n]]) | A random number from 0 to 1, or an integer from 1 to m or m to n; sonde.rand has its own generator.
    math.randomseed([x [, y]]) | Seeds math.random; sonde.seed seeds Sonde's own.
    math.sin(x) | The sine of an angle in radians.
    math.sqrt(x) | The square root.
    math.tan(x) | The tangent of an angle in radians.
    math.tointeger(x) | The integer of the same value, or nil.
    math.type(x) | "integer", "float", or nil for what is no number.
    math.ult(m, n) | Whether m is below n, both taken as unsigned.
    math.atan2(y, x) | The arc tangent of y/x; of Lua 5.2, not in every build: math.atan(y, x).
    math.cosh(x) | The hyperbolic cosine; of Lua 5.3, not in every build.
    math.frexp(x) | A fraction and the power of two it is multiplied by; of Lua 5.3, not in every build.
    math.ldexp(m, e) | m times 2 to the power of e; of Lua 5.3, not in every build.
    math.log10(x) | The logarithm of base 10; of Lua 5.3, not in every build: math.log(x, 10).
    math.pow(x, y) | The power; of Lua 5.3, not in every build: x ^ y.
    math.sinh(x) | The hyperbolic sine; of Lua 5.3, not in every build.
    math.tanh(x) | The hyperbolic tangent; of Lua 5.3, not in every build.
    """)

  private static let io = LuaLibrary(
    "io", "6.8", "Files, standard input and output.",
    """
    io.close([file]) | Closes a file, or the default output.
    io.flush() | Writes out what waits for the default output.
    io.input([file]) | Sets or tells the default input.
    io.lines([filename, ...]) | Walks the lines of a file, and closes it at the end.
    io.open(filename [, mode]) | Opens a file: "r", "w", "a", with + or b; nil and a message where it can't.
    io.output([file]) | Sets or tells the default output.
    io.popen(prog [, mode]) | Starts a program and reads what it writes, or writes to it.
    io.read(...) | Reads from the default input: "l" a line, "n" a number, "a" all, or so many bytes.
    io.stderr | Standard error, an open file.
    io.stdin | Standard input, an open file.
    io.stdout | Standard output, an open file.
    io.tmpfile() | A new file that goes when the program ends.
    io.type(obj) | "file", "closed file", or nil for what is no file.
    io.write(...) | Writes texts and numbers to the default output.
    """)

  private static let file = LuaLibrary(
    "file", "6.8", "An open file, from io.open and its like.",
    """
    file:close() | Closes the file.
    file:flush() | Writes out what waits.
    file:lines(...) | Walks the lines, or what the formats say; the file stays open.
    file:read(...) | Reads: "l" a line, "n" a number, "a" all, or so many bytes; nil at the end.
    file:seek([whence [, offset]]) | Sets and tells the position: from "set", "cur" or "end".
    file:setvbuf(mode [, size]) | Sets how writing is gathered: "no", "full" or "line".
    file:write(...) | Writes texts and numbers, and gives the file back.
    """)

  private static let os = LuaLibrary(
    "os", "6.9", "Time, files and processes of the operating system.",
    """
    os.clock() | The processor time that the program has taken, in seconds; sonde.time tells the time that passes.
    os.date([format [, time]]) | Date and time as a text, or as a table for "*t".
    os.difftime(t2, t1) | The seconds from t1 to t2.
    os.execute([command]) | Runs a command of the shell: whether it went well, "exit" or "signal", and the number.
    os.exit([code [, close]]) | Ends the program.
    os.getenv(varname) | An environment variable, nil where it is not set.
    os.remove(filename) | Deletes a file or an empty directory.
    os.rename(oldname, newname) | Gives a file another name.
    os.setlocale(locale [, category]) | Sets or tells the locale.
    os.time([table]) | The seconds since 1970, now or of a date in a table.
    os.tmpname() | A name that a temporary file can have.
    """)

  private static let debug = LuaLibrary(
    "debug", "6.10", "A look into running functions; it can break what others rely on.",
    """
    debug.debug() | Reads and runs lines until one is "cont".
    debug.gethook([thread]) | The hook of a thread, its mask and its count.
    debug.getinfo([thread,] f [, what]) | A table about a function or a level of the stack.
    debug.getlocal([thread,] f, local) | The name and value of a local variable of a level, or of a function's parameter.
    debug.getmetatable(value) | The metatable of a value, whatever __metatable says.
    debug.getregistry() | The table in which C keeps values.
    debug.getupvalue(f, up) | The name and value of what a function captures.
    debug.getuservalue(u, n) | The n-th value that belongs to a userdata.
    debug.setcstacklimit(limit) | Does nothing any more; it is kept for programs of Lua 5.4.0 to 5.4.2.
    debug.sethook([thread,] hook, mask [, count]) | Has a function called at calls, returns, lines or counts.
    debug.setlocal([thread,] level, local, value) | Sets a local variable of a level of the stack.
    debug.setmetatable(value, table) | Sets the metatable of any value.
    debug.setupvalue(f, up, value) | Sets what a function captures.
    debug.setuservalue(udata, value, n) | Sets the n-th value that belongs to a userdata.
    debug.traceback([thread,] [message [, level]]) | The stack of calls as a text.
    debug.upvalueid(f, n) | What tells whether two functions capture the same variable.
    debug.upvaluejoin(f1, n1, f2, n2) | Has a function capture the variable of another.
    """)

  /// Keywords and operators, by how they are written.
  static let words: [LuaName] =
    LuaLibrary.names(keywords, "3.3", areWords: true) + LuaLibrary.names(operators, "3.4", areWords: true)
    + [
      LuaName(signature: "|", summary: "The bits that one of two integers has, or both.", section: "3.4", isWord: true)
    ]

  private static let keywords = """
    and | Gives its first operand if that is false or nil, else the second, which is looked at only then.
    break | Leaves the innermost loop.
    do | Begins a block: do ... end; also the body of while and for.
    else | Begins what is done where no condition of an if holds.
    elseif | Another condition of an if: elseif condition then.
    end | Ends a block, a function, an if or a loop.
    false | The boolean false; with nil the only values that conditions take for false.
    for | Loops: for i = first, last, step do ... end; for k, v in pairs(t) do ... end.
    function | Makes a function: function name(a, b) ... end; function(a) ... end; function t:method() ... end.
    goto | Jumps to a label ::name:: in the same function.
    if | Chooses: if condition then ... elseif ... then ... else ... end.
    in | Stands in a for between the variables and the iterator.
    local | Makes a variable of the block; at the prompt it stays for the next lines. local x <close> closes it at the end of its block.
    nil | The value of what is not there.
    not | The opposite of a condition: true for false and nil.
    or | Gives its first operand if that is neither false nor nil, else the second, which is looked at only then.
    repeat | Loops until a condition holds: repeat ... until condition.
    return | Ends a function and gives its results.
    then | Begins what an if does.
    true | The boolean true.
    until | Ends a repeat; the loop ends where the condition holds.
    while | Loops as long as a condition holds: while condition do ... end.
    """

  private static let operators = """
    + | Adds; of tensors element by element, shapes broadcast.
    - | Subtracts, or changes the sign; of tensors element by element.
    * | Multiplies; of tensors element by element, t:matmul(u) is the matrix product.
    / | Divides, always to a float.
    // | Divides and rounds down to a whole number.
    % | The remainder of a division that rounds down: it has the sign of the divisor.
    ^ | The power, always a float.
    # | The length of a text, a sequence, a tensor (its first extent) or a network (its rows).
    .. | Joins two texts or numbers.
    == | Whether two values are equal; between a tensor and a number it is always false, t:eq(x) makes a mask.
    ~= | Whether two values differ.
    < | Whether one number or text comes before another; also of one-element tensors. t:lt(x) makes a mask.
    <= | Less or equal.
    > | Whether one number or text comes behind another; also of one-element tensors. t:gt(x) makes a mask.
    >= | Greater or equal.
    & | The bits that both integers have.
    ~ | The bits that one of two integers has, not both; before one integer, all its bits turned.
    << | Moves the bits of an integer to the left.
    >> | Moves the bits of an integer to the right, filling with zeros.
    ... | In a function, its further arguments: function(a, ...) local n = select("#", ...) end.
    : | Calls a method: t:sum() is t.sum(t).
    = | Assigns: a, b = b, a. At the prompt a line that begins with it shows a value.
    -- | A comment up to the end of the line; --[[ ... ]] over several.
    :: | Stands around a label of goto.
    [[ | Begins a text over several lines, up to ]].
    """
}
