package target

import (
	"encoding/json"
	"net/http"
	"net/http/pprof"
	"runtime"
	"strconv"
	"time"

	"github.com/looptest/looptest/target/loop"
)

// The observation's documents. Durations are milliseconds; times are
// milliseconds on the loop's clock.
type (
	statsDocument struct {
		At            float64       `json:"at_ms"`
		Elapsed       float64       `json:"elapsed_ms"`
		Idle          float64       `json:"idle_ms"`
		Utilization   float64       `json:"utilization"`
		Running       *heldDocument `json:"running"`    // what holds the loop now
		Longest       *heldDocument `json:"longest"`    // of Held
		Held          int           `json:"held"`       // callbacks of 1 ms or more
		Overdue       float64       `json:"overdue_ms"` // how late the next heartbeat is by now
		InFlight      int64         `json:"in_flight"`
		Uncaught      int64         `json:"uncaught_errors"`
		PoolSize      int           `json:"pool_size"`
		UnitAdditions Unit          `json:"unit_additions"`
		CPU           float64       `json:"cpu_ms"`
		PeakMemory    int64         `json:"peak_memory_bytes"`
		Procs         int           `json:"procs"`
		GoVersion     string        `json:"go_version"`
		heldMemory
	}
	heldDocument struct {
		Start  float64 `json:"start_ms"`
		Length float64 `json:"length_ms"`
		Phase  string  `json:"phase"`
		Label  string  `json:"label"`
	}
	lagDocument struct {
		Every     float64        `json:"every_ms"`
		Samples   int            `json:"samples"`
		Max       float64        `json:"max_ms"`
		Histogram []lagBucket    `json:"histogram"`
		Series    []beatDocument `json:"series"`
	}
	lagBucket struct {
		UpTo  *float64 `json:"up_to_ms"` // null for the last bucket, which has no bound
		Count uint64   `json:"count"`
	}
	beatDocument struct {
		Due   float64 `json:"due_ms"`
		Ran   float64 `json:"ran_ms"`
		Phase string  `json:"phase,omitempty"`
		Label string  `json:"label,omitempty"`
	}
	servedDocument struct {
		Path     string  `json:"path"`
		Query    string  `json:"query"`
		Seq      string  `json:"seq"`
		Arrived  float64 `json:"arrived_ms"`
		Started  float64 `json:"started_ms"`
		Answered float64 `json:"answered_ms"`
		Code     int     `json:"code"`
	}
)

// observation answers off the loop, so that it works while the loop is blocked.
func (s *Server) observation() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /stats", s.observe(func(since time.Duration) any { return s.stats(since) }))
	mux.HandleFunc("GET /lag", s.observe(func(since time.Duration) any { return describeLag(s.monitor.Beats(since)) }))
	mux.HandleFunc("GET /requests", s.observe(func(since time.Duration) any { return describeServed(s.log.since(since)) }))
	mux.Handle("GET /metrics", s.metrics.handler())
	mux.HandleFunc("GET /debug/heapdiff", s.heapDiff.serve(s.sinceStart))
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	return mux
}

// observe answers with a document about the time since since_ms, on the loop's
// clock; 0 is the start.
func (s *Server) observe(document func(since time.Duration) any) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		since := 0.0
		if value := r.URL.Query().Get("since_ms"); value != "" {
			var err error
			if since, err = strconv.ParseFloat(value, 64); err != nil || !(since >= 0 && since < 1e12) {
				http.Error(w, `parameter "since_ms" must be a number of milliseconds from 0 to 1e12`, http.StatusBadRequest)
				return
			}
		}
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(document(time.Duration(since * float64(time.Millisecond))))
	}
}

func (s *Server) stats(since time.Duration) statsDocument {
	r := s.monitor.Read()
	held := s.monitor.Held(since)
	d := statsDocument{
		At: ms(r.At), Elapsed: ms(r.Elapsed), Idle: ms(r.Idle), Held: len(held), Overdue: ms(r.Overdue),
		InFlight: s.inFlight.Load(), Uncaught: s.uncaughtErrors.Load(), PoolSize: s.loop.PoolSize(), UnitAdditions: s.config.Unit,
		CPU: ms(cpuTime()), PeakMemory: PeakMemory(),
		Procs: runtime.GOMAXPROCS(0), GoVersion: runtime.Version(), Utilization: utilization(r),
		heldMemory: s.heldMemory(since),
	}
	if r.Running.Phase != "" {
		running := r.Running
		running.End = r.At
		d.Running = describeHeld(running)
	}
	var longest loop.Held
	for _, h := range held {
		if h.Length() > longest.Length() {
			longest = h
		}
	}
	if longest.Phase != "" {
		d.Longest = describeHeld(longest)
	}
	return d
}

func describeHeld(h loop.Held) *heldDocument {
	return &heldDocument{Start: ms(h.Start), Length: ms(h.Length()), Phase: string(h.Phase), Label: h.Label}
}

func describeLag(beats []loop.Beat) lagDocument {
	d := lagDocument{Every: ms(loop.DefaultBeat), Samples: len(beats), Series: make([]beatDocument, len(beats))}
	var lags loop.Histogram
	for i, b := range beats {
		d.Series[i] = beatDocument{Due: ms(b.Due), Ran: ms(b.Ran), Phase: string(b.HeldBy.Phase), Label: b.HeldBy.Label}
		d.Max = max(d.Max, ms(b.Ran-b.Due))
		lags.Add(b.Ran - b.Due)
	}
	for _, bound := range loop.LagBounds() {
		upTo := ms(bound)
		d.Histogram = append(d.Histogram, lagBucket{UpTo: &upTo})
	}
	d.Histogram = append(d.Histogram, lagBucket{})
	for i, count := range lags.Counts {
		d.Histogram[i].Count = count
	}
	return d
}

func describeServed(all []Served) []servedDocument {
	documents := make([]servedDocument, len(all))
	for i, r := range all {
		documents[i] = servedDocument{
			Path: r.Path, Query: r.Query, Seq: r.Seq, Code: r.Code,
			Arrived: ms(r.Arrived), Started: ms(r.Started), Answered: ms(r.Answered),
		}
	}
	return documents
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func fromMS(v float64) time.Duration { return time.Duration(v * float64(time.Millisecond)) }
