package reports

import (
	"bytes"
	"image/png"
	"strings"
	"testing"

	"github.com/looptest/looptest/target/programs"
)

func traced(t *testing.T, p programs.Program) Trace {
	t.Helper()
	trace, err := programs.Run(p)
	if err != nil {
		t.Fatal(err)
	}
	return Trace{Pair: programs.Pair{Trace: trace}}
}

func swum(t *testing.T, format string, trace Trace) string {
	t.Helper()
	var b bytes.Buffer
	if err := trace.Swimlanes(&b, format); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestSwimlanesSayWhatTheyShow(t *testing.T) {
	if testing.Short() {
		t.Skip("takes long")
	}
	for _, p := range programs.All() {
		trace := traced(t, p)
		svg := swum(t, "svg", trace)
		checkLayout(t, svg)
		all := texts(t, svg)
		want := []string{p.Finding(trace.Pair.Trace), "callback of a phase", "time since the program began", "main"}
		for _, part := range trace.Pair.Trace.Parts {
			want = append(want, part.Name)
			for _, c := range part.Callbacks {
				want = append(want, laneOf(c))
				if len(c.Lines) > 0 {
					want = append(want, strings.Join(c.Lines, ", "))
				}
			}
		}
		for _, text := range want {
			if !holds(all, text) {
				t.Errorf("%s lacks %q", p.Name, text)
			}
		}
		if !holds(all, "0 ms") && !holds(all, "0 s") { // real work takes seconds on a slow machine
			t.Errorf("%s has no time axis", p.Name)
		}
		img, err := png.Decode(strings.NewReader(swum(t, "png", trace)))
		if err != nil {
			t.Fatal(err)
		}
		if size := img.Bounds().Size(); size.X != 1600 || size.Y < 900 {
			t.Errorf("%s is %v", p.Name, size)
		}
	}
}

// Long names and crowded lanes: nothing overlaps, nothing is clipped.
func TestSwimlanesFindRoom(t *testing.T) {
	if testing.Short() {
		t.Skip("takes long")
	}
	for _, long := range []int{1, 4, 40} {
		for _, p := range programs.All() {
			trace := traced(t, p)
			for i := range trace.Pair.Trace.Parts {
				part := &trace.Pair.Trace.Parts[i]
				part.Name = strings.Repeat(part.Name+" ", long)
				for k := range part.Callbacks {
					for n, line := range part.Callbacks[k].Lines {
						part.Callbacks[k].Lines[n] = strings.Repeat(line+" ", long)
					}
				}
			}
			checkLayout(t, swum(t, "svg", trace))
		}
	}
}

// Bars of one row never lie upon each other, nor upon a label.
func TestSwimBarsKeepApart(t *testing.T) {
	if testing.Short() {
		t.Skip("takes long")
	}
	for _, p := range programs.All() {
		trace := traced(t, p).Pair.Trace
		for _, part := range trace.Parts {
			for _, lane := range newSwimPanel(part, swimScale(trace)).lanes {
				for i, a := range lane.bars {
					for _, b := range lane.bars[:i] {
						if a.row == b.row && a.left < b.end-0.1 && b.left < a.end-0.1 {
							t.Errorf("%s, %s: %q and %q overlap", p.Name, lane.name, a.label, b.label)
						}
					}
				}
			}
		}
	}
}

func TestSwimlanesRepeat(t *testing.T) {
	p, _ := programs.Find("phases")
	first := swum(t, "svg", traced(t, p))
	if again := swum(t, "svg", traced(t, p)); again != first {
		t.Error("a picture in virtual time differs from itself")
	}
}

func TestSwimlanesWithoutWork(t *testing.T) {
	p, _ := programs.Find("microtasks")
	empty := Trace{Pair: programs.Pair{Trace: programs.Trace{Program: p, Parts: []programs.PartTrace{{Part: p.Parts[0]}}}}}
	if svg := swum(t, "svg", empty); strings.Contains(svg, "NaN") || strings.Contains(svg, "Inf") {
		t.Error("a place in the picture is no number")
	}
	if err := empty.Swimlanes(&bytes.Buffer{}, "gif"); err == nil {
		t.Error("gif was drawn")
	}
}
