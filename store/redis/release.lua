-- Gives the lease under KEYS[1] back if the owner ARGV[1] still has it, and leaves
-- what the owner met: for those who wait for it under KEYS[2], and, if its credentials
-- were refused, under KEYS[3] (by refusals.lua, which comes before this).
--
-- ARGV: 1 owner, 2 pause in ms (0: all went well), 3 credentials, 4 kind, 5 message,
-- 6 the time, as ms since 1970, 7 longest pause in ms, 8 longest message in bytes.
local mine = redis.pcall('GETRANGE', KEYS[1], 0, 64) == ARGV[1]
if tonumber(ARGV[2]) > 0 and ARGV[3] ~= '' then
  if ARGV[4] == 'refused' then
    refuse(KEYS[3], refusals(KEYS[3], ARGV[6], tonumber(ARGV[7]), tonumber(ARGV[8])), ARGV[3],
      {ARGV[3], ARGV[6], tonumber(ARGV[2]), ARGV[5]})
  end
  if mine then
    redis.call('DEL', KEYS[2])
    redis.call('HSET', KEYS[2], 'holder', ARGV[1], 'credentials', ARGV[3], 'kind', ARGV[4], 'message', ARGV[5])
    redis.call('PEXPIRE', KEYS[2], ARGV[2])
  end
end
if mine then
  redis.call('DEL', KEYS[1])
end
return 0
