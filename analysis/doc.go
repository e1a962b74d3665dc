// Package analysis judges runs. Its path:
//
//  1. Conduct asks an Experiment for its next plan, has it executed and hands
//     the runs back, until the experiment is done.
//  2. Examine says of each run whether its generator can be trusted.
//  3. Blocks pairs the arms of each block; a metric of each pair becomes a log
//     ratio; HodgesLehmann gives the effect over blocks with its exact interval.
//     Requests are never pooled across blocks to judge: within a block they are
//     not independent.
//  4. Judge holds the interval against a threshold, and a Verdict comes out.
package analysis
