-- Puts a token under KEYS[1] and its metadata under KEYS[2], unless a usable token
-- other than the expected one is there. A tombstone of it under KEYS[3] is removed, or
-- keeps it out if ARGV[12] says that the token is only written back; KEYS[2] in its place
-- is for none. Says when it was issued under KEYS[4], if ARGV[8] does. Ends the lease under
-- the last of KEYS, if ARGV[7] has it: whoever waits looks now. Returns an empty array if the
-- new token stands, {'deleted'} if its tombstone kept it out, else {value, PTTL, metadata} of
-- the one that stands. What most swaps do not need (closures, too) is not made for them.
--
-- ARGV: 1 longest token in bytes, 2 expected token ("" for none), 3 digest of it (""
-- without 4), 4 own identity ("" if it is not checked), 5 new token, 6 its TTL in ms (0: do
-- not write), 7 owner of the lease ("" for none), 8 when it was issued ("" for nothing to
-- say), 9 to 11 metadata beside the identity, 12 "1" to write back.
local max = tonumber(ARGV[1])
local value = redis.pcall('GETRANGE', KEYS[1], 0, max)
local stays = false
if type(value) == 'table' then
  if not string.find(value.err, 'WRONGTYPE', 1, true) then
    return value
  end
elseif #value > 0 and #value <= max then
  -- fields and metadata are of fields.lua, which comes before this. A token that is the
  -- expected one stays only if it is another identity's.
  if value ~= ARGV[2] then
    stays = not string.find(value, '[^!-~]')
  elseif ARGV[4] ~= '' then
    local identity = fields(KEYS[2], 64, 'identity')[1]
    stays = identity and identity ~= '' and identity ~= ARGV[4] and fields(KEYS[2], 64, 'token')[1] == ARGV[3]
  end
end

local reply = {}
local ttl = stays and redis.call('PTTL', KEYS[1]) or 0
if ttl > 0 then
  reply = {value, ttl, metadata(KEYS[2])}
else
  if ARGV[12] == '1' and KEYS[3] ~= KEYS[2] then
    local buried = redis.pcall('GETRANGE', KEYS[3], 0, 0)
    if type(buried) == 'table' then
      buried = string.find(buried.err, 'WRONGTYPE', 1, true) and 'x' or ''
    end
    if buried ~= '' then
      return {'deleted'}
    end
  end
  if tonumber(ARGV[6]) > 0 then
    -- SET comes first: after any write, a DEL too, Redis no longer checks for memory.
    redis.call('SET', KEYS[1], ARGV[5], 'PX', ARGV[6])
    redis.call('DEL', KEYS[2], KEYS[3])
    redis.call('HSET', KEYS[2], 'token', ARGV[9], 'identity', ARGV[4], 'shift_ms', ARGV[10], 'issued_ms', ARGV[11])
    redis.call('PEXPIRE', KEYS[2], ARGV[6])
    if ARGV[8] ~= '' then
      redis.call('SET', KEYS[4], ARGV[8], 'PX', ARGV[6])
    end
  end
end
if ARGV[7] ~= '' and redis.pcall('GETRANGE', KEYS[#KEYS], 0, 64) == ARGV[7] then
  redis.call('DEL', KEYS[#KEYS])
end
return reply
