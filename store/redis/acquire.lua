-- Tells how things stand with the token under KEYS[1] (companion KEYS[2]), and gives
-- the lease under KEYS[3] to the caller if nothing else is the answer. KEYS[4] is what
-- a holder met, KEYS[5] the refusal of some credentials.
--
-- Returns {'token', value, PTTL, companion}, {'failed', PTTL, kind, message},
-- {'refused', PTTL}, {'held', holder, PTTL} or {'yours', what is wrong with the token}.
--
-- ARGV: 1 longest token in bytes, 2 token that will not do ("" for none), 3 new
-- owner, 4 TTL of the lease in ms, 5 holder waited for ("" for none), 6 credentials
-- ("" for none), 7 "1" to be told of no failure.
local max = tonumber(ARGV[1])
local value = redis.pcall('GETRANGE', KEYS[1], 0, max)
if type(value) == 'table' and not string.find(value.err, 'WRONGTYPE', 1, true) then
  return value
end
local ttl = redis.call('PTTL', KEYS[1])
local flaw = ''
if type(value) == 'table' then
  flaw = 'wrong type'
elseif ttl == -2 then
  flaw = '' -- nothing is there
elseif #value == 0 then
  flaw = 'empty'
elseif ttl == -1 then
  flaw = 'no TTL'
elseif ttl <= 0 then
  flaw = 'ended'
elseif #value > max then
  flaw = 'too long'
elseif string.find(value, '[^!-~]') then
  flaw = 'bad bytes'
elseif value ~= ARGV[2] then
  local meta = redis.pcall('HMGET', KEYS[2], 'token', 'identity', 'shift_ms', 'issued_ms')
  return {'token', value, ttl, meta.err and {} or meta}
end

if ARGV[6] ~= '' and ARGV[7] ~= '1' then
  if ARGV[5] ~= '' then
    local met = redis.pcall('HMGET', KEYS[4], 'holder', 'credentials', 'kind', 'message')
    local left = redis.call('PTTL', KEYS[4])
    if not met.err and left > 0 and met[1] == ARGV[5] and met[2] == ARGV[6] and met[3] and met[4] then
      return {'failed', left, met[3], met[4]}
    end
  end
  local left = redis.call('PTTL', KEYS[5])
  if left > 0 and redis.pcall('GET', KEYS[5]) == ARGV[6] then
    return {'refused', left}
  end
end

-- What is no lease (another type, no TTL) is replaced: nobody would give it back.
local holder = redis.pcall('GETRANGE', KEYS[3], 0, 127)
local left = redis.call('PTTL', KEYS[3])
if type(holder) == 'string' and holder ~= '' and left > 0 then
  return {'held', holder, left}
end
redis.call('SET', KEYS[3], ARGV[3], 'PX', ARGV[4])
if ARGV[7] == '1' and ARGV[6] ~= '' and redis.pcall('GET', KEYS[5]) == ARGV[6] then
  redis.call('DEL', KEYS[5]) -- the fetch that follows will tell
end
return {'yours', flaw}
