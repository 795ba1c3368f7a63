-- Deletes the token under KEYS[1] and its metadata under KEYS[2] if the token is
-- the expected one, and remembers under KEYS[3] that it is gone, whatever is there: a
-- process that has not heard of it must not put it back. KEYS[2] in its place is for no such
-- memory. Returns how many keys went.
--
-- ARGV: 1 longest token in bytes, 2 expected token, 3 how long to remember it in ms (0:
-- not at all).
local value = redis.pcall('GETRANGE', KEYS[1], 0, ARGV[1])
if type(value) == 'table' and not string.find(value.err, 'WRONGTYPE', 1, true) then
  return value
end
local gone = 0
if value == ARGV[2] then
  -- DEL comes first: after any write Redis no longer checks for memory, and a DEL it takes
  -- from the fullest server.
  gone = redis.call('DEL', KEYS[1], KEYS[2])
end
if tonumber(ARGV[3]) > 0 and KEYS[3] ~= KEYS[2] then
  redis.pcall('SET', KEYS[3], '1', 'PX', ARGV[3])
end
return gone
