package target

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// heapSite is a place in the code that allocated.
type heapSite struct {
	Function string `json:"function"`
	File     string `json:"file"` // with its folder
	Line     int    `json:"line"`
}

func (s heapSite) String() string { return fmt.Sprintf("%s (%s:%d)", s.Function, s.File, s.Line) }

// heapUse is what a site's allocations hold, as far as sampling tells.
type heapUse struct {
	Bytes   int64 `json:"bytes"`
	Objects int64 `json:"objects"`
}

// siteGrowth is what a site holds more than before.
type siteGrowth struct {
	heapSite
	heapUse
	Through []string `json:"through"` // the calls that led to it, the nearest first
}

// heapHolding is what is held, by the stack of the allocation.
type heapHolding map[callStack]heapUse

type callStack [32]uintptr // as runtime.MemProfileRecord has it

// readHeap collects garbage and gives what is left. The runtime counts one
// allocation in MemProfileRate bytes, so small holdings are estimates.
func readHeap() heapHolding {
	runtime.GC() // the profile is as of the last collection
	held := heapHolding{}
	for _, r := range heapRecords() {
		use := unsampled(heapUse{r.InUseBytes(), r.InUseObjects()}, runtime.MemProfileRate)
		before := held[r.Stack0]
		held[r.Stack0] = heapUse{before.Bytes + use.Bytes, before.Objects + use.Objects}
	}
	return held
}

// heapRecords asks until there is room for all: other goroutines go on.
func heapRecords() []runtime.MemProfileRecord {
	n, _ := runtime.MemProfile(nil, false)
	for {
		records := make([]runtime.MemProfileRecord, n+n/8+64)
		var whole bool
		if n, whole = runtime.MemProfile(records, false); whole {
			return records[:n]
		}
	}
}

// unsampled undoes the sampling: an allocation of that size is counted with the
// probability 1 − e^(−size/rate).
func unsampled(u heapUse, rate int) heapUse {
	if u.Objects <= 0 || u.Bytes <= 0 || rate <= 1 {
		return u
	}
	size := float64(u.Bytes) / float64(u.Objects)
	by := 1 / -math.Expm1(-size/float64(rate))
	return heapUse{int64(float64(u.Bytes) * by), int64(float64(u.Objects) * by)}
}

// bySite sums up by site and gives those that hold something, the most bytes
// first.
func (h heapHolding) bySite() []siteGrowth {
	grown := map[heapSite]*siteGrowth{}
	largest := map[heapSite]int64{}
	for stack, use := range h {
		site, through := stack.site()
		if site == (heapSite{}) {
			continue
		}
		g := grown[site]
		if g == nil {
			g = &siteGrowth{heapSite: site}
			grown[site] = g
		}
		g.Bytes += use.Bytes
		g.Objects += use.Objects
		if g.Through == nil || use.Bytes > largest[site] {
			g.Through, largest[site] = through, use.Bytes
		}
	}
	var sites []siteGrowth
	for _, g := range grown {
		if g.Bytes > 0 {
			sites = append(sites, *g)
		}
	}
	slices.SortFunc(sites, func(a, b siteGrowth) int {
		return cmp.Or(cmp.Compare(b.Bytes, a.Bytes), strings.Compare(a.String(), b.String()))
	})
	return sites
}

// minus gives what is held more than before; less is negative.
func (h heapHolding) minus(before heapHolding) heapHolding {
	more := maps.Clone(h)
	for stack, use := range before {
		more[stack] = heapUse{h[stack].Bytes - use.Bytes, h[stack].Objects - use.Objects}
	}
	return more
}

// least gives the lesser of both holdings for each stack.
func (h heapHolding) least(other heapHolding) heapHolding {
	least := heapHolding{}
	for stack, use := range h {
		if o := other[stack]; o.Bytes < use.Bytes {
			use = o
		}
		least[stack] = use
	}
	return least
}

// callsShown is how many calls are shown with a site.
const callsShown = 4

// site gives the innermost call that isn't the runtime's, and those around it;
// none for what these readings themselves hold.
func (s callStack) site() (site heapSite, through []string) {
	depth := slices.Index(s[:], 0)
	if depth < 0 {
		depth = len(s)
	}
	for frames := runtime.CallersFrames(s[:depth]); ; {
		frame, more := frames.Next()
		if strings.HasSuffix(frame.Function, "target.readHeap") {
			return heapSite{}, nil
		}
		if found := site != (heapSite{}); found && len(through) < callsShown {
			through = append(through, siteOf(frame).String())
		} else if !found && frame.Function != "" && !strings.HasPrefix(frame.Function, "runtime.") {
			site = siteOf(frame)
		}
		if !more {
			return site, through
		}
	}
}

func siteOf(f runtime.Frame) heapSite {
	folder, file := filepath.Split(f.File)
	return heapSite{f.Function, filepath.Base(folder) + "/" + file, f.Line}
}
