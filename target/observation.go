package target

import (
	"encoding/json"
	"net/http"
	"net/http/pprof"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"time"

	"github.com/looptest/looptest/target/loop"
)

// The observation's documents. Durations are milliseconds; times are
// milliseconds on the loop's clock.
type (
	statsDocument struct {
		At            float64         `json:"at_ms"`
		Elapsed       float64         `json:"elapsed_ms"`
		Idle          float64         `json:"idle_ms"`
		Utilization   float64         `json:"utilization"`
		Running       *heldDocument   `json:"running"` // what holds the loop now
		Longest       *heldDocument   `json:"longest"` // of Held
		Lag           lagSummary      `json:"lag"`
		Held          int             `json:"held"`       // callbacks of 1 ms or more
		Overdue       float64         `json:"overdue_ms"` // how late the next heartbeat is by now
		InFlight      int64           `json:"in_flight"`
		Uncaught      int64           `json:"uncaught_errors"`
		SmoothedLag   float64         `json:"smoothed_lag_ms"` // what load shedding goes by
		Shed          int64           `json:"shed"`            // requests that were turned away for it
		Unhandled     int64           `json:"unhandled_rejections"`
		PoolSize      int             `json:"pool_size"`
		Workers       workersDocument `json:"workers"`
		UnitAdditions Unit            `json:"unit_additions"`
		CPU           float64         `json:"cpu_ms"`
		PeakMemory    int64           `json:"peak_memory_bytes"`
		Collections   int64           `json:"gc_cycles"`       // of the garbage collector
		Paused        float64         `json:"gc_pause_ms"`     // that they stopped the process, in all
		OpenFiles     int             `json:"open_files"`      // of the data folder
		MostOpenFiles int             `json:"most_open_files"` // at once, since the start
		Procs         int             `json:"procs"`
		GoVersion     string          `json:"go_version"`
		heldMemory
	}
	heldDocument struct {
		Start  float64 `json:"start_ms"`
		Length float64 `json:"length_ms"`
		Phase  string  `json:"phase"`
		Label  string  `json:"label"`
	}
	lagSummary struct { // of the heartbeats
		Samples int     `json:"samples"`
		P50     float64 `json:"p50_ms"`
		P99     float64 `json:"p99_ms"`
		Max     float64 `json:"max_ms"`
	}
	lagDocument struct {
		Every float64 `json:"every_ms"`
		lagSummary
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
	memoryDocument struct {
		Every   float64       `json:"every_ms"` // while there are requests
		Samples int           `json:"samples"`
		Series  []memoryPoint `json:"series"`
	}
	memoryPoint struct {
		At       float64 `json:"at_ms"`
		Heap     int64   `json:"heap_bytes"`
		Resident int64   `json:"resident_bytes,omitempty"`
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
	mux.HandleFunc("GET /memory", s.observe(func(since time.Duration) any { return describeMemory(s.memory.since(since)) }))
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
		s.memory.glance(s.sinceStart())
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(document(time.Duration(since * float64(time.Millisecond))))
	}
}

func (s *Server) stats(since time.Duration) statsDocument {
	r := s.monitor.Read()
	held := s.monitor.Held(since)
	var collected debug.GCStats
	debug.ReadGCStats(&collected)
	d := statsDocument{
		At: ms(r.At), Elapsed: ms(r.Elapsed), Idle: ms(r.Idle), Held: len(held), Overdue: ms(r.Overdue), Lag: summarizeLag(s.monitor.Beats(since)),
		InFlight: s.inFlight.Load(), Uncaught: s.uncaughtErrors.Load(), Unhandled: s.unhandledRejections.Load(), SmoothedLag: ms(s.shedding.smoothed()), Shed: s.shedding.shed.Load(),
		PoolSize: s.loop.PoolSize(), Workers: s.workers.describe(), UnitAdditions: s.config.Unit,
		CPU: ms(cpuTime()), PeakMemory: PeakMemory(), Collections: collected.NumGC, Paused: ms(collected.PauseTotal),
		Procs: runtime.GOMAXPROCS(0), GoVersion: runtime.Version(), Utilization: utilization(r),
		heldMemory: s.heldMemory(since),
	}
	d.OpenFiles, d.MostOpenFiles = s.data.inUse()
	if r.Running.Phase != "" {
		running := r.Running
		running.End = r.At
		d.Running = describeHeld(running)
	}
	if longest := longestHeld(held); longest.Phase != "" {
		d.Longest = describeHeld(longest)
	}
	return d
}

// longestHeld gives the longest of them, or the zero value of none.
func longestHeld(held []loop.Held) (longest loop.Held) {
	for _, h := range held {
		if h.Length() > longest.Length() {
			longest = h
		}
	}
	return longest
}

func describeHeld(h loop.Held) *heldDocument {
	return &heldDocument{Start: ms(h.Start), Length: ms(h.Length()), Phase: string(h.Phase), Label: h.Label}
}

func describeLag(beats []loop.Beat) lagDocument {
	d := lagDocument{Every: ms(loop.DefaultBeat), lagSummary: summarizeLag(beats), Series: make([]beatDocument, len(beats))}
	var lags loop.Histogram
	for i, b := range beats {
		d.Series[i] = beatDocument{Due: ms(b.Due), Ran: ms(b.Ran), Phase: string(b.HeldBy.Phase), Label: b.HeldBy.Label}
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

// summarizeLag gives the quantiles by nearest rank.
func summarizeLag(beats []loop.Beat) lagSummary {
	if len(beats) == 0 {
		return lagSummary{}
	}
	lags := make([]time.Duration, len(beats))
	for i, b := range beats {
		lags[i] = b.Ran - b.Due
	}
	slices.Sort(lags)
	at := func(percent int) float64 { return ms(lags[(len(lags)*percent+99)/100-1]) }
	return lagSummary{Samples: len(lags), P50: at(50), P99: at(99), Max: at(100)}
}

func describeMemory(readings []MemoryReading) memoryDocument {
	d := memoryDocument{Every: ms(memoryEvery), Samples: len(readings), Series: make([]memoryPoint, len(readings))}
	for i, r := range readings {
		d.Series[i] = memoryPoint{At: ms(r.At), Heap: r.Heap, Resident: r.Resident}
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
