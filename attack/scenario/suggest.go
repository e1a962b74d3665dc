package scenario

import "strings"

// Nearest gives the name that was probably meant: one that begins with what was
// typed, or that a few keystrokes turn it into. It is empty when none is near.
func Nearest(typed string, names []string) string {
	typed = strings.ToLower(typed)
	if len(typed) > 64 {
		return ""
	}
	best, least := "", len(typed)/3+1
	for _, name := range names {
		if len(typed) >= 2 && strings.HasPrefix(name, typed) {
			return name
		}
		if d := distance(typed, strings.ToLower(name)); d <= least && d < len(typed) {
			best, least = name, d-1
		}
	}
	return best
}

// distance counts the letters to insert, delete or replace (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replaced := diagonal
			if a[i] != b[j] {
				replaced++
			}
			diagonal = row[j+1]
			row[j+1] = min(replaced, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
