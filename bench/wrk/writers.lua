-- Lists games for all people. Arguments: the number of people. Prints the number of responses of each status.
local threads = {}

function setup(thread)
   table.insert(threads, thread)
end

function init(args)
   people, turn, statuses = tonumber(args[1]), 0, {}
end

function request()
   turn = turn + 1
   local headers = {["X-User-ID"] = 1 + turn % people, ["Content-Type"] = "application/json"}
   local body = '{"name": "Metroid", "publisher": "Nintendo", "year_published": 1986, "gaming_system": "NES", "condition": "good"}'
   return wrk.format("POST", "/games", headers, body)
end

function response(status)
   statuses[status] = (statuses[status] or 0) + 1
end

function done()
   local found = {}
   for _, thread in ipairs(threads) do
      for status, count in pairs(thread:get("statuses")) do
         table.insert(found, string.format('"%d": %d', status, count))
      end
   end
   print("{" .. table.concat(found, ", ") .. "}")
end
