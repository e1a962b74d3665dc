package scenario

import (
	"fmt"
	"slices"
	"strings"
)

// Mistake is what is wrong at one place of a scenario.
type Mistake struct {
	File         string
	Line, Column int    // from 1; zero when the mistake has no place of its own
	Path         string // "streams.browse.requests[2].weight"
	Message      string

	before, line string // the source there
	width        int    // of the marked text
}

// Mistakes are all that were found, in the file's order.
type Mistakes []*Mistake

// shownMistakes is how many are shown at once; who mends those finds the others.
const shownMistakes = 5

// Error shows the first mistakes.
func (m Mistakes) Error() string {
	var b strings.Builder
	for i, mistake := range m {
		if i == shownMistakes {
			fmt.Fprintf(&b, "\nand %d more", len(m)-i)
			break
		}
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(mistake.Error())
	}
	return b.String()
}

// Unwrap gives errors.As the single mistakes.
func (m Mistakes) Unwrap() []error {
	of := make([]error, len(m))
	for i, mistake := range m {
		of[i] = mistake
	}
	return of
}

// Error is the message with the lines that it is about, and a caret under the
// place.
func (m *Mistake) Error() string {
	head := m.File
	if m.Line > 0 {
		head = fmt.Sprintf("%s:%d:%d", m.File, m.Line, m.Column)
	}
	if m.Path != "" {
		head += ": " + cutAt(m.Path, shownLine)
	}
	return head + ": " + cutAt(m.Message, 3*shownLine) + m.excerpt()
}

func (m *Mistake) excerpt() string {
	if m.Line == 0 {
		return ""
	}
	gutter := len(fmt.Sprint(m.Line)) + 1
	var b strings.Builder
	if strings.TrimSpace(m.before) != "" {
		fmt.Fprintf(&b, "\n%*d | %s", gutter, m.Line-1, shown(m.before))
	}
	fmt.Fprintf(&b, "\n%*d | %s", gutter, m.Line, shown(m.line))
	before := indent(m.line, m.Column-1)
	marked := len(indent(m.line, m.Column-1+m.width)) - len(before)
	fmt.Fprintf(&b, "\n%*s | %s^%s", gutter, "", before, strings.Repeat("~", max(marked-1, 0)))
	return b.String()
}

// indent is as wide as the line's first n characters.
func indent(line string, n int) string {
	runes := []rune(line)
	var b strings.Builder
	for _, r := range runes[:min(n, len(runes))] {
		switch {
		case r == '\t':
			b.WriteByte('\t')
		case wide(r):
			b.WriteString("  ")
		default:
			b.WriteByte(' ')
		}
	}
	return b.String()
}

// wide reports whether a terminal gives the character two columns, as it does
// for East Asian scripts and pictures.
func wide(r rune) bool {
	return r >= 0x1100 && r <= 0x115f || r >= 0x2e80 && r <= 0xa4cf || r >= 0xac00 && r <= 0xd7a3 ||
		r >= 0xf900 && r <= 0xfaff || r >= 0xff00 && r <= 0xff60 || r >= 0x1f300 && r <= 0x1faff
}

// shownLine is how much of a source line is shown, in characters.
const shownLine = 200

// cutAt shortens a text to so many characters.
func cutAt(text string, most int) string {
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return text
}

// shown makes a source line fit for a terminal.
func shown(line string) string {
	runes := []rune(cutAt(line, shownLine))
	for i, r := range runes {
		if r < ' ' && r != '\t' || r == 0x7f {
			runes[i] = '·'
		}
	}
	return string(runes)
}

// mistakes collects them.
type mistakes struct {
	file  string
	lines []string
	list  Mistakes
}

// maxMistakes bounds the collection.
const maxMistakes = 100

// add notes what is wrong at a place.
func (m *mistakes) add(at place, format string, args ...any) {
	if len(m.list) >= maxMistakes {
		return
	}
	mistake := &Mistake{File: m.file, Path: at.path, Message: fmt.Sprintf(format, args...)}
	if at.node != nil {
		m.locate(mistake, at.node.line, at.node.column, len([]rune(at.node.written)))
	}
	m.list = append(m.list, mistake)
}

// locate gives a mistake its line, and marks as much of width as is there.
func (m *mistakes) locate(mistake *Mistake, line, column, width int) {
	if line < 1 || line > len(m.lines) {
		return
	}
	mistake.Line, mistake.line = line, m.lines[line-1]
	if line > 1 {
		mistake.before = m.lines[line-2]
	}
	length := len([]rune(mistake.line))
	mistake.Column = max(1, min(column, length+1))
	mistake.width = max(1, min(width, length-mistake.Column+1))
	if mistake.width = min(mistake.width, shownLine-mistake.Column+1); mistake.width < 1 {
		mistake.width, mistake.line, mistake.before = 1, "", "" // it is out of sight
	}
}

// err is all mistakes in the file's order, nil when there are none.
func (m *mistakes) err() error {
	if len(m.list) == 0 {
		return nil
	}
	slices.SortStableFunc(m.list, func(a, b *Mistake) int {
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return a.Column - b.Column
	})
	return m.list
}
