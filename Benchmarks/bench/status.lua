-- SPDX-License-Identifier: MIT
-- Each request with the session of another user, from the file that COOKIES names.
local requests, next = {}, 0
function init(arguments)
    for cookie in io.lines(os.getenv("COOKIES")) do
        requests[#requests + 1] = wrk.format("GET", nil, {Accept = "application/json", Cookie = cookie})
    end
    math.randomseed(os.time())
    next = math.random(#requests)
end
function request()
    next = next % #requests + 1
    return requests[next]
end
done = function(summary, latency, requests)
    local errors = summary.errors
    print(string.format(
        '\n{"requests": %d, "seconds": %.6f, "refused": %d, "broken": %d, "p50": %d, "p99": %d}',
        summary.requests, summary.duration / 1e6, errors.status,
        errors.connect + errors.read + errors.write + errors.timeout,
        latency:percentile(50), latency:percentile(99)))
end
