package reports_test

import (
	"io"
	"testing"
	"time"

	"github.com/looptest/looptest/analysis/claims"
	"github.com/looptest/looptest/attack"
	"github.com/looptest/looptest/reports"
	"github.com/looptest/looptest/target"
)

// asking is a claim with an arm that asks for these, and probes these.
func asking(name string, probes []string, offenders ...string) claims.Claim {
	return claims.Claim{Name: name, Arms: func(s claims.Settings) []attack.Arm {
		stream := func(role attack.Role, url string) attack.Stream {
			return attack.Stream{Role: role, Requests: []attack.Request{{URL: url}}, Schedule: attack.Constant{Rate: s.Rate, Lasts: time.Second}}
		}
		var a attack.Arm
		for _, url := range probes {
			a.Streams = append(a.Streams, stream(attack.Probe, url))
		}
		for _, url := range offenders {
			a.Streams = append(a.Streams, stream(attack.Offender, url))
		}
		return []attack.Arm{a, a} // twice is still one claim
	}}
}

func TestPatternTable(t *testing.T) {
	routes := []target.Route{
		{Path: "/", Does: "lists them | as a page", Work: []target.Work{{Kind: target.Trivial}}},
		{Path: "/ok", Does: "answers", Work: []target.Work{{Kind: target.Trivial}}, Guide: "One guide: Blocking"},
		{
			Path: "/read", Does: "reads", Guide: "Another guide: Files: large ones",
			Params: []target.Param{
				{Name: "mode", Default: "pool", Choices: []string{"sync", "pool", "stream"}},
				{Name: "size", Default: "64", Min: 1, Max: 128}, {Name: "file"},
			},
			Work: []target.Work{{When: "mode=sync", Kind: target.Blocking}, {When: "mode=pool", Kind: target.OffLoop}, {When: "mode=stream", Kind: target.OffLoop}},
		},
		{
			Path: "/slow", Does: "sums", Guide: "One guide: Blocking", Params: []target.Param{{Name: "chunk", Default: "0"}},
			Work: []target.Work{{When: "chunk=0", Kind: target.Blocking}, {When: "chunk>0", Kind: target.Cooperative}},
		},
	}
	all := []claims.Claim{
		asking("first", []string{"/ok"}, "/slow?chunk=0", "/slow?chunk=5"), asking("second", []string{"/ok?a=b", "/slow"}, "/read"),
		asking("third", []string{"/ok"}, "/slow", "/read?mode=sync#x"), asking("fourth", []string{"/slow"}, "/slow"),
	}
	golden(t, "patterns.md", func(w io.Writer) error { return reports.PatternTable(w, routes, all, claims.Settings{Rate: 10}) })
}
