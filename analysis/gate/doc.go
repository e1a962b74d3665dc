// Package gate judges whether a new build is slower than the old one. Its path:
//
//  1. A Gate asks for blocks; in each of them both arms run once, from fresh
//     processes, in slices whose order a coin draws.
//  2. Measure boils each run down to a Reading: one number a metric (exact order
//     statistics of that run alone) and the same for its two halves. Blocks whose
//     generator can't be trusted are lost, and made up for.
//  3. Per block and metric, d = ln(head/base). At each declared look the exact
//     one-sided signed-rank p-values of the gated metrics are held together with
//     Holm's correction, at the look's share of α.
//  4. Judge stops at the first look that decides, and gives the Verdict.
//
// # What a verdict can be wrong about
//
// α is the design's, 1 % by default; look k spends α_k, and the α_k add up to α.
// The looks share their blocks, so their errors are added up (Bonferroni) and no
// independence is asked for.
//
// FAIL: a metric's adjusted p-value is at most α_k and its Hodges–Lehmann effect
// at least δ. The probability that any metric fails that is not worse at all
// (d symmetrical around zero, or below), in the whole gate with all its looks, is
// at most Σ α_k = α, whichever of the others are worse: Holm's procedure holds
// its level for every set of true hypotheses. Between no change and δ a FAIL gets
// likelier, and at exactly δ it comes about half of the time whatever the length,
// 0.6 with the default looks for having two chances; early looks ask for more
// than δ so as not to add to that.
//
// PASS: the upper bound of every gated metric, one-sided at the same α_k, is
// below δ. No correction over metrics is needed, since all of them have to hold:
// a gate that passes although some gated metric is worse by δ or more has, among
// others, that metric's bound wrong, which one look lets happen with a
// probability of at most α_k (intersection–union test, Berger 1982), and all
// looks with at most α. So stopping early for a PASS is as sound as stopping
// early for a FAIL. This holds for shifts: when the head changes the shape of d
// too, the bound is about the centre of symmetry of d, and exact only if there is
// one. Metrics that are informational are not covered, which is why the verdict
// warns of each.
//
// A metric that can't be judged since the base differs from itself by δ or more
// (the null control) is INVALID, whatever its p-value.
package gate
