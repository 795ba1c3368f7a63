-- Tells how things stand with the token under KEYS[1] (metadata KEYS[2]), and gives
-- the lease under KEYS[3] to the caller if nothing else is the answer. KEYS[4] is what
-- a holder met, KEYS[5] which credentials were refused (by refusals.lua and fields.lua,
-- which come before this).
--
-- Returns {'token', value, PTTL, metadata}, {'failed', PTTL, message},
-- {'refused', PTTL, message}, {'held', holder, PTTL} or {'yours', what is wrong with
-- the token}.
--
-- ARGV: 1 longest token in bytes, 2 token that will not do ("" for none), 3 new
-- owner, 4 TTL of the lease in ms, 5 holder waited for ("" for none), 6 credentials
-- ("" for none), 7 "1" to be told of no failure, 8 "1" to be told of the holder's outage,
-- 9 "1" to take the place of the holder waited for; then what is believed of these keys,
-- as whoever can write to them may have put anything there: 10 longest lease and
-- 11 longest pause in ms, 12 longest message in bytes, 13 the caller's time, as ms since 1970.
local max = tonumber(ARGV[1])
local value = redis.pcall('GETRANGE', KEYS[1], 0, max)
if type(value) == 'table' and not string.find(value.err, 'WRONGTYPE', 1, true) then
  return value
end
local ttl = redis.call('PTTL', KEYS[1])
local reason = ''
if type(value) == 'table' then
  reason = 'wrong type'
elseif ttl == -2 then
  reason = '' -- nothing is there
elseif #value == 0 then
  reason = 'empty'
elseif ttl == -1 then
  reason = 'no TTL'
elseif ttl <= 0 then
  reason = 'ended'
elseif #value > max then
  reason = 'too long'
elseif string.find(value, '[^!-~]') then
  reason = 'bad bytes'
elseif value ~= ARGV[2] then
  return {'token', value, ttl, metadata(KEYS[2])}
end

-- A TTL that we do not set was set by somebody else, and would hold everybody up.
local function left(key, most)
  local ms = redis.call('PTTL', key)
  return ms <= tonumber(most) and ms or -1
end

if ARGV[6] ~= '' and ARGV[7] ~= '1' then
  for _, one in ipairs(refusals(KEYS[5], ARGV[13], tonumber(ARGV[11]), tonumber(ARGV[12]))) do
    if one[1] == ARGV[6] then
      return {'refused', one[3], one[4]}
    end
  end
  if ARGV[8] == '1' and ARGV[5] ~= '' then
    local met = fields(KEYS[4], 128 * ARGV[12], 'holder', 'credentials', 'kind', 'message')
    local pause = left(KEYS[4], ARGV[11])
    if pause > 0 and met[1] == ARGV[5] and met[2] == ARGV[6] and met[3] == 'outage' and met[4] then
      return {'failed', pause, string.sub(met[4], 1, ARGV[12])}
    end
  end
end

-- What is no lease of ours (another type, another form of owner, no TTL or one that is
-- too long) is replaced: nobody would give it back.
local holder = redis.pcall('GETRANGE', KEYS[3], 0, 64)
local ms = left(KEYS[3], ARGV[10])
if type(holder) == 'string' and #holder >= 26 and #holder <= 64 and not string.find(holder, '[^A-Z2-7]') and ms > 0
  and not (ARGV[9] == '1' and holder == ARGV[5]) then
  return {'held', holder, ms}
end
redis.call('SET', KEYS[3], ARGV[3], 'PX', ARGV[4])
if ARGV[7] == '1' and ARGV[6] ~= '' then
  -- the fetch that follows will tell
  refuse(KEYS[5], refusals(KEYS[5], ARGV[13], tonumber(ARGV[11]), tonumber(ARGV[12])), ARGV[6])
end
return {'yours', reason}
