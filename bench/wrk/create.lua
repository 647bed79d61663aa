-- Makes offers for pairs (see pairs.sql), each once. Arguments: the path, the first game, the first pair, the number of pairs, the
-- number of people.
local path, game, pair, last, people

function init(args)
   path, game, pair, people = args[1], tonumber(args[2]), tonumber(args[3]), tonumber(args[5])
   last = pair + tonumber(args[4])
end

function request()
   local k = pair
   pair = pair + 1
   if pair >= last then wrk.thread:stop() end
   local headers = {["X-User-ID"] = 1 + (2 * k) % people, ["Content-Type"] = "application/json"}
   local body = string.format('{"offered_game_id": %d, "requested_game_id": %d}', game + 2 * k, game + 2 * k + 1)
   return wrk.format("POST", path, headers, body)
end
