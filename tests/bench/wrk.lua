-- Sends a template once for every line of a file, with the line's two words in place of <id> and <proof>.

local parts, lines = {}, nil

function init(arguments)
  local file = io.open(arguments[1], "rb")
  local rest = 1
  local template = file:read("*a")
  file:close()
  for literal, name, after in template:gmatch("(.-)<(%l+)>()") do
    parts[#parts + 1] = literal
    parts[#parts + 1] = name
    rest = after
  end
  parts[#parts + 1] = template:sub(rest)
  lines = io.lines(arguments[2])
end

local filled = {}

function request()
  local line = lines and lines()
  if not line then
    -- Each id goes out once: without one there is nothing more to measure.
    lines = nil
    wrk.thread:stop()
    return table.concat(filled)
  end
  local id, proof = line:match("^(%S+) ?(.*)$")
  for number = 1, #parts, 2 do
    filled[number] = parts[number]
  end
  for number = 2, #parts, 2 do
    filled[number] = parts[number] == "id" and id or proof
  end
  return table.concat(filled)
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '{"requests": %d, "seconds": %f, "refused": %d, "broken": %d, "p50": %f, "p99": %f}\n',
    summary.requests, summary.duration / 1e6, errors.status,
    errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3))
end
