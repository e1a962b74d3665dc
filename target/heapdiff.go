package target

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"runtime"
	"strconv"
	"sync"
	"time"
)

// heapDiff is the guide's HeapDiff: what has grown since a mark, by call site.
type heapDiff struct {
	mu     sync.Mutex
	marked time.Duration
	mark   heapHolding // nil while there is none
}

type heapDiffDocument struct {
	Marked  float64      `json:"marked_ms"`
	At      float64      `json:"at_ms"`
	Sampled int          `json:"sampled_every_bytes"`
	Grown   int64        `json:"grown_bytes"` // by all sites that hold more
	Sites   []siteGrowth `json:"sites"`
}

// Bounds of /debug/heapdiff.
const (
	heapDiffTop     = 10
	heapDiffTopMost = 1_000
)

// serve answers with the growth since the mark, and sets one where there is none
// or one is asked for.
func (d *heapDiff) serve(now func() time.Duration) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		query := r.URL.Query()
		top, asText, err := readDiffQuery(query)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		document := d.read(now, query.Has("mark"), top)
		if asText {
			document.text(w)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(document)
	}
}

func readDiffQuery(query url.Values) (top int, asText bool, err error) {
	top = heapDiffTop
	if given := query.Get("top"); given != "" {
		if top, err = strconv.Atoi(given); err != nil || top < 1 || top > heapDiffTopMost {
			return 0, false, fmt.Errorf("parameter \"top\" is %q; it must be a whole number from 1 to %d", given, heapDiffTopMost)
		}
	}
	switch format := query.Get("format"); format {
	case "", "json":
		return top, false, nil
	case "text":
		return top, true, nil
	default:
		return 0, false, fmt.Errorf("parameter \"format\" is %q; it must be one of json, text", format)
	}
}

func (d *heapDiff) read(now func() time.Duration, mark bool, top int) heapDiffDocument {
	d.mu.Lock()
	defer d.mu.Unlock()
	held, at := readHeap(), now()
	if mark || d.mark == nil {
		d.mark, d.marked = held, at
	}
	document := heapDiffDocument{Marked: ms(d.marked), At: ms(at), Sampled: runtime.MemProfileRate, Sites: []siteGrowth{}}
	for i, g := range held.minus(d.mark).bySite() {
		document.Grown += g.Bytes
		if i < top {
			document.Sites = append(document.Sites, g)
		}
	}
	return document
}

func (d heapDiffDocument) text(w io.Writer) {
	fmt.Fprintf(w, "%d bytes more than %.1f s ago, after a collection, sampled every %d bytes\n",
		d.Grown, (d.At-d.Marked)/1000, d.Sampled)
	for _, s := range d.Sites {
		fmt.Fprintf(w, "%12d bytes %8d objects  %s\n", s.Bytes, s.Objects, s.heapSite)
		for _, call := range s.Through {
			fmt.Fprintf(w, "%39s %s\n", "in", call)
		}
	}
}
