-- Accepts the offers of pairs (see pairs.sql) as their receivers, each once. Arguments: the first offer, the first pair, the number
-- of pairs, the number of people.
local offer, pair, last, people

function init(args)
   offer, pair, people = tonumber(args[1]), tonumber(args[2]), tonumber(args[4])
   last = pair + tonumber(args[3])
end

function request()
   local k = pair
   pair = pair + 1
   if pair >= last then wrk.thread:stop() end
   local headers = {["X-User-ID"] = 1 + (2 * k + 1) % people}
   return wrk.format("PUT", "/offers/" .. offer + k .. "/accept", headers)
end
