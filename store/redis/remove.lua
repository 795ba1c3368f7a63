-- Deletes the token under KEYS[1] and its companion under KEYS[2] if the token is
-- the expected one. Returns how many keys went.
--
-- ARGV: 1 longest token in bytes, 2 expected token.
local value = redis.pcall('GETRANGE', KEYS[1], 0, ARGV[1])
if type(value) == 'table' and not string.find(value.err, 'WRONGTYPE', 1, true) then
  return value
end
if value == ARGV[2] then
  return redis.call('DEL', KEYS[1], KEYS[2])
end
return 0
