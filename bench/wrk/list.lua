-- Lists games for all people, with one body after the other. Arguments: the number of people, the bodies. In a body, # stands for
-- a word of six letters, another one in each request.
local people, bodies, turn

function init(args)
   people, bodies, turn = tonumber(args[1]), {}, 0
   for place = 2, #args do table.insert(bodies, args[place]) end
end

function request()
   turn = turn + 1
   local headers = {["X-User-ID"] = 1 + turn % people, ["Content-Type"] = "application/json"}
   local word = string.format("%06d", turn):gsub("%d", function(digit) return string.char(97 + digit) end)
   return wrk.format("POST", "/games", headers, (bodies[1 + turn % #bodies]:gsub("#", word)))
end
