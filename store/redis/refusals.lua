-- Refused credentials are all under one key, a line for each, the newest first: their
-- digest, when the gateway refused them (ms since 1970), for how many ms after the last
-- write of this key that holds, and the words. The key lasts as long as the longest of
-- them: what is gone of that is gone of each, and no clock is asked for it. What is
-- anything else was put there by somebody else, and counts as nothing.
local most = 16

-- Returns those that still hold at the time now, of which none is believed that was, or
-- holds, further from it than longest; clocks of two machines may differ by less.
local function refusals(key, now, longest, message)
  local size = most * (message + 96)
  local value, ttl = redis.pcall('GETRANGE', key, 0, size), redis.call('PTTL', key)
  local all, whole = {}, 0
  if type(value) ~= 'string' or #value > size then
    return all
  end
  for line in string.gmatch(value, '[^\n]+') do
    local digest, at, ms, why = string.match(line, '^(%x+) (%d+) (%d+) (.+)$')
    if digest then
      whole = math.max(whole, tonumber(ms))
      all[#all + 1] = {digest, at, tonumber(ms), string.sub(why, 1, message)}
    end
  end
  local held = {}
  if ttl <= whole and whole <= longest then -- else it is not we who set its TTL
    for _, one in ipairs(all) do
      one[3] = one[3] - (whole - ttl)
      if one[3] > 0 and math.abs(now - one[2]) <= longest and #held < most then
        held[#held + 1] = one
      end
    end
  end
  return held
end

-- Replaces the refusal of these credentials by another one, or by none, and drops what is
-- over.
local function refuse(key, all, credentials, new)
  local lines, whole = {}, 0
  table.insert(all, 1, new or false)
  for _, one in ipairs(all) do
    if one and (one == new or one[1] ~= credentials) and #lines < most then
      whole = math.max(whole, one[3])
      lines[#lines + 1] = string.format('%s %s %.0f %s\n', one[1], one[2], one[3], one[4])
    end
  end
  if #lines > 0 then
    redis.call('SET', key, table.concat(lines), 'PX', string.format('%.0f', whole))
  else
    redis.call('DEL', key)
  end
end
