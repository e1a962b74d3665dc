package target

import (
	"net/url"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// Whatever the query, a route either refuses it by name or gives values within
// the bounds of its parameters.
func TestReadKeepsTheBounds(t *testing.T) {
	routes := Routes(1)
	rapid.Check(t, func(t *rapid.T) {
		route := rapid.SampledFrom(routes).Draw(t, "route")
		query := url.Values{}
		for _, name := range rapid.SliceOfN(rapid.SampledFrom([]string{"mode", "n", "chunk", "file", "size", "other"}), 0, 3).Draw(t, "names") {
			query.Set(name, rapid.OneOf(
				rapid.SampledFrom([]string{"block", "chunk", "pool", "", "0", "1", "10000000", "10000001", "-1", "1.5", "a", "../a", "/a"}),
				rapid.String(),
			).Draw(t, name))
		}
		values, err := route.read(query)
		if err != nil {
			if !strings.Contains(err.Error(), "parameter ") {
				t.Fatalf("the error names no parameter: %v", err)
			}
			return
		}
		for _, p := range route.Params {
			if err := p.check(values[p.Name]); err != nil {
				t.Fatalf("accepted: %v", err)
			}
		}
	})
}

func TestDefaultsAreWithinTheirBounds(t *testing.T) {
	for _, route := range Routes(1) {
		if route.Does == "" {
			t.Errorf("%s does not say what it does", route.Path)
		}
		for _, p := range route.Params {
			if err := p.check(p.Default); err != nil {
				t.Errorf("%s: the default is refused: %v", route.Path, err)
			}
			if p.Means == "" {
				t.Errorf("%s: %s has no meaning", route.Path, p.Name)
			}
		}
	}
}

func TestTailKeepsTheEnd(t *testing.T) {
	var k tail
	for range 1000 {
		k.Write([]byte("0123456789"))
	}
	k.Write([]byte("end"))
	if s := k.String(); len(s) != tailBytes || !strings.HasSuffix(s, "789end") {
		t.Errorf("kept %d bytes ending in %q", len(s), s[len(s)-6:])
	}
}

func TestHighWaterMark(t *testing.T) {
	if _, ok := highWaterMark("/nowhere"); ok {
		t.Error("read a file that is not there")
	}
	if PeakMemory() <= 0 {
		t.Error("this process has no memory")
	}
}
