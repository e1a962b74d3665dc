package target

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/pprof/profile"
)

func profilesIn(t *testing.T, folder string) *heapProfiles {
	t.Helper()
	p, err := openProfiles(folder, slog.New(slog.DiscardHandler))
	if !asksForProfiles {
		if err == nil || !strings.Contains(err.Error(), "SIGUSR2") {
			t.Errorf("on a system without SIGUSR2: %v", err)
		}
		t.Skip("nothing asks for profiles here")
	}
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// A profile is in its folder whole or not at all: who looks meanwhile reads every
// one that is there.
func TestProfilesAreWhole(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "made", "for them")
	p := profilesIn(t, folder)
	const count = 20
	var reading sync.WaitGroup
	reading.Go(func() {
		for seen := 0; seen < count; {
			files, _ := filepath.Glob(filepath.Join(folder, "heap-*.pprof"))
			for _, file := range files[seen:] {
				readProfile(t, file)
			}
			seen = len(files)
		}
	})
	began := time.Date(2026, 1, 2, 3, 4, 5, 0, time.FixedZone("elsewhere", 3600))
	for i := range count {
		path, err := p.write(began.Add(time.Duration(i) * time.Millisecond))
		if err != nil {
			t.Fatal(err)
		}
		if i == 1 && filepath.Base(path) != "heap-20260102T020405.001000Z.pprof" {
			t.Errorf("it is named %q", path)
		}
	}
	reading.Wait()
	left, err := os.ReadDir(folder)
	if err != nil || len(left) != count {
		t.Errorf("%d files are left of %d profiles (%v)", len(left), count, err)
	}
}

func readProfile(t *testing.T, file string) {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Error(err)
		return
	}
	defer f.Close()
	p, err := profile.Parse(f)
	if err != nil {
		t.Errorf("%s: %v", file, err)
		return
	}
	if len(p.Sample) == 0 || p.SampleType[3].Type != "inuse_space" {
		t.Errorf("%s: %d samples of %v", file, len(p.Sample), p.SampleType)
	}
}

// A folder that takes no profiles is an error at once; one that is gone later is
// told, and costs that profile alone.
func TestProfilesWithoutAFolder(t *testing.T) {
	folder := t.TempDir()
	file := filepath.Join(folder, "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	p := profilesIn(t, filepath.Join(folder, "gone"))
	if _, err := openProfiles(filepath.Join(file, "below"), slog.Default()); err == nil || !strings.Contains(err.Error(), "heap profiles") {
		t.Errorf("below a file: %v", err)
	}
	if _, err := Listen(Config{Unit: 1, Profiles: file}); err == nil || !strings.Contains(err.Error(), "heap profiles") {
		t.Errorf("a file: %v", err)
	}
	var log bytes.Buffer
	p.log = slog.New(slog.NewJSONHandler(&log, nil))
	if err := os.Remove(p.folder); err != nil {
		t.Fatal(err)
	}
	p.report(p.write(time.Now()))
	if !strings.Contains(log.String(), "could not be written") || !strings.Contains(log.String(), `"level":"ERROR"`) {
		t.Errorf("it said %q", log.String())
	}
}
