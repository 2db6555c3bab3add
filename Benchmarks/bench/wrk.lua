-- SPDX-License-Identifier: MIT
-- `done` alone is called once, after the run; a `response` function would cost the load generator its speed.
done = function(summary, latency, requests)
    local errors = summary.errors
    print(string.format(
        '\n{"requests": %d, "seconds": %.6f, "refused": %d, "broken": %d, "p50": %d, "p99": %d}',
        summary.requests, summary.duration / 1e6, errors.status,
        errors.connect + errors.read + errors.write + errors.timeout,
        latency:percentile(50), latency:percentile(99)))
end
