-- Returns the values of fields of a hash, false for one that is missing or longer than any
-- of ours: whoever can write to it may have put anything there. What is too long is not
-- even read if the user may ask for the length, which is not tried in vain where the server
-- can tell (since Redis 7): it logs each denial.
local function fields(key, longest, ...)
  local names, short, values = {...}, {}, {}
  local known, allowed = true, true
  if redis.acl_check_cmd then
    known, allowed = pcall(redis.acl_check_cmd, 'HSTRLEN', key, names[1])
  end
  for i, name in ipairs(names) do
    values[i] = false
    local length = known and allowed and redis.pcall('HSTRLEN', key, name)
    if type(length) ~= 'number' or length <= longest then
      short[#short + 1] = {at = i, name = name}
    end
  end
  names = {}
  for i, one in ipairs(short) do
    names[i] = one.name
  end
  local met = #names > 0 and redis.pcall('HMGET', key, unpack(names)) or {}
  for i, one in ipairs(short) do -- after an error there are none
    values[one.at] = met[i] and #met[i] <= longest and met[i]
  end
  return values
end

-- A digest is as long as that, a number shorter.
local function metadata(key)
  return fields(key, 64, 'token', 'identity', 'shift_ms', 'issued_ms')
end

