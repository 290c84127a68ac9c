/// The functions at the beginning of a session's script that do what the prompt does around the chunks.
enum ScriptPrelude {
  /// What shows results and keeps them.
  static func show(_ names: SessionScript.Names) -> String {
    """
    -- The prompt keeps the first result of an expression in _, those before it in _1 and _2; \(names.show) prints the results too.
    local \(names.keep), \(names.show)
    do
      local globals, select, rawget, rawset, type, pcall = _G, select, rawget, rawset, type, pcall
      local pack, unpack, inspect = table.pack, table.unpack, sonde.inspect
      function \(names.keep)(...)
        if select("#", ...) == 0 then return end
        rawset(globals, "_2", rawget(globals, "_1"))
        rawset(globals, "_1", rawget(globals, "_"))
        rawset(globals, "_", (...))
        return ...
      end
      function \(names.show)(...)
        local values = pack(\(names.keep)(...))
        if values.n == 0 then return end
        for i = 1, values.n do
          if type(values[i]) == "table" then values[i] = inspect(values[i]) end
        end
        pcall(function() globals.print(unpack(values, 1, values.n)) end)
      end
    end
    """
  }

  /// What goes on after an error and answers the locals of the function that it ended.
  static func attempt(_ names: SessionScript.Names) -> String {
    """
    -- What raised an error at the prompt raises it here and ends there; the locals it had come to are kept.
    local \(names.attempt)
    do
      local xpcall, getinfo, getlocal = xpcall, debug.getinfo, debug.getlocal
      function \(names.attempt)(chunk)
        local locals = {}
        xpcall(chunk, function()
          local level = 2
          local frame = getinfo(level, "f")
          while frame and frame.func ~= chunk do
            level = level + 1
            frame = getinfo(level, "f")
          end
          local index = 1
          local name, value
          if frame then name, value = getlocal(level, index) end
          while name do
            locals[name] = value
            index = index + 1
            name, value = getlocal(level, index)
          end
        end)
        return locals
      end
    end
    """
  }

  /// What gives a function the variables of another's names.
  static func share(_ names: SessionScript.Names) -> String {
    """
    -- What follows a chunk that returned early has that chunk's own locals, as its functions have: \(names.share) joins them.
    local \(names.share)
    do
      local getupvalue, upvaluejoin = debug.getupvalue, debug.upvaluejoin
      function \(names.share)(kept, rest)
        local numbers = {}
        local number = 1
        local name = getupvalue(kept, number)
        while name do
          numbers[name] = number
          number = number + 1
          name = getupvalue(kept, number)
        end
        number = 1
        name = getupvalue(rest, number)
        while name do
          if numbers[name] then upvaluejoin(rest, number, kept, numbers[name]) end
          number = number + 1
          name = getupvalue(rest, number)
        end
        return rest
      end
    end
    """
  }
}
