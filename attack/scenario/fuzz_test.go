package scenario

import (
	"os"
	"path/filepath"
	"testing"
)

// Whatever a file holds, it is read or refused with a message of bounded length,
// and what is read can be asked for all that a run needs.
func FuzzParse(f *testing.F) {
	f.Add(Example())
	for _, glob := range []string{"testdata/valid/*.yaml", "testdata/errors/*.yaml"} {
		files, _ := filepath.Glob(glob)
		for _, path := range files {
			source, err := os.ReadFile(path)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(source)
		}
	}
	f.Fuzz(func(t *testing.T, source []byte) {
		s, err := Parse(source, "testdata/valid/fuzz.yaml")
		if err != nil {
			if len(err.Error()) > 20_000 {
				t.Errorf("a message of %d bytes", len(err.Error()))
			}
			return
		}
		if len(s.Phases) == 0 || len(s.Streams) == 0 || s.Span() <= 0 || s.Requests() <= 0 || s.Requests() > maxRequests {
			t.Errorf("%+v", s)
		}
		if arm := s.Arm(); arm.Target == nil || arm.Target.String() == "" {
			t.Errorf("no target: %+v", s.Target)
		}
		for _, stream := range s.Streams {
			if len(stream.Requests) == 0 || stream.Schedule.Span() != s.Span() {
				t.Errorf("%+v", stream)
			}
		}
		for _, b := range s.Budgets {
			if _, err := ParseBudget(b.String()); err != nil {
				t.Errorf("%+v: %v", b, err)
			}
		}
	})
}
