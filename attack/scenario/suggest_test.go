package scenario

import (
	"testing"
)

func TestDistance(t *testing.T) {
	cases := []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"", "abc", 3}, {"abc", "abc", 0},
		{"kitten", "sitting", 3}, // k→s, e→i, +g
		{"phase", "phases", 1},
	}
	for _, c := range cases {
		if got := distance(c.a, c.b); got != c.want {
			t.Errorf("%q to %q: %d, want %d", c.a, c.b, got, c.want)
		}
	}
}

func TestNearest(t *testing.T) {
	names := []string{"microtasks", "async-io", "thread-pool", "phases"}
	cases := map[string]string{
		"microtask": "microtasks", "Microtasks": "microtasks", "mircotasks": "microtasks",
		"threadpool": "thread-pool", "pahses": "phases", "thread": "thread-pool",
		"bench": "", "": "", "x": "",
	}
	for typed, want := range cases {
		if got := Nearest(typed, names); got != want {
			t.Errorf("%q: %q, want %q", typed, got, want)
		}
	}
}
