package target_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/looptest/looptest/target"
)

// memoryPoint is a reading as /memory tells it.
type memoryPoint struct {
	At       float64 `json:"at_ms"`
	Heap     int64   `json:"heap_bytes"`
	Resident int64   `json:"resident_bytes"`
}

// memoryUntil reads the memory of a server since then until there is any and the
// newest reading is as wanted.
func memoryUntil(t *testing.T, s *running, since float64, wanted func(memoryPoint) bool) []memoryPoint {
	t.Helper()
	for range 2000 {
		var m struct {
			Samples int
			Series  []memoryPoint
		}
		getJSON(t, fmt.Sprintf("%s/memory?since_ms=%f", s.ObserveURL, since), &m)
		if m.Samples != len(m.Series) {
			t.Fatalf("%d readings, and it says %d", len(m.Series), m.Samples)
		}
		if n := m.Samples; n > 0 && wanted(m.Series[n-1]) {
			return m.Series
		}
		time.Sleep(time.Millisecond)
	}
	t.Fatal("the memory did not come to what is wanted")
	return nil
}

// The memory is read on while the loop is blocked, and shows what a handler holds.
func TestMemoryIsReadBesideTheLoop(t *testing.T) {
	const much = 64 << 20
	server := listen(t, target.Config{})
	release := make(chan struct{})
	target.Handle(server, "/hoard", func(x *target.Exchange) {
		hoard := make([]byte, much)
		for i := 0; i < len(hoard); i += 4096 {
			hoard[i] = 1
		}
		<-release // the loop is held
		x.Reply(http.StatusOK, string(hoard[:1]))
	})
	runtime.GC() // what earlier tests left must not be freed meanwhile
	s := start(t, server)
	first := memoryUntil(t, s, 0, func(memoryPoint) bool { return true })[0]
	done := make(chan struct{})
	go func() {
		defer close(done)
		if res, err := http.Get(s.URL + "/hoard"); err == nil {
			res.Body.Close()
		}
	}()
	readings := memoryUntil(t, s, 0, func(r memoryPoint) bool {
		return r.Heap >= first.Heap+much && (r.Resident >= much || runtime.GOOS != "linux")
	})
	for i, r := range readings[1:] {
		if r.At <= readings[i].At || r.Heap <= 0 {
			t.Errorf("reading %d: %+v after %+v", i+1, r, readings[i])
		}
	}
	held := readings[len(readings)-1].At
	more := memoryUntil(t, s, held, func(r memoryPoint) bool { return r.At > held })
	if more[0].At != held {
		t.Errorf("since %v the first reading is from %v", held, more[0].At)
	}
	close(release)
	<-done
}

// observedBy is an observation of known documents, by their paths.
func observedBy(t *testing.T, documents map[string]string) (o target.Observer, asked *[]string) {
	t.Helper()
	asked = &[]string{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		*asked = append(*asked, r.URL.String())
		document, known := documents[r.URL.Path]
		if !known {
			http.NotFound(w, r)
			return
		}
		w.Write([]byte(strings.ReplaceAll(document, "HOST", r.Host)))
	}))
	t.Cleanup(server.Close)
	return target.FindObserver(context.Background(), server.URL), asked
}

// An observer gives the readings since its mark, moved by as much as heartbeats.
func TestMemoryIsOnTheAxisOfTheLag(t *testing.T) {
	o, asked := observedBy(t, map[string]string{
		"/.well-known/looptest": `{"observe_url": "http://HOST"}`,
		"/stats":                `{"at_ms": 5}`,
		"/lag":                  `{"series": [{"due_ms": 7, "ran_ms": 7}]}`,
		"/memory":               `{"series": [{"at_ms": 7, "heap_bytes": 1, "resident_bytes": 2}, {"at_ms": 17.5, "heap_bytes": 3}]}`,
	})
	mark, err := o.Mark(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	usage, lag, err := o.Since(context.Background(), mark, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	at := lag[0].Due
	want := []target.MemoryReading{{At: at, Heap: 1, Resident: 2}, {At: at + 10500*time.Microsecond, Heap: 3}}
	if !slices.Equal(usage.Memory, want) {
		t.Errorf("%+v, want %+v", usage.Memory, want)
	}
	if last := (*asked)[len(*asked)-1]; last != "/memory?since_ms=5.000" {
		t.Errorf("it asked for %s", last)
	}
}

// A looptest from before there was a memory to see is observed all the same.
func TestObservationWithoutMemory(t *testing.T) {
	documents := map[string]string{
		"/.well-known/looptest": `{"observe_url": "http://HOST"}`,
		"/stats":                `{"cpu_ms": 3}`,
		"/lag":                  `{"series": [{"due_ms": 1, "ran_ms": 2}]}`,
	}
	o, _ := observedBy(t, documents)
	usage, lag, err := o.Since(context.Background(), target.Mark{}, time.Now())
	if err != nil || len(lag) != 1 || usage.CPU != 3*time.Millisecond || usage.Memory != nil {
		t.Errorf("%+v, %v, %v", usage, lag, err)
	}
	documents["/memory"] = "broken"
	if _, _, err := o.Since(context.Background(), target.Mark{}, time.Now()); err == nil {
		t.Error("a broken document is no error")
	}
	delete(documents, "/lag")
	if _, _, err := o.Since(context.Background(), target.Mark{}, time.Now()); err == nil || !strings.Contains(err.Error(), "/lag") {
		t.Errorf("without /lag: %v", err)
	}
}

func TestMemoryHeld(t *testing.T) {
	for _, c := range []struct {
		reading target.MemoryReading
		want    int64
	}{
		{target.MemoryReading{Heap: 3, Resident: 8}, 8},
		{target.MemoryReading{Heap: 3}, 3}, // where it can't be read
	} {
		if got := c.reading.Held(); got != c.want {
			t.Errorf("%+v holds %d", c.reading, got)
		}
	}
}

// /stats counts collections of garbage, and for how long they stopped the process.
func TestCollectionsAreCounted(t *testing.T) {
	s := serve(t, target.Config{})
	var before, after struct {
		Cycles int     `json:"gc_cycles"`
		Paused float64 `json:"gc_pause_ms"`
	}
	getJSON(t, s.ObserveURL+"/stats", &before)
	runtime.GC()
	getJSON(t, s.ObserveURL+"/stats", &after)
	if after.Cycles <= before.Cycles || after.Paused <= before.Paused {
		t.Errorf("%+v after %+v", after, before)
	}
}
