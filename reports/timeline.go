package reports

import (
	"cmp"
	"slices"
	"time"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/analysis/claims"
	"github.com/looptest/looptest/attack"
	"github.com/looptest/looptest/target"
)

// track is what a timeline shows of one run.
type track struct {
	answered []point // response time over intended send, nanoseconds
	shed     []point // the same of requests that were turned away
	failed   []point // the same of requests without an answer, until they failed
	away     []point // of these, those that found nobody after the target's end
	stop     *attack.Stop
	lag      []point
	busy     [][2]time.Duration // when the offender was in flight
	worst    stall
	lasts    time.Duration // what the requests' schedule covers
}

// timeline draws each arm's representative block over time. Its y axis is
// linear, unlike that of other latency charts: a blocked loop answers late by
// what is left of the stall, a line of slope −1, and only on a linear axis does
// that look like the saw tooth it is. What is too small to be seen there is in
// the panel's numbers.
func timeline(c claims.Chart, runs []attack.Run) (figure, error) {
	arms, err := gather(c, runs, attack.Probe)
	if err != nil {
		return figure{}, err
	}
	s := stack{
		xLabel: "time since the measured part began, at the intended send",
		yLabel: "response time (from the intended send)",
		each:   88,
	}
	tracks := make([]track, len(arms))
	for i, a := range arms {
		r := a.representative()
		tracks[i] = trackOf(r, a.role)
		s.panels = append(s.panels, stacked{
			name:    a.name,
			numbers: nonEmpty(append(numbersOf(r, a.role), tracks[i].worst.phrase(), a.shown(r))),
			draw:    tracks[i].draw(a.look),
		})
	}
	s.x, s.y = timelineAxes(tracks)
	s.keys = timelineKeys(tracks, arms)
	return s.figure(), nil
}

func trackOf(r attack.Run, role attack.Role) track {
	t := track{lasts: r.Count(role).Span, stop: r.Stop}
	for _, s := range r.Of(role) {
		v := point{float64(s.Intended), float64(s.Response())}
		switch {
		case s.Shed():
			t.shed = append(t.shed, v)
		case s.Answered():
			t.answered = append(t.answered, v)
		case r.Stop != nil && r.Stop.TurnedAway(s):
			t.away = append(t.away, v)
		default:
			t.failed = append(t.failed, v)
		}
		t.lasts = max(t.lasts, s.Intended)
	}
	byTime := func(a, b point) int { return cmp.Compare(a.x, b.x) }
	slices.SortStableFunc(t.answered, byTime)
	slices.SortStableFunc(t.shed, byTime)
	slices.SortStableFunc(t.failed, byTime)
	slices.SortStableFunc(t.away, byTime)
	t.lag = lagLineOf(r.Lag)
	if r.Stop == nil { // its end is no stall
		t.worst = worstStall(r, role)
	}
	if role != attack.Offender {
		t.busy = inFlight(r.Of(attack.Offender))
	}
	return t
}

// lagLineOf gives the line of loop lag: each heartbeat's lag when it was due,
// and zero from when it ran until the next one was due. Heartbeats that one
// stall held back ran together, and make its falling edge.
func lagLineOf(lag []target.LagReading) []point {
	readings := slices.Clone(lag)
	slices.SortStableFunc(readings, func(a, b target.LagReading) int { return cmp.Compare(a.Due, b.Due) })
	var line []point
	for i, r := range readings {
		if i == 0 || readings[i-1].Ran < r.Due {
			line = append(line, point{float64(r.Due), 0})
		}
		line = append(line, point{float64(r.Due), float64(r.Lag())})
		if i == len(readings)-1 || r.Ran < readings[i+1].Due {
			line = append(line, point{float64(r.Ran), 0})
		}
	}
	return line
}

// inFlight gives when any of the samples was under way, without overlap.
func inFlight(samples []attack.Sample) [][2]time.Duration {
	order := slices.Clone(samples)
	slices.SortStableFunc(order, func(a, b attack.Sample) int { return cmp.Compare(a.Sent, b.Sent) })
	var spans [][2]time.Duration
	for _, s := range order {
		if last := len(spans) - 1; last >= 0 && s.Sent <= spans[last][1] {
			spans[last][1] = max(spans[last][1], s.Done)
			continue
		}
		spans = append(spans, [2]time.Duration{s.Sent, s.Done})
	}
	return spans
}

// timelineAxes are the scales that the tracks share.
func timelineAxes(tracks []track) (x, y scale) {
	var last time.Duration
	highest := 0.0
	for _, t := range tracks {
		last = max(last, t.lasts)
		highest = max(highest, t.highest())
		if n := len(t.lag); n > 0 {
			last = max(last, time.Duration(t.lag[n-1].x))
		}
	}
	// The room above is for the worst stall's mark.
	return linearTime(float64(last), 12), linearTime(highest*1.25, 4)
}

// highest gives the largest value that the track's panel shows.
func (t track) highest() float64 {
	highest := 0.0
	for _, points := range [][]point{t.answered, t.shed, t.failed, t.away, t.lag} {
		for _, v := range points {
			highest = max(highest, v.y)
		}
	}
	return highest
}

var (
	busyColour = pale(hue.orange, 0.25)
	shedMark   = draw.GlyphStyle{Color: hue.grey, Radius: 1.9, Shape: draw.RingGlyph{}}
	failedMark = draw.GlyphStyle{Color: hue.black, Radius: 3, Shape: cross{}}
)

func probeMark(l attack.Look) draw.GlyphStyle {
	return draw.GlyphStyle{Color: lookColour(l), Radius: 1.9, Shape: draw.CircleGlyph{}}
}

// draw gives the drawing of the track's panel, from back to front.
func (t track) draw(l attack.Look) func(panel) {
	return func(p panel) {
		for _, span := range t.busy {
			p.area(busyColour, point{float64(span[0]), p.y.low}, point{float64(span[1]), p.y.high})
		}
		p.gridY()
		p.dots(shedMark, t.shed)
		p.dots(probeMark(l), t.answered)
		p.line(lagLine, t.lag)
		p.dots(awayMark, t.away)
		p.dots(failedMark, t.failed)
		drawStop(p, t.stop)
		t.worst.draw(p, t.highest())
	}
}

// timelineKeys names what the panels show, and nothing that they don't.
func timelineKeys(tracks []track, arms []arm) []key {
	has := func(any func(track) bool) bool { return slices.ContainsFunc(tracks, any) }
	one := string(arms[0].role)
	if !slices.ContainsFunc(arms, func(a arm) bool { return len(a.runs[0].Streams) > 1 }) {
		one = "request" // there is nothing else that it would have to be told from
	}
	keys := []key{{"one " + one, dotSign(draw.GlyphStyle{Color: hue.darkGrey, Radius: 2.2, Shape: draw.CircleGlyph{}})}}
	if has(func(t track) bool { return len(t.shed) > 0 }) {
		keys = append(keys, key{"one turned away", dotSign(shedMark)})
	}
	if has(func(t track) bool { return len(t.failed) > 0 }) {
		text := "one without an answer"
		if has(func(t track) bool { return t.stop != nil }) {
			text = "one lost"
		}
		keys = append(keys, key{text, dotSign(failedMark)})
	}
	if has(func(t track) bool { return len(t.away) > 0 }) {
		keys = append(keys, key{"one turned away", dotSign(awayMark)})
	}
	if has(func(t track) bool { return len(t.lag) > 0 }) {
		keys = append(keys, key{"loop lag", lineSign(lagLine)})
	}
	if has(func(t track) bool { return len(t.busy) > 0 }) {
		keys = append(keys, key{"offender in flight", areaSign(busyColour)})
	}
	return keys
}

// stall is an interval in which the loop served nobody.
type stall struct {
	from, to time.Duration
	// seen says that a heartbeat saw it; otherwise it is the longest wait of a
	// request, which is all that is known of a loop that doesn't show its lag.
	seen bool
}

// worstStall gives the run's longest stall.
func worstStall(r attack.Run, role attack.Role) stall {
	var worst stall
	for _, l := range r.Lag {
		if l.Lag() > worst.to-worst.from {
			worst = stall{from: l.Due, to: l.Ran, seen: true}
		}
	}
	if worst.seen {
		return worst.lengthened(r)
	}
	for _, s := range r.Of(role) {
		if s.Response() > worst.to-worst.from {
			worst = stall{from: s.Intended, to: s.Done}
		}
	}
	return worst
}

// lengthened begins the stall where the callback that held the loop began,
// when the target tells of one that the heartbeats saw but for its beginning,
// which fell between two of them.
func (s stall) lengthened(r attack.Run) stall {
	if r.Target == nil {
		return s
	}
	missed := r.Target.Longest - (s.to - s.from)
	if missed > 0 && missed < beat(r.Lag) {
		s.from -= missed
	}
	return s
}

// beat gives the distance of the heartbeats, zero when there are too few.
func beat(lag []target.LagReading) time.Duration {
	var least time.Duration
	for i := 1; i < len(lag); i++ {
		if d := lag[i].Due - lag[i-1].Due; d > 0 && (least == 0 || d < least) {
			least = d
		}
	}
	return least
}

// phrase says how long the worst stall was. Without lag readings it is silent:
// the longest wait is in the panel's numbers already.
func (s stall) phrase() string {
	if !s.seen {
		return ""
	}
	return "worst stall " + analysis.Human(s.to-s.from)
}

// markLeast is the part of the y axis below which a stall is too flat to mark.
const markLeast = 0.12

// draw marks the stall, above all that the panel shows, with a line as long as
// itself and its length in words.
func (s stall) draw(p panel, highest float64) {
	length := s.to - s.from
	if p.y.place(float64(length)) < markLeast {
		return
	}
	left, right := p.at(point{float64(s.from), highest}), p.at(point{float64(s.to), highest})
	y := left.Y + 8
	p.StrokeLine2(markLine, left.X, y, right.X, y)
	for _, x := range []vg.Length{left.X, right.X} {
		p.StrokeLine2(markLine, x, y-3, x, y+3)
	}
	text := analysis.Human(length) + " stall"
	if !s.seen {
		text = analysis.Human(length) + " wait"
	}
	x, share := beside(p, left.X, right.X, markInk.width(text)+markGap)
	markInk.writeClear(p, vg.Point{X: x, Y: y - markInk.middle()}, share, text)
}

// markGap lies between a mark and its text.
const markGap vg.Length = 6

// beside gives where a text of that width goes, and which share of it lies left
// of there: right of a mark, or left of it, or upon it when it fits nowhere else.
func beside(p panel, left, right, width vg.Length) (x vg.Length, share float64) {
	switch {
	case right+width <= p.Max.X:
		return right + markGap, 0
	case left-width >= p.Min.X:
		return left - markGap, 1
	}
	return (left + right) / 2, 0.5
}
