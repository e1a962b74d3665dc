// Package attack carries out a plan: it drives load against targets and records
// what happened. A plan's way through it:
//
//  1. Execute takes the blocks in turn, and each block's arms in the order that
//     the seed draws.
//  2. For each arm the target is started (or kept), warmed up and driven: every
//     stream's schedule says when each request is due, and vegeta sends it.
//  3. Each answer becomes a Sample with its intended, sent and done times; the
//     target's heartbeats are read alongside.
//  4. The Run that comes out is raw: nothing is averaged away here.
package attack
