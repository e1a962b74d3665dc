package attack

import (
	"cmp"
	"slices"
	"sync"
)

// collector takes the streams' samples: it keeps them, or hands each on and
// forgets it, so that memory stays bounded.
type collector struct {
	hand func(Sample) // nil to keep them

	mu   sync.Mutex
	kept []Sample
}

// mostRoom bounds what is reserved beforehand for samples that are kept.
const mostRoom = 1 << 20

func newCollector(hand func(Sample), streams []Stream) *collector {
	c := &collector{hand: hand}
	if hand == nil {
		room := 0
		for _, s := range streams {
			room = min(room+s.Schedule.Count(), mostRoom)
		}
		c.kept = make([]Sample, 0, room)
	}
	return c
}

func (c *collector) add(s Sample) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.hand != nil {
		c.hand(s)
		return
	}
	c.kept = append(c.kept, s)
}

// samples gives those that were kept, by stream and then by seq.
func (c *collector) samples() []Sample {
	slices.SortFunc(c.kept, func(a, b Sample) int {
		return cmp.Or(cmp.Compare(a.Stream, b.Stream), cmp.Compare(a.Seq, b.Seq))
	})
	return c.kept
}
