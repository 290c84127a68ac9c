-- Fields of tables and floating-point numbers: five bodies under gravity.
local solar_mass = 4 * math.pi ^ 2
local days = 365.24

local function body(x, y, z, vx, vy, vz, mass)
  return {x = x, y = y, z = z, vx = vx * days, vy = vy * days, vz = vz * days, mass = mass * solar_mass}
end

local bodies = {
  body(0, 0, 0, 0, 0, 0, 1),
  body(4.84, -1.16, -0.104, 1.66e-3, 7.70e-3, -6.90e-5, 9.55e-4),
  body(8.34, 4.12, -0.404, -2.77e-3, 4.99e-3, 2.30e-5, 2.86e-4),
  body(12.9, -15.1, -0.223, 2.96e-3, 2.38e-3, -2.96e-5, 4.37e-5),
  body(15.4, -25.9, 0.179, 2.68e-3, 1.63e-3, -9.52e-5, 5.15e-5),
}

local function attract(a, b, step)
  local dx, dy, dz = a.x - b.x, a.y - b.y, a.z - b.z
  local squared = dx * dx + dy * dy + dz * dz
  local strength = step / (squared * squared ^ 0.5)
  a.vx, a.vy, a.vz = a.vx - dx * b.mass * strength, a.vy - dy * b.mass * strength, a.vz - dz * b.mass * strength
  b.vx, b.vy, b.vz = b.vx + dx * a.mass * strength, b.vy + dy * a.mass * strength, b.vz + dz * a.mass * strength
end

for _ = 1, 40000 do
  for i = 1, #bodies do
    for j = i + 1, #bodies do attract(bodies[i], bodies[j], 0.01) end
  end
  for _, b in ipairs(bodies) do
    b.x, b.y, b.z = b.x + 0.01 * b.vx, b.y + 0.01 * b.vy, b.z + 0.01 * b.vz
  end
end

return string.format("%.6f", bodies[1].x)
