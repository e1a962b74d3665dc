package reports

import (
	"strconv"
	"strings"
)

// plainMost is how long a name from outside may become in a table, in letters.
const plainMost = 80

// plain makes a name from outside fit for a line of text: no control characters,
// which a terminal would obey, and not endlessly long.
func plain(s string) string {
	s = plainLine(s)
	if letters := []rune(s); len(letters) > plainMost {
		s = string(letters[:plainMost-1]) + "…"
	}
	return s
}

// plainLine is plain for a sentence, which may be as long as it is.
func plainLine(s string) string {
	return strings.Map(func(r rune) rune {
		if !strconv.IsPrint(r) {
			return ' '
		}
		return r
	}, s)
}
