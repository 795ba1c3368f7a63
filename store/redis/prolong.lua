-- Prolongs the lease under KEYS[1] to ARGV[2] ms from now if the owner ARGV[1] still
-- has it. One that has run out, or was ended by the write of the token a moment ago, is
-- not taken again: nobody would give it back.
if redis.pcall('GETRANGE', KEYS[1], 0, 64) == ARGV[1] then
  return redis.call('PEXPIRE', KEYS[1], ARGV[2])
end
return 0
