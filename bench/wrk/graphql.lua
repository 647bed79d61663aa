-- Repeats one query. Arguments: the query.

function init(args)
   wrk.method = "POST"
   wrk.headers["Content-Type"] = "application/json"
   wrk.body = '{"query": "' .. args[1] .. '"}'
end
