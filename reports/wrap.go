package reports

import (
	"cmp"
	"slices"
	"strings"

	"gonum.org/v1/plot/vg"
)

// wrap breaks s at spaces into lines no wider than width. A word that is wider
// by itself is broken between letters, so that nothing is ever clipped.
func (k ink) wrap(s string, width vg.Length) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(s) {
		if line != "" && k.width(line+" "+word) <= width {
			line += " " + word
			continue
		}
		if line != "" {
			lines = append(lines, line)
		}
		pieces := k.split(word, width)
		last := len(pieces) - 1
		lines = append(lines, pieces[:last]...)
		line = pieces[last]
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}

// between separates parts that stand on one line.
const between = " · "

// wrapParts sets parts beside each other into lines no wider than width, and
// breaks a part only when it is wider by itself.
func (k ink) wrapParts(parts []string, width vg.Length) []string {
	var lines []string
	for _, part := range parts {
		if last := len(lines) - 1; last >= 0 && k.width(lines[last]+between+part) <= width {
			lines[last] += between + part
			continue
		}
		lines = append(lines, k.wrap(part, width)...)
	}
	return lines
}

// split cuts a word into pieces no wider than width, of a letter at least.
func (k ink) split(word string, width vg.Length) []string {
	letters := []rune(word)
	var pieces []string
	for len(letters) > 1 && k.width(string(letters)) > width {
		n := 1
		for n < len(letters)-1 && k.width(string(letters[:n+1])) <= width {
			n++
		}
		pieces = append(pieces, string(letters[:n]))
		letters = letters[n:]
	}
	return append(pieces, string(letters))
}

// shrink writes smaller, down to least, until s fits into that many lines.
func (k ink) shrink(s string, width vg.Length, lines int, least vg.Length) ink {
	for k.size > least && len(k.wrap(s, width)) > lines {
		k.size = max(least, k.size-0.5)
	}
	return k
}

// slot is a label's place along one side: the middle it would like, its
// height, and the middle it was given.
type slot struct {
	wish, height, middle vg.Length
}

// spread gives slots places between low and high that don't overlap, close to
// their wishes and in the wishes' order. When they need more room than there is, they run over the low end.
func spread(slots []slot, low, high vg.Length) {
	// Equal wishes are met from the top down.
	order := make([]*slot, len(slots))
	for i := range slots {
		order[len(slots)-1-i] = &slots[i]
	}
	slices.SortStableFunc(order, func(a, b *slot) int {
		return cmp.Compare(a.wish, b.wish)
	})
	floor := low
	for _, s := range order {
		s.middle = max(s.wish, floor+s.height/2)
		floor = s.middle + s.height/2
	}
	ceiling := high
	for _, s := range slices.Backward(order) {
		s.middle = min(s.middle, ceiling-s.height/2)
		ceiling = s.middle - s.height/2
	}
}
