package target_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/looptest/looptest/target"
)

// manyAnswer is what /fs/many answers.
type manyAnswer struct {
	Files, Read, Failed int
	Failures            []struct{ File, Error string }
	MostOpen            int     `json:"most_open"`
	TotalPrice          float64 `json:"total_price"`
}

func askMany(t *testing.T, s *running, query string) (m manyAnswer) {
	t.Helper()
	getJSON(t, s.URL+"/fs/many?"+query, &m)
	return m
}

// However many are read at once, the result is the same; what differs is how many
// are open.
func TestManyFiles(t *testing.T) {
	s := serve(t, target.Config{PoolSize: 4})
	// A file's prices are 0, ¼ … 59/4: 60·59/2/4 = 442.5 in all.
	for _, files := range []int{0, 1, 99, 100, 101, 250} {
		for mode, open := range map[string][2]int{
			// The pool begins first in, first out: by the first close all opens have
			// begun, and all but three are done.
			"all": {files - 3, files}, "batch": {min(files, 100) - 3, min(files, 100)}, "one": {min(files, 1), min(files, 1)},
		} {
			m := askMany(t, s, fmt.Sprintf("mode=%s&files=%d", mode, files))
			if m.Files != files || m.Read != files || m.Failed != 0 || len(m.Failures) != 0 || m.TotalPrice != 442.5*float64(files) {
				t.Errorf("%s of %d: got %+v", mode, files, m)
			}
			if m.MostOpen < open[0] || m.MostOpen > open[1] {
				t.Errorf("%s of %d: %d files open at once, want %v", mode, files, m.MostOpen, open)
			}
		}
	}
	if now, most := openFiles(t, s); now != 0 || most < 247 || most > 250 {
		t.Errorf("%d files are open and %d were at once", now, most)
	}
}

// A file that can't be read, or isn't what it should be, fails alone: its error
// stands beside its name.
func TestManyKeepsFailuresBesideNames(t *testing.T) {
	outside := dataFolder(t, map[string][]byte{"secret": []byte("[]")})
	dir := t.TempDir()
	many := filepath.Join(dir, "many")
	for _, err := range []error{
		os.MkdirAll(filepath.Join(many, "0003.json"), 0o700),
		os.WriteFile(filepath.Join(many, "0005.json"), []byte("[{]"), 0o600),
		os.Symlink("nowhere", filepath.Join(many, "0108.json")),
		os.Symlink(filepath.Join(outside, "secret"), filepath.Join(many, "0109.json")),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	s := serve(t, target.Config{Data: dir})
	for _, mode := range []string{"all", "one", "batch"} {
		m := askMany(t, s, "files=120&mode="+mode)
		got := map[string]string{}
		for _, f := range m.Failures {
			got[f.File] = f.Error
		}
		for name, says := range map[string]string{
			"many/0003.json": "no regular file", "many/0005.json": "invalid character", "many/0108.json": "no such file", "many/0109.json": "escapes",
		} {
			if !strings.Contains(got[name], says) {
				t.Errorf("%s: beside %s stands %q, want %q", mode, name, got[name], says)
			}
		}
		if m.Read != 116 || m.Failed != 4 || len(got) != 4 || m.TotalPrice != 116*442.5 {
			t.Errorf("%s: got %+v", mode, m)
		}
	}
	noneOpen(t, s)
}

// The list of failures is bounded, and says how many there were.
func TestManyBoundsItsFailures(t *testing.T) {
	dir := t.TempDir()
	for i := range 50 {
		if err := os.MkdirAll(filepath.Join(dir, "many", fmt.Sprintf("%04d.json", i)), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	s := serve(t, target.Config{Data: dir})
	if m := askMany(t, s, "files=60"); m.Failed != 50 || len(m.Failures) != 20 || m.Read != 10 {
		t.Errorf("got %d failed, %d of them listed, %d read", m.Failed, len(m.Failures), m.Read)
	}
}
