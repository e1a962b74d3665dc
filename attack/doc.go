// Package attack carries out a plan: it drives load against targets and records
// what happened. A plan's way through it:
//
//  1. Execute takes the blocks in turn, and each block's arms in the order that
//     the seed draws.
//  2. For each arm the target is started (or kept), warmed up and driven: every
//     stream's schedule says when each request is due, and vegeta sends it.
//  3. An exchange stands between vegeta and the connections: it sends the request
//     whose turn it is by weight, reads the answer and judges it.
//  4. Each answer becomes a Sample with its intended, sent and done times, all of
//     the monotonic clock; the target's heartbeats are read alongside. Both are
//     kept, or handed on by Hooks as they come, so that memory stays bounded.
//  5. Where a plan interleaves its arms, 2 to 4 go on slice by slice: both arms of a
//     block are started, and driven in turn.
//     Where an arm is to end its target in the midst of the load, what that turned
//     away and what it lost are counted apart.
//  6. The Run that comes out is raw: nothing is averaged away here.
package attack
