package target_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/looptest/looptest/target"
)

// heapDiff mirrors the observation's document.
type heapDiff struct {
	Marked float64 `json:"marked_ms"`
	At     float64 `json:"at_ms"`
	Grown  int64   `json:"grown_bytes"`
	Sites  []struct {
		Function, File string
		Line           int
		Bytes, Objects int64
		Through        []string
	}
}

const mib = 1 << 20

// plant leaks so many MiB, a request each.
func plant(t *testing.T, s *running, count int) {
	t.Helper()
	for range count {
		if code, body := get(t, s.URL+"/leak?kb=1024"); code != 200 || !strings.HasPrefix(body, "Leaked=") {
			t.Fatalf("/leak answered %d %q", code, body)
		}
	}
}

// What was planted since the mark is at its top, with its size and the way to it;
// what was planted before the mark, let go of, or cleared is not.
func TestHeapDiff(t *testing.T) {
	s := serve(t, target.Config{})
	plant(t, s, 3)
	var d heapDiff
	getJSON(t, s.ObserveURL+"/debug/heapdiff", &d)
	if d.Marked != d.At || d.Grown != 0 || len(d.Sites) != 0 {
		t.Errorf("the first call gives %+v", d)
	}
	plant(t, s, 32)
	for range 32 {
		get(t, s.URL+"/leak?mode=off&kb=1024")
	}
	d = heapDiff{}
	getJSON(t, s.ObserveURL+"/debug/heapdiff?top=3", &d)
	if len(d.Sites) == 0 || len(d.Sites) > 3 || d.At <= d.Marked {
		t.Fatalf("got %+v", d)
	}
	// At a sample in 512 KiB one of these is counted with the probability 1 − e⁻²,
	// 86 %: 32 MiB come out as 32 ± 2.3.
	top := d.Sites[0]
	if !strings.HasSuffix(top.Function, "target.(*leak).plant") || top.File != "target/leak.go" || top.Line == 0 ||
		top.Bytes < 20*mib || top.Bytes > 44*mib || top.Objects < 20 || top.Objects > 44 || d.Grown < top.Bytes {
		t.Errorf("at the top is %+v, of %d bytes", top, d.Grown)
	}
	if len(top.Through) == 0 || !strings.Contains(top.Through[0], "target.leakRoute") {
		t.Errorf("it was called through %q", top.Through)
	}
	for _, site := range d.Sites[1:] {
		if site.Bytes > top.Bytes || strings.Contains(site.Function, "readHeap") || strings.Contains(site.Function, "allocate") {
			t.Errorf("below it is %+v", site)
		}
	}
	get(t, s.URL+"/leak?mode=clear")
	d = heapDiff{}
	getJSON(t, s.ObserveURL+"/debug/heapdiff?mark", &d)
	if d.Marked != d.At || len(d.Sites) != 0 {
		t.Errorf("a new mark gives %+v", d)
	}
}

func TestHeapDiffAsText(t *testing.T) {
	s := serve(t, target.Config{})
	get(t, s.ObserveURL+"/debug/heapdiff")
	plant(t, s, 32)
	_, text := get(t, s.ObserveURL+"/debug/heapdiff?format=text&top=1")
	lines := strings.Split(text, "\n")
	if !strings.Contains(lines[0], " bytes more than ") || !strings.Contains(lines[1], "(*leak).plant (target/leak.go:") || !strings.Contains(lines[2], "in github.com/") {
		t.Errorf("got\n%s", text)
	}
	if strings.Count(text, "objects") != 1 {
		t.Errorf("got more than one site\n%s", text)
	}
}

func TestHeapDiffRefuses(t *testing.T) {
	s := serve(t, target.Config{})
	for query, says := range map[string]string{
		"top=0": "from 1 to 1000", "top=1001": "from 1 to 1000", "top=many": "from 1 to 1000", "format=xml": "must be one of json, text",
	} {
		if code, body := get(t, s.ObserveURL+"/debug/heapdiff?"+query); code != http.StatusBadRequest || !strings.Contains(body, says) {
			t.Errorf("%s answered %d %q", query, code, body)
		}
	}
}

// A leak is bounded, and can be cleared.
func TestLeakIsBounded(t *testing.T) {
	s := serve(t, target.Config{})
	target.Leaked(s.server, 256*mib-mib)
	plant(t, s, 1)
	if code, body := get(t, s.URL+"/leak?kb=1"); code != http.StatusInsufficientStorage || !strings.Contains(body, "256 MiB") {
		t.Errorf("beyond the bound: %d %q", code, body)
	}
	if code, body := get(t, s.URL+"/leak?mode=off&kb=1"); code != 200 || body != "Leaked=268435456" {
		t.Errorf("what does not leak: %d %q", code, body)
	}
	if _, body := get(t, s.URL+"/leak?mode=clear"); body != "Leaked=0" {
		t.Errorf("after it was cleared: %q", body)
	}
	plant(t, s, 1)
}
