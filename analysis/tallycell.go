package analysis

import (
	"time"

	"github.com/looptest/looptest/attack"
)

// measured is a duration with its bucket, so that the bucket is worked out once
// for all the histograms that take it.
type measured struct {
	d      time.Duration
	bucket int
}

func measuredAs(d time.Duration) measured {
	d = max(d, 0)
	return measured{d, bucketOf(d)}
}

// measures are a sample's durations.
type measures struct {
	response, service, sendLag measured
	counts                     bool // response and service say how long the target took, or at least took
}

func measure(s *attack.Sample) measures {
	m := measures{sendLag: measuredAs(s.SendLag()), counts: s.Timed()}
	if m.counts {
		m.response, m.service = measuredAs(s.Response()), measuredAs(s.Service())
	}
	return m
}

// cell sums up the samples of one part of a load.
type cell struct {
	response, service, sendLag Histogram
	sent, good                 int
	bytes                      int64
	codes                      []codeCount // few, by first coming
	errors                     map[attack.ErrorKind]int
	lastGood                   time.Duration // when the last good answer was complete
}

// coarsen makes an empty cell's histograms coarse.
func (c *cell) coarsen() {
	c.response, c.service, c.sendLag = newCoarse(), newCoarse(), newCoarse()
}

type codeCount struct{ code, times int }

func (c *cell) add(s *attack.Sample, m *measures) {
	c.sent++
	c.bytes += s.Bytes
	c.sendLag.add(m.sendLag.d, m.sendLag.bucket)
	if m.counts {
		c.response.add(m.response.d, m.response.bucket)
		c.service.add(m.service.d, m.service.bucket)
	}
	if s.Code != 0 {
		c.count(s.Code, 1)
	}
	if s.Err == "" {
		c.good++
		c.lastGood = max(c.lastGood, s.Done)
		return
	}
	c.fail(s.Err, 1)
}

func (c *cell) count(code, times int) {
	for i := range c.codes {
		if c.codes[i].code == code {
			c.codes[i].times += times
			return
		}
	}
	c.codes = append(c.codes, codeCount{code, times})
}

func (c *cell) fail(kind attack.ErrorKind, times int) {
	if c.errors == nil {
		c.errors = map[attack.ErrorKind]int{}
	}
	c.errors[kind] += times
}

func (c *cell) merge(other *cell) {
	c.response.Merge(other.response)
	c.service.Merge(other.service)
	c.sendLag.Merge(other.sendLag)
	c.sent += other.sent
	c.good += other.good
	c.bytes += other.bytes
	c.lastGood = max(c.lastGood, other.lastGood)
	for _, k := range other.codes {
		c.count(k.code, k.times)
	}
	for kind, times := range other.errors {
		c.fail(kind, times)
	}
}

// row describes the cell as a part that begins then, lasts span and was asked
// for so many requests. The row shares nothing that the cell goes on to change
// once the cell is a sum made for it.
func (c *cell) row(begins, span time.Duration, offered, unsent int) LoadRow {
	r := LoadRow{
		Span: span, Response: c.response, Service: c.service, SendLag: c.sendLag,
		Offered: offered, Sent: c.sent, Unsent: unsent, Good: c.good, CutOff: c.errors[attack.ErrTimeout],
		Codes: map[int]int{}, Errors: map[attack.ErrorKind]int{}, Bytes: c.bytes,
		OfferedRate:  rate(offered, span),
		AchievedRate: rate(c.good, max(span, c.lastGood-begins)),
	}
	for _, k := range c.codes {
		r.Codes[k.code] = k.times
	}
	for kind, times := range c.errors {
		r.Errors[kind] = times
	}
	return r
}
