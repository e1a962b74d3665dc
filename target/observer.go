package target

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

// httpObserver reads the reference server's observation.
type httpObserver struct {
	url    string
	client *http.Client
}

var _ Observer = (*httpObserver)(nil)

func newHTTPObserver(url string) *httpObserver {
	return &httpObserver{url: url, client: &http.Client{
		Transport: &http.Transport{MaxIdleConnsPerHost: 2},
		Timeout:   5 * time.Second,
		// What is observed is what was named, and nothing that it points to.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Mark notes where the loop's accounts stand.
func (o *httpObserver) Mark(ctx context.Context) (Mark, error) {
	var s statsDocument
	if err := o.get(ctx, "/stats?since_ms=1e11", &s); err != nil {
		return Mark{}, err
	}
	return Mark{
		taken: fromMS(s.At), elapsed: fromMS(s.Elapsed), idle: fromMS(s.Idle), cpu: fromMS(s.CPU),
		live: s.Live, cached: s.cached(),
	}, nil
}

// Since reads the accounts again and gives the difference, and the heartbeats
// and the memory since the mark, moved to the time axis that starts at origin.
func (o *httpObserver) Since(ctx context.Context, m Mark, origin time.Time) (Usage, []LagReading, error) {
	shift, err := o.shift(ctx, origin)
	if err != nil {
		return Usage{}, nil, err
	}
	var s statsDocument
	var lag lagDocument
	since := fmt.Sprintf("?since_ms=%.3f", ms(m.taken))
	if err := o.get(ctx, "/stats"+since, &s); err != nil {
		return Usage{}, nil, err
	}
	if err := o.get(ctx, "/lag"+since, &lag); err != nil {
		return Usage{}, nil, err
	}
	readings := make([]LagReading, 0, len(lag.Series))
	for _, b := range lag.Series {
		readings = append(readings, LagReading{
			Due: fromMS(b.Due) + shift, Ran: fromMS(b.Ran) + shift, Phase: b.Phase, Label: b.Label,
		})
	}
	u := s.usageSince(m)
	u.Memory, err = o.memory(ctx, since, shift)
	return u, readings, err
}

// memory gives the readings since then; none of a server from before there were
// any.
func (o *httpObserver) memory(ctx context.Context, since string, shift time.Duration) ([]MemoryReading, error) {
	var d memoryDocument
	if err := o.get(ctx, "/memory"+since, &d); err != nil {
		if errors.Is(err, errNoDocument) {
			err = nil
		}
		return nil, err
	}
	readings := make([]MemoryReading, len(d.Series))
	for i, p := range d.Series {
		readings[i] = MemoryReading{At: fromMS(p.At) + shift, Heap: p.Heap, Resident: p.Resident}
	}
	return readings, nil
}

func (s statsDocument) usageSince(m Mark) Usage {
	u := Usage{CPU: fromMS(s.CPU) - m.cpu, PeakMemory: s.PeakMemory, Procs: s.Procs, OpenFiles: s.MostOpenFiles}
	u.LiveBefore, u.LiveAfter = m.live, s.Live
	u.CacheHits, u.CacheMisses = s.cached().Hits-m.cached.Hits, s.cached().Misses-m.cached.Misses
	for _, l := range s.Leaks {
		u.Leaks = append(u.Leaks, Leak{After: fromMS(l.At) - m.taken, Site: l.Site, Grown: l.Grown, Collections: l.Collections})
	}
	if elapsed := fromMS(s.Elapsed) - m.elapsed; elapsed > 0 {
		u.Utilization = 1 - float64(fromMS(s.Idle)-m.idle)/float64(elapsed)
	}
	if s.Longest != nil {
		u.Longest, u.Phase, u.Label = fromMS(s.Longest.Length), s.Longest.Phase, s.Longest.Label
	}
	return u
}

// shift is what has to be added to a time on the loop's clock to get the time
// since origin. The two clocks are read against each other several times; the
// quickest exchange bounds the error to half its length (as NTP does).
func (o *httpObserver) shift(ctx context.Context, origin time.Time) (time.Duration, error) {
	const exchanges = 5
	var shift time.Duration
	quickest := time.Hour
	for range exchanges {
		var s statsDocument
		asked := time.Now()
		if err := o.get(ctx, "/stats?since_ms=1e11", &s); err != nil {
			return 0, err
		}
		if took := time.Since(asked); took < quickest {
			quickest = took
			shift = asked.Add(took/2).Sub(origin) - fromMS(s.At)
		}
	}
	return shift, nil
}

// errNoDocument is that of an observation that doesn't have what was asked for.
var errNoDocument = errors.New("there is no such document")

func (o *httpObserver) get(ctx context.Context, path string, into any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, o.url+path, nil)
	if err != nil {
		return err
	}
	res, err := o.client.Do(req)
	if err != nil {
		return fmt.Errorf("the target's loop can't be observed: %w", err)
	}
	defer res.Body.Close()
	if res.StatusCode == http.StatusNotFound {
		return fmt.Errorf("the target's loop can't be observed: %s: %w", o.url+path, errNoDocument)
	}
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("the target's loop can't be observed: %s answered %s", o.url+path, res.Status)
	}
	if err := json.NewDecoder(res.Body).Decode(into); err != nil {
		return fmt.Errorf("the target's loop can't be observed: %w", err)
	}
	io.Copy(io.Discard, res.Body)
	return nil
}
