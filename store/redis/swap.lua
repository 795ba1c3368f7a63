-- Puts a token under KEYS[1] and its metadata under KEYS[2], unless a usable token
-- other than the expected one is there. A tombstone of it under KEYS[3] is removed, or
-- keeps it out if ARGV[13] says that the token is only written back; KEYS[2] in its place
-- is for none. Says when it was
-- issued under KEYS[4], if ARGV[8] does. Ends the lease under the last of KEYS, if
-- ARGV[7] has it: whoever waits looks now. Returns an empty array if the new token
-- stands, {'deleted'} if its tombstone kept it out, else {value, PTTL, metadata} of the
-- one that stands.
--
-- ARGV: 1 longest token in bytes, 2 expected token ("" for none), 3 digest of it,
-- 4 own identity, 5 new token, 6 its TTL in ms (0: do not write), 7 owner of the lease
-- ("" for none), 8 when it was issued ("" for nothing to say), 9 to 12 metadata,
-- 13 "1" to write back.
local function done(reply)
  if ARGV[7] ~= '' and redis.pcall('GETRANGE', KEYS[#KEYS], 0, 64) == ARGV[7] then
    redis.call('DEL', KEYS[#KEYS])
  end
  return reply
end

local max = tonumber(ARGV[1])
local value = redis.pcall('GETRANGE', KEYS[1], 0, max)
if type(value) == 'table' and not string.find(value.err, 'WRONGTYPE', 1, true) then
  return value
end
local ttl = redis.call('PTTL', KEYS[1])
if type(value) == 'string' and #value > 0 and #value <= max and ttl > 0 and not string.find(value, '[^!-~]') then
  local meta = metadata(KEYS[2]) -- of fields.lua, which comes before this
  local owner = meta[1] == ARGV[3] and meta[2] or ''
  local foreign = owner ~= '' and ARGV[4] ~= '' and owner ~= ARGV[4]
  if value ~= ARGV[2] or foreign then
    return done({value, ttl, meta})
  end
end
local buried = KEYS[3] ~= KEYS[2] and redis.pcall('GETRANGE', KEYS[3], 0, 0)
if type(buried) == 'table' then
  buried = buried.err and string.find(buried.err, 'WRONGTYPE', 1, true) and 'x'
end
buried = buried and buried ~= ''
if buried and ARGV[13] == '1' then
  return {'deleted'}
end
if tonumber(ARGV[6]) > 0 then
  -- SET comes first: after any write, a DEL too, Redis no longer checks for memory.
  redis.call('SET', KEYS[1], ARGV[5], 'PX', ARGV[6])
  redis.call('DEL', KEYS[2])
  if buried then
    redis.call('DEL', KEYS[3])
  end
  redis.call('HSET', KEYS[2], 'token', ARGV[9], 'identity', ARGV[10], 'shift_ms', ARGV[11], 'issued_ms', ARGV[12])
  redis.call('PEXPIRE', KEYS[2], ARGV[6])
  if ARGV[8] ~= '' then
    redis.call('SET', KEYS[4], ARGV[8], 'PX', ARGV[6])
  end
end
return done({})
