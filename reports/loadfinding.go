package reports

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/attack"
)

// finding is the load in a line with its numbers: what went wrong first, else
// how long users waited.
func (a Attack) finding() string {
	all := a.all()
	switch {
	case all.Sent == 0:
		return "nothing was sent"
	case all.Good == 0:
		return a.allFailed()
	}
	return strings.Join(nonEmpty([]string{a.failures(), a.stalled(), a.tailPhrase()}), "; ")
}

func (a Attack) allFailed() string {
	all := a.all()
	return fmt.Sprintf("all %s requests failed: %s", thousands(all.Sent), kindsText(all.Errors))
}

// failures is a phrase when at least one in a thousand failed.
func (a Attack) failures() string {
	all := a.all()
	if share := all.ErrorRate(); share >= 0.001 {
		return fmt.Sprintf("%s of %s requests failed (%s)", percentText(share), thousands(all.Sent), kindsText(all.Errors))
	}
	return ""
}

// stalled is a phrase when there was a stall.
func (a Attack) stalled() string {
	s, found := a.worstStall()
	if !found {
		return ""
	}
	return fmt.Sprintf("%s stall at %s made about %s%s wait", analysis.Human(s.Lasts), moment(s.Begins), about(s.Waiting), a.requestsOf(s.Stream))
}

// stallWaiting is how many requests have to wait in a stall worth a headline.
const stallWaiting = 5

// worstStall is the longest that is worth a headline.
func (a Attack) worstStall() (analysis.Stall, bool) {
	for _, s := range a.Load.Stalls {
		if a.notable(s) {
			return s, true
		}
	}
	return analysis.Stall{}, false
}

// notable reports whether a stall is what its stream's tail comes from. A short
// gap in a stream of few and slow requests is not, and neither is that nothing
// was ever answered.
func (a Attack) notable(s analysis.Stall) bool {
	_, streams := a.parts()
	for _, p := range streams {
		if p.name == s.Stream {
			return p.row.Response.N() > 0 && s.Waiting >= stallWaiting && s.Lasts >= p.row.Response.Quantile(0.99)
		}
	}
	return false
}

// about writes a count that is not exact.
func about(n int) string { return number(significant(float64(n), 2)) }

// requestsOf names a stream's requests where there are several streams.
func (a Attack) requestsOf(stream string) string {
	if len(a.Load.Layout.Streams) > 1 {
		return " requests of " + plain(stream)
	}
	return " requests"
}

// hidden is from which ratio on the service time is said to hide waiting.
const hidden = 1.5

// tailPhrase says how long users waited at p99, or at most when there are too few
// to know that, and what the service time says instead.
func (a Attack) tailPhrase() string {
	all := a.all()
	response, service := all.Response, all.Service
	if response.N() == 0 {
		return "no request was answered"
	}
	name, q := "p99", 0.99
	if !enough(response, q) {
		name, q = "longest", 1
	}
	r, s := response.Quantile(q), service.Quantile(q)
	switch {
	case a.NoIntended:
		return fmt.Sprintf("service time %s %s", name, analysis.Human(s))
	case float64(r) > hidden*float64(s):
		return fmt.Sprintf("response %s %s, where the service time says %s", name, analysis.Human(r), analysis.Human(s))
	}
	return fmt.Sprintf("response %s %s, p50 %s", name, analysis.Human(r), analysis.Human(response.Quantile(0.5)))
}

// ratePhrase says what was asked for and what came back.
func (a Attack) ratePhrase() string {
	all := a.all()
	if all.OfferedRate == 0 {
		return "nothing was " + a.asked()
	}
	phrase := fmt.Sprintf("%s achieved of %s %s (%s)", rateText(all.AchievedRate), rateText(all.OfferedRate), a.asked(), percentText(all.AchievedRate/all.OfferedRate))
	if all.Unsent > 0 {
		phrase += fmt.Sprintf("; %s never sent", thousands(all.Unsent))
	}
	return phrase
}

// asked is what a load without a known schedule is measured against: what was
// sent.
func (a Attack) asked() string {
	if a.NoIntended {
		return "sent"
	}
	return "offered"
}

// enough reports whether there are so many durations that the quantile isn't
// their maximum under another name.
func enough(h analysis.Histogram, q float64) bool {
	if q <= 0.5 || q >= 1 {
		return h.N() > 0
	}
	return float64(h.N())*(1-q) >= 1-1e-9
}

// kindsText lists kinds of failure, the most frequent first.
func kindsText(errors map[attack.ErrorKind]int) string {
	var parts []string
	for _, kind := range byCount(errors) {
		parts = append(parts, fmt.Sprintf("%s %s", kind, thousands(errors[kind])))
	}
	return strings.Join(parts, ", ")
}

// byCount gives the keys with the largest count first.
func byCount[K cmp.Ordered](counts map[K]int) []K {
	return slices.SortedFunc(maps.Keys(counts), func(a, b K) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b))
	})
}

func rateText(rate float64) string { return digits(rate) + "/s" }

// percentText writes a share from 0 to 1; what is neither nothing nor all is
// never written as such.
func percentText(share float64) string {
	switch {
	case share > 0 && share < 0.0001:
		return "under 0.01 %"
	case share < 1 && share > 0.9995:
		return "over 99.9 %"
	}
	return strconv.FormatFloat(significant(100*share, 3), 'f', -1, 64) + " %"
}

// moment writes a time since the beginning.
func moment(d time.Duration) string {
	if d > 0 && d < time.Second {
		return fmt.Sprintf("%.2f s", d.Seconds())
	}
	return strings.Replace(fmt.Sprintf("%.1f s", d.Seconds()), ".0 ", " ", 1)
}
