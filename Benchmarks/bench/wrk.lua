-- SPDX-License-Identifier: MIT
-- Prints figures as JSON. With REQUESTS: the lines of that file in turn, each a path and the name and value of a header;
-- each of THREADS has lines of its own, so that none comes twice before all were there.
local file, threads, started = os.getenv("REQUESTS"), tonumber(os.getenv("THREADS")), 0
if file then
    local requests, number = {}, 0
    function setup(thread)
        thread:set("first", started)
        started = started + 1
    end
    function init(arguments)
        local count = 0
        for line in io.lines(file) do
            if count % threads == first then
                local path, name, value = line:match("^(.-)\t(.-)\t(.*)$")
                requests[#requests + 1] = wrk.format("GET", path, {Accept = "application/json", [name] = value})
            end
            count = count + 1
        end
    end
    function request()
        number = number % #requests + 1
        return requests[number]
    end
end
-- `done` is called once, after the run; a `response` function would cost the load generator its speed.
done = function(summary, latency, requests)
    local errors = summary.errors
    print(string.format(
        '\n{"requests": %d, "seconds": %.6f, "refused": %d, "broken": %d, "p50": %d, "p99": %d}',
        summary.requests, summary.duration / 1e6, errors.status,
        errors.connect + errors.read + errors.write + errors.timeout,
        latency:percentile(50), latency:percentile(99)))
end
