-- Takes the lease under KEYS[1] for an owner, or prolongs it if the owner has it.
-- Returns 1 if the owner has it now, else 0. What is no lease (another type, no
-- TTL) is replaced: nobody would ever give it back.
--
-- ARGV: 1 owner, 2 TTL in ms.
local holder = redis.pcall('GET', KEYS[1])
if type(holder) == 'string' and holder ~= ARGV[1] and redis.call('PTTL', KEYS[1]) > 0 then
  return 0
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
