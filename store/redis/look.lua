-- Reads the token under KEYS[1] with its TTL, and the companion under KEYS[2].
--
-- ARGV: 1 longest token in bytes, then the fields of the companion.
local value = redis.pcall('GETRANGE', KEYS[1], 0, ARGV[1])
if type(value) == 'table' then
  return value
end
local fields = redis.pcall('HMGET', KEYS[2], unpack(ARGV, 2))
if fields.err then
  fields = {}
end
return {value, redis.call('PTTL', KEYS[1]), fields}
