-- Gives the lease under KEYS[1] back if the owner ARGV[1] still has it.
if redis.pcall('GET', KEYS[1]) == ARGV[1] then
  return redis.call('DEL', KEYS[1])
end
return 0
