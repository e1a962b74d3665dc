// Package detect finds out, from outside and by HTTP alone, whether a request
// holds a server's event loop, for how long, and how it works. Its path:
//
//  0. ChooseProbe tries which request can be the probe (probe.go).
//  1. Scan takes the endpoints one at a time. A cheap probe is sent beside each;
//     how long the probe waits is all that is ever looked at.
//  2. Paired shots (shot.go) say whether the loop is held: in each trial a coin
//     sends either the suspect or a placebo (the probe again) and right after it
//     the first of a row of probes. Mann and Whitney's exact test holds the trials
//     against each other at looks that were declared before (stall.go).
//  3. Bursts (burst.go) say how: what a dozen suspects at once do to the probes
//     and in which order they are done tells blocking from chunked, off-loop and
//     waiting work (classify.go).
//  4. Work off the loop has a capacity: the steps of its bursts (staircase.go)
//     or, with a second request for the same pool, which number of suspects makes
//     that one wait (occupancy.go).
//  5. A Finding holds all of it with its evidence, a confidence, and what to do
//     about it (advice.go).
//
// Rules say what must not be found (rule.go). Watch is apart from all that: it
// finds stalls, whatever causes them, among probes that are sent on and on (watch.go).
//
// Measured against a server that runs on the same two cores, a stall of 1 ms is
// found; see docs/detect-accuracy.md.
package detect
