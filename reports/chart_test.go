package reports

import (
	"bytes"
	"encoding/xml"
	"image/png"
	"io"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"gonum.org/v1/plot/vg"

	"github.com/looptest/looptest/analysis/claims"
	"github.com/looptest/looptest/attack"
	"github.com/looptest/looptest/target"
)

func drawn(t *testing.T, format string, c claims.Chart, runs []attack.Run) string {
	t.Helper()
	var b bytes.Buffer
	if err := Draw(&b, format, c, runs); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// written is a text of a picture and the box that it fills, in points.
type written struct {
	text                   string
	left, right, low, high vg.Length
}

// texts reads all texts of an SVG, which must be well formed.
func texts(t *testing.T, svg string) []written {
	t.Helper()
	var all []written
	d := xml.NewDecoder(strings.NewReader(svg))
	var open *written
	for {
		token, err := d.Token()
		if err == io.EOF {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			if token.Name.Local == "text" {
				w := writtenAt(t, token)
				open = &w
			}
		case xml.CharData:
			if open != nil {
				open.text = string(token)
			}
		case xml.EndElement:
			if token.Name.Local == "text" {
				all = append(all, open.sized())
				open = nil
			}
		}
	}
}

var fontSize = regexp.MustCompile(`font-size:([0-9.]+)px`)

// writtenAt keeps the font's size in high and its weight in right until the
// text is known.
func writtenAt(t *testing.T, e xml.StartElement) written {
	t.Helper()
	number := func(s string) vg.Length {
		v, err := strconv.ParseFloat(s, 64)
		if err != nil {
			t.Fatal(err)
		}
		return vg.Length(v)
	}
	w := written{high: 12} // the SVG name for it is medium
	for _, a := range e.Attr {
		switch a.Name.Local {
		case "x":
			w.left = number(a.Value)
		case "y":
			w.low = -number(a.Value)
		case "style":
			if m := fontSize.FindStringSubmatch(a.Value); m != nil {
				w.high = number(m[1])
			}
			if strings.Contains(a.Value, "font-weight:bold") {
				w.right = 1
			}
		}
	}
	return w
}

func (w written) sized() written {
	k := ink{size: w.high, bold: w.right == 1}
	return written{w.text, w.left, w.left + k.width(w.text), w.low - k.size*0.15, w.low + k.size*0.7}
}

func (w written) overlaps(o written) bool {
	return w.left < o.right && o.left < w.right && w.low < o.high && o.low < w.high
}

func holds(all []written, text string) bool {
	return slices.ContainsFunc(all, func(w written) bool { return w.text == text })
}

var everyKind = []struct {
	kind claims.ChartKind
	runs func() []attack.Run
	want []string // texts of the picture
}{
	{claims.Timeline, loopRuns, []string{
		"idle", "block", "chunk", "0 ms", "200 ms", "400 ms", "0 s", "0.5 s", "2.5 s",
		"one probe", "loop lag", "offender in flight",
		"403 ms stall", // from 500 to 904 ms in the block in the middle; the first beat in it is due at 501 ms
		"time since the measured part began, at the intended send",
		"response time (from the intended send)",
	}},
	{claims.Percentiles, loopRuns, []string{
		"idle", "block", "chunk", "p50", "p90", "p99", "p99.9", "1 ms", "10 ms", "100 ms",
		"response time (from the intended send), log scale", "lowest to highest of the blocks",
	}},
	{claims.Staircase, poolRuns, []string{
		"pool 1", "pool 2", "pool 4", "pool 8", "288 ms", "0 ms", "50 ms", "300 ms",
		"8 jobs: first done after 36 ms, all after 288 ms", // 8 · 36 ms one after the other
		"jobs, in order of completion",
	}},
	{claims.Curves, noRuns, []string{
		"throughput (jobs/s)", "0", "50", "100", "200", "p99 of the jobs (ms)", "log scale", "20 ms", "100 ms", "500 ms",
		"pool size (threads)", "1", "2", "4", "8", "hashing (CPU)", "waiting", "95 % interval over blocks",
		"2 cores", "recommended for hashing: 2 threads", "recommended for waiting: 8 threads",
		"54 jobs/s", "50 jobs/s", "149 ms", "161 ms", // at 2 threads: 53.8 and 49.5 jobs/s
		"52 jobs/s", "196 jobs/s", "152 ms", "41 ms", // at 8 threads
	}},
	{claims.Forest, noRuns, []string{
		"chunking", "probe p99, block against chunk", "65× (58–71×)", "proven",
		"1.3× (0.40–4.4×)", "inconclusive", "not proven", "invalid",
		"0.5×", "1×", "2×", "5×", "10×", "100×", "effect as a ratio, log scale; 1× is no difference",
		"band of no importance, up to the threshold", "95 % interval over blocks",
	}},
	{claims.Dots, noRuns, []string{
		"half load", "twice the load, all accepted", "p99 of good answers, ms", "log scale", "good answers, requests/s", "refused, %",
		"peak memory, MiB", "budget 100 ms", "21 ms", "2.1 s", "96 ms", "420/s", "512/s", "803/s", "0 %", "48 %", "48 MiB", "412 MiB", "61 MiB",
		"10 ms", "100 ms", "1 s", "0", "200", "800", "20 %", "40 %", "0 MiB", "400 MiB", "95 % interval over blocks, where wider than the dot",
	}},
	{claims.Memory, memoryRuns, []string{
		"whole body", "in pieces", "nothing asked for", "peak 408 MiB · block 3, the median of 5", // 400 MiB and 8 more
		"peak 66 MiB · block 3, the median of 5", "0 MiB", "200 MiB", "400 MiB", "0 s", "0.5 s", "2.5 s",
		"memory of the target", "resident", "heap, with what is to be collected", "time since the measured part began",
	}},
}

func noRuns() []attack.Run { return nil }

func TestPicturesSayWhatTheyShow(t *testing.T) {
	for _, k := range everyKind {
		c := chartOf(k.kind)
		all := texts(t, drawn(t, "svg", c, k.runs()))
		for _, want := range append(k.want, c.Title, c.Subtitle, c.Foot) {
			if !holds(all, want) {
				t.Errorf("%s lacks %q", k.kind, want)
			}
		}
	}
}

var svgHeight = regexp.MustCompile(`height="([0-9.]+)pt"`)

func checkLayout(t *testing.T, svg string) {
	t.Helper()
	height, err := strconv.ParseFloat(svgHeight.FindStringSubmatch(svg)[1], 64)
	if err != nil {
		t.Fatal(err)
	}
	all := texts(t, svg)
	for i, w := range all {
		if w.left < 0 || w.right > pageWidth || w.low < 0 || w.high > vg.Length(height) {
			t.Errorf("%q is clipped", w.text)
		}
		for _, o := range all[:i] {
			if w.overlaps(o) {
				t.Errorf("%q and %q overlap", w.text, o.text)
			}
		}
	}
}

// rename gives the runs' arms other names.
func rename(runs []attack.Run, to func(string) string) []attack.Run {
	renamed := slices.Clone(runs)
	for i := range renamed {
		renamed[i].Arm = to(renamed[i].Arm)
	}
	return renamed
}

// renameParts gives all that a chart itself names other names.
func renameParts(c *claims.Chart, to func(string) string) {
	c.Setting = to(c.Setting)
	for i := range c.Panels {
		p := &c.Panels[i]
		p.Label = to(p.Label)
		if p.Limit != nil {
			p.Limit.Text = to(p.Limit.Text)
		}
		for j := range p.Lines {
			p.Lines[j].Name = to(p.Lines[j].Name)
		}
	}
	for i := range c.Marks {
		c.Marks[i].Text = to(c.Marks[i].Text)
	}
	for i := range c.Measures {
		m := &c.Measures[i]
		m.Label = to(m.Label)
		if m.Limit != nil {
			m.Limit.Text = to(m.Limit.Text)
		}
		for j := range m.Values {
			m.Values[j].Arm = to(m.Values[j].Arm)
		}
	}
	for i := range c.Rows {
		r := &c.Rows[i]
		r.Name, r.Text, r.Outcome = to(r.Name), to(r.Text), to(r.Outcome)
	}
}

func TestNothingOverlapsAndNothingIsClipped(t *testing.T) {
	if testing.Short() {
		t.Skip("takes long")
	}
	for _, k := range everyKind {
		for _, long := range []int{1, 3, 40} {
			c := chartOf(k.kind)
			c.Title = strings.Repeat(c.Title+", ", long)
			c.Subtitle = strings.Repeat(c.Subtitle+", ", long)
			c.Foot = strings.Repeat(c.Foot+", ", long)
			lengthen := func(s string) string { return strings.Repeat(s+" with a long name", long-1) + s }
			runs := rename(k.runs(), lengthen)
			renameParts(&c, lengthen)
			t.Run(string(k.kind)+" × "+strconv.Itoa(long), func(t *testing.T) {
				checkLayout(t, drawn(t, "svg", c, runs))
			})
		}
	}
}

func TestManyArmsFindRoom(t *testing.T) {
	var runs []attack.Run
	for i := range 12 {
		runs = append(runs, synthetic{arm: "arm " + strconv.Itoa(i)}.run(0))
	}
	for _, kind := range []claims.ChartKind{claims.Timeline, claims.Percentiles} {
		svg := drawn(t, "svg", chartOf(kind), runs)
		checkLayout(t, svg)
		for i := range 12 {
			if name := "arm " + strconv.Itoa(i); !holds(texts(t, svg), name) {
				t.Errorf("%s lacks %q", kind, name)
			}
		}
	}
}

func TestPNGHasItsSize(t *testing.T) {
	if testing.Short() {
		t.Skip("takes long")
	}
	for _, k := range everyKind {
		img, err := png.Decode(strings.NewReader(drawn(t, "png", chartOf(k.kind), k.runs())))
		if err != nil {
			t.Fatal(err)
		}
		if size := img.Bounds().Size(); size.X != 1600 || size.Y < 900 {
			t.Errorf("%s is %v", k.kind, size)
		}
	}
}

func TestPicturesRepeat(t *testing.T) {
	for _, k := range everyKind {
		first := drawn(t, "svg", chartOf(k.kind), k.runs())
		if again := drawn(t, "svg", chartOf(k.kind), k.runs()); again != first {
			t.Errorf("%s differs from itself", k.kind)
		}
	}
}

// taking makes a run of probes and an offender's burst with these times.
func taking(took ...time.Duration) attack.Run {
	r := attack.Run{Arm: "a", Streams: []attack.StreamCount{{Role: attack.Probe}, {Role: attack.Offender}}}
	for stream := range 2 {
		for i, d := range took {
			r.Samples = append(r.Samples, attack.Sample{Stream: stream, Seq: i, Done: d, Code: 200})
		}
	}
	return r
}

func TestOddRunsAreDrawn(t *testing.T) {
	cases := map[string]attack.Run{
		"one sample":    taking(ms),
		"zero latency":  taking(0, 0, 0),
		"done too soon": taking(-ms, ms),
		"an hour":       taking(ms, time.Hour),
		"largest":       taking(0, math.MaxInt64),
		"equal":         taking(ms, ms, ms),
		"no lag":        synthetic{arm: "a", bare: true, busy: slowSpans}.run(0),
	}
	for name, r := range cases {
		r.Target = &target.Usage{Memory: []target.MemoryReading{{At: ms, Heap: mib}}}
		for kind := range drawers {
			t.Run(name+" "+string(kind), func(t *testing.T) {
				svg := drawn(t, "svg", chartOf(kind), []attack.Run{r})
				if strings.Contains(svg, "NaN") || strings.Contains(svg, "Inf") {
					t.Error("a place in the picture is no number")
				}
				checkLayout(t, svg)
			})
		}
	}
}

func TestClampedTimesAreAdmitted(t *testing.T) {
	const note = "times below 1 µs are drawn at 1 µs"
	c := chartOf(claims.Percentiles)
	if svg := drawn(t, "svg", c, []attack.Run{taking(0, ms)}); !strings.Contains(svg, c.Foot+between+note) {
		t.Errorf("the foot lacks %q", note)
	}
	if svg := drawn(t, "svg", c, []attack.Run{taking(ms)}); strings.Contains(svg, note) {
		t.Errorf("nothing was clamped, and the foot says %q", note)
	}
}

func TestLostRequestsAreNamed(t *testing.T) {
	r := synthetic{arm: "a"}.run(0)
	r.Samples[7].Err = attack.ErrTimeout
	r.Streams[0].Unsent = 12
	for _, kind := range []claims.ChartKind{claims.Timeline, claims.Percentiles} {
		svg := drawn(t, "svg", chartOf(kind), []attack.Run{r})
		if !strings.Contains(svg, "n 499") || !strings.Contains(svg, "1 unanswered") || !strings.Contains(svg, "12 unsent") {
			t.Errorf("%s hides lost requests", kind)
		}
	}
}

func TestErrors(t *testing.T) {
	partial := taking(ms)
	partial.Partial = true
	failed := taking(ms)
	failed.Samples[0].Err = attack.ErrRefused
	cases := []struct {
		name   string
		format string
		chart  claims.Chart
		runs   []attack.Run
		want   string
	}{
		{"format", "gif", claims.Chart{Kind: claims.Timeline}, loopRuns(), `unknown picture format "gif": use png or svg`},
		{"kind", "png", claims.Chart{Name: "x", Kind: "pie"}, loopRuns(), `chart "x": unknown kind of chart "pie"`},
		{"no runs", "png", claims.Chart{Name: "x", Kind: claims.Timeline}, nil, `chart "x": there are no runs to draw`},
		{"no such arm", "png", claims.Chart{Name: "x", Kind: claims.Percentiles, Arms: []string{"z"}}, loopRuns(), `chart "x": there are no runs of arm "z"`},
		{"no samples", "svg", claims.Chart{Name: "x", Kind: claims.Percentiles}, []attack.Run{{Arm: "a"}}, `chart "x": arm "a" has no complete block with samples of the probe`},
		{"no offender", "svg", claims.Chart{Name: "x", Kind: claims.Staircase}, []attack.Run{probed("a", 0, ms)}, `chart "x": arm "a" has no complete block with samples of the offender`},
		{"partial", "svg", claims.Chart{Name: "x", Kind: claims.Timeline}, []attack.Run{partial}, `chart "x": arm "a" has no complete block with samples of the probe`},
		{"no panels", "png", claims.Chart{Name: "x", Kind: claims.Curves}, nil, `chart "x": there are no panels to draw`},
		{"no lines", "png", claims.Chart{Name: "x", Kind: claims.Curves, Panels: []claims.Panel{{Label: "a"}}}, nil, `chart "x": panel "a" has no lines`},
		{"no points", "svg", claims.Chart{Name: "x", Kind: claims.Curves, Panels: []claims.Panel{{Label: "a", Lines: make([]claims.Line, 2)}}}, nil, `chart "x": panel "a" has no points`},
		{"no measures", "svg", claims.Chart{Name: "x", Kind: claims.Dots}, nil, `chart "x": there are no measures to draw`},
		{"no values", "svg", claims.Chart{Name: "x", Kind: claims.Dots, Measures: []claims.Measure{{Label: "a", Values: []claims.ArmValue{{Arm: "b", Y: within(math.NaN(), 0)}}}}}, nil, `chart "x": measure "a" has no values`},
		{"no rows", "svg", claims.Chart{Name: "x", Kind: claims.Forest}, loopRuns(), `chart "x": there are no rows to draw`},
		{"no memory", "svg", claims.Chart{Name: "x", Kind: claims.Memory}, loopRuns(), `chart "x": arm "idle" has no complete block with readings of the target's memory`},
		{"unanswered", "svg", claims.Chart{Name: "x", Kind: claims.Percentiles}, []attack.Run{failed}, `chart "x": no request of arm "a" was answered`},
	}
	for _, c := range cases {
		var b bytes.Buffer
		err := Draw(&b, c.format, c.chart, c.runs)
		if err == nil || err.Error() != c.want {
			t.Errorf("%s: got %v, want %s", c.name, err, c.want)
		}
		if b.Len() > 0 {
			t.Errorf("%s: wrote %d bytes", c.name, b.Len())
		}
	}
}

func TestNoArmIsToldApartByColourAlone(t *testing.T) {
	for i := range 6 {
		for j := range i {
			if slices.Equal(dashes[i], dashes[j]) || markers[i] == markers[j] {
				t.Errorf("arms %d and %d have the same dash or marker", i, j)
			}
		}
	}
	if budgetLine.Color != hue.black || len(budgetLine.Dashes) == 0 {
		t.Error("a budget is not a dashed black line")
	}
}
