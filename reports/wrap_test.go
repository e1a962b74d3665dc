package reports

import (
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/plot/vg"
)

func TestWrapLosesNothingAndClipsNothing(t *testing.T) {
	texts := []string{
		"", "short", "a b c", strings.Repeat("chunking cuts probe p99 ", 20),
		strings.Repeat("x", 300), "then " + strings.Repeat("µ", 200) + " after",
	}
	for _, text := range texts {
		lines := labelInk.wrap(text, 100)
		for _, line := range lines {
			if labelInk.width(line) > 100 {
				t.Errorf("%q is %v points wide", line, labelInk.width(line))
			}
		}
		bare := func(s string) string { return strings.ReplaceAll(s, " ", "") }
		if got := bare(strings.Join(lines, "")); got != bare(text) {
			t.Errorf("%q became %q", text, got)
		}
	}
}

func TestWrapGoesOnWithoutWidth(t *testing.T) {
	if got := labelInk.wrap("ab", 0); !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("got %q", got)
	}
}

func TestWrapPartsKeepsNumbersWhole(t *testing.T) {
	parts := []string{"p50 0.29 ms", "p99 0.53 ms", "max 0.72 ms", "n 2,500"}
	width := labelInk.width("p50 0.29 ms · p99 0.53 ms ·")
	want := []string{"p50 0.29 ms · p99 0.53 ms", "max 0.72 ms · n 2,500"}
	if got := labelInk.wrapParts(parts, width); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestTitleShrinksBeforeItTakesAThirdLine(t *testing.T) {
	const width = pageWidth - 2*pageSide
	title := "chunking cuts probe p99"
	for len(titleInk.wrap(title, width)) < 3 {
		title += " more"
	}
	small := inkForTitle(title, width)
	if small.size >= titleInk.size || len(small.wrap(title, width)) != 2 {
		t.Errorf("size %v takes %d lines", small.size, len(small.wrap(title, width)))
	}
	if least := inkForTitle(strings.Repeat(title, 5), width); least.size != titleLeast {
		t.Errorf("a title too long for two lines has the size %v, want %v", least.size, titleLeast)
	}
}

func TestTitleShrinksRatherThanLeaveAWordAlone(t *testing.T) {
	const width = pageWidth - 2*pageSide
	title := "chunking cuts probe p99"
	for len(titleInk.wrap(title, width)) < 2 {
		title += " on"
	}
	if k := inkForTitle(title, width); k.size >= titleInk.size || len(k.wrap(title, width)) != 1 {
		t.Errorf("size %v takes %d lines", k.size, len(k.wrap(title, width)))
	}
	if k := inkForTitle(strings.Repeat(title+" ", 2)[:len(title)*3/2], width); k.size != titleInk.size {
		t.Errorf("a title of one and a half lines has the size %v, want %v", k.size, titleInk.size)
	}
}

func TestSpreadKeepsLabelsApart(t *testing.T) {
	cases := []struct {
		name   string
		wishes []vg.Length
		want   []vg.Length
	}{
		{"apart already", []vg.Length{80, 20, 50}, []vg.Length{80, 20, 50}},
		{"two at one place: the first above", []vg.Length{50, 50}, []vg.Length{60, 50}},
		{"three at the top", []vg.Length{99, 98, 97}, []vg.Length{95, 85, 75}},
		{"at the bottom", []vg.Length{0, 1}, []vg.Length{5, 15}},
		{"alone, beyond the top", []vg.Length{120}, []vg.Length{95}},
	}
	for _, c := range cases {
		slots := make([]slot, len(c.wishes))
		for i, w := range c.wishes {
			slots[i] = slot{wish: w, height: 10}
		}
		spread(slots, 0, 100)
		for i, s := range slots {
			if s.middle != c.want[i] {
				t.Errorf("%s: slot %d lies at %v, want %v", c.name, i, s.middle, c.want[i])
			}
		}
	}
}
