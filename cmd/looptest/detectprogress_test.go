package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/vbauerster/mpb/v8"

	"github.com/looptest/looptest/analysis/detect"
	"github.com/looptest/looptest/attack"
	"github.com/looptest/looptest/target"
)

// twoEndpoints is a scan of two endpoints, as its hooks are called.
func twoEndpoints(p *detectProgress, between func()) {
	for i, path := range []string{"/ok", "/a-report-with-a-long-name"} {
		e := detect.Endpoint{Request: attack.Request{URL: path}}
		p.begins(i, e)
		for _, what := range []string{"alone", "paired shots", "bursts"} {
			p.step(what, 0.5)
			between()
		}
		p.done(i, detect.Finding{Endpoint: e, Kind: target.Waiting})
	}
	p.end()
}

func TestDetectProgressInALog(t *testing.T) {
	var log bytes.Buffer
	twoEndpoints(newDetectProgress(&log, false, 2), func() {})
	want := "detect: endpoint 1 of 2, GET /ok\nwaiting: GET /ok only waits: it holds nobody up\n" +
		"detect: endpoint 2 of 2, GET /a-report-with-a-long-name\nwaiting: GET /a-report-with-a-long-name only waits: it holds nobody up\n"
	if log.String() != want {
		t.Errorf("got %q", log.String())
	}
	log.Reset()
	twoEndpoints(newDetectProgress(&log, true, 2), func() {})
	if log.Len() > 0 {
		t.Errorf("quietly it says %q", log.String())
	}
}

func TestDetectProgressOnATerminal(t *testing.T) {
	var drawn bytes.Buffer
	p := &detectProgress{endpoints: 2, began: time.Now().Add(-time.Minute)}
	p.show(mpb.New(mpb.WithOutput(&drawn), mpb.WithAutoRefresh(), mpb.WithRefreshRate(time.Millisecond)))
	var stands []int64
	twoEndpoints(p, func() {
		stands = append(stands, p.bar.Current())
		time.Sleep(5 * time.Millisecond) // for the bar to be drawn
	})
	// Of each endpoint's 100 steps: half of the first 10, 10 and half of 50, 60 and half of 30.
	for i, want := range []int64{5, 35, 75, 105, 135, 175} {
		if stands[i] != want {
			t.Errorf("the bar stands at %v", stands)
			break
		}
	}
	for _, want := range []string{"1 of 2 · GET /ok · alone", "2 of 2 · GET /a-report-with-… · bursts · 0:", "waiting: GET /ok only waits"} {
		if !strings.Contains(drawn.String(), want) {
			t.Errorf("%q was not drawn in %q", want, drawn.String())
		}
	}
}
