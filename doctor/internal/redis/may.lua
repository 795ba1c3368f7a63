-- Tells of each command in ARGV, whose words are separated by spaces, whether the user may use
-- it: 1 or 0, and -1 if the server does not know it. Nothing is carried out. A server before 7
-- cannot tell, and returns nothing. KEYS[1] only leads to the node of a Cluster that has it.
local can = {}
if not redis.acl_check_cmd then
  return can
end
for i, line in ipairs(ARGV) do
  local words = {}
  for word in string.gmatch(line, '[^ ]+') do
    words[#words + 1] = word
  end
  local known, allowed = pcall(redis.acl_check_cmd, unpack(words))
  can[i] = known and (allowed and 1 or 0) or -1
end
return can
