-- Prints the results of wrk as one line of JSON. Times are in microseconds.
function done(summary, latency, requests)
   local errors = summary.errors
   print(string.format(
      '{"requests": %d, "duration": %d, "p50": %d, "p99": %d, "failed": %d, "broken": %d}',
      summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
      errors.status, errors.connect + errors.read + errors.write + errors.timeout
   ))
end
