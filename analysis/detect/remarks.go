package detect

import (
	"fmt"
	"maps"
	"net/http"
	"slices"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/attack"
)

// hint says what a request may need that answers with that code.
func hint(code int) string {
	switch code {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusProxyAuthRequired:
		return "; if it wants a login, give it with --header 'Authorization: …' or --header 'Cookie: …'"
	case http.StatusMethodNotAllowed:
		return "; another method is given with --method"
	case http.StatusBadRequest, http.StatusLengthRequired, http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity:
		return "; if it wants a body, give it with --body and --header 'Content-Type: …'"
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		return "; if that is a limit, lift it for this machine"
	}
	return ""
}

// remarks say what a reader of the finding has to know: what was judged in place of
// what was meant, and what went wrong beside it.
func remarks(trials []Trial, bursts []Burst) []analysis.Warning {
	var all []analysis.Warning
	codes := map[int]int{}
	answers := 0
	for _, t := range trials {
		if !t.Placebo && t.Code > 0 {
			codes[t.Code]++
			answers++
		}
	}
	for _, code := range []int{301, 302, 303, 307, 308} {
		if codes[code] > 0 {
			all = append(all, analysis.Warning(fmt.Sprintf("it answers %d: the redirect itself is judged, and not where it leads", code)))
		}
	}
	failed := map[string]int{}
	sent := 0
	for _, b := range bursts {
		sent += b.Size
		for _, x := range b.Run.Samples {
			switch {
			case x.Stream == probeStream:
			case !x.Answered():
				failed["no answer ("+string(x.Err)+")"]++
			case codes[x.Code] == 0 && answers > 0 && !turnedAway(x.Code):
				failed[fmt.Sprintf("the answer %d", x.Code)]++
			}
		}
	}
	for _, what := range slices.Sorted(maps.Keys(failed)) {
		all = append(all, analysis.Warning(fmt.Sprintf("%d of %d requests had %s when %d were sent at once", failed[what], sent, what, burstSize)))
	}
	return all
}

func turnedAway(code int) bool {
	return code == http.StatusServiceUnavailable || code == http.StatusTooManyRequests
}

// undone says why the bursts tell nothing: most of their requests had no answer. A
// stall that the single shots found stands without them.
func undone(stall Stall, bursts []Burst) string {
	sent, lost, late := 0, 0, 0
	var why attack.ErrorKind
	for _, b := range bursts {
		sent += b.Size
		for _, x := range b.Run.Samples {
			if x.Stream == probeStream || x.Answered() {
				continue
			}
			if x.Err == attack.ErrTimeout {
				late++
				continue
			}
			lost++
			why = x.Err
		}
	}
	switch {
	case sent == 0:
		return "no request of a burst could be sent: there is no connection"
	case 2*lost > sent:
		return fmt.Sprintf("when %d are sent at once, most have no answer (%s)", burstSize, why)
	case 2*late > sent && !stall.Found:
		return fmt.Sprintf("when %d are sent at once, most are not answered in time; give it longer with --timeout", burstSize)
	}
	return ""
}
