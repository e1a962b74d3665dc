package target

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"sync"
	"time"
)

// heapProfiles writes a profile of the heap into a folder whenever it is asked
// to, beside the loop.
type heapProfiles struct {
	folder string
	log    *slog.Logger
}

// openProfiles checks that the folder takes profiles.
func openProfiles(folder string, log *slog.Logger) (*heapProfiles, error) {
	if !asksForProfiles {
		return nil, errors.New("this system has no SIGUSR2, which asks for a heap profile; /debug/pprof/heap gives one everywhere")
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return nil, fmt.Errorf("the folder for heap profiles can't be made: %w", err)
	}
	probe, err := os.CreateTemp(folder, unfinishedProfile)
	if err != nil {
		return nil, fmt.Errorf("heap profiles can't be written into %q: %w", folder, err)
	}
	return &heapProfiles{folder, log}, errors.Join(probe.Close(), os.Remove(probe.Name()))
}

// follow writes a profile for each signal until it is told to stop; signals that
// come meanwhile count as one.
func (p heapProfiles) follow() (stop func()) {
	asked, unask := profileSignals()
	done := make(chan struct{})
	var following sync.WaitGroup
	following.Go(func() {
		for {
			select {
			case <-asked:
				p.report(p.write(time.Now()))
			case <-done:
				return
			}
		}
	})
	return func() {
		unask()
		close(done)
		following.Wait()
	}
}

func (p heapProfiles) report(path string, err error) {
	if err != nil {
		p.log.Error("the heap profile could not be written", slog.String("error", err.Error()))
		return
	}
	p.log.Info("heap profile", slog.String("file", path))
}

const unfinishedProfile = ".heap-*.unfinished"

// write puts a profile of what is live into the folder: whole, or not at all.
func (p heapProfiles) write(now time.Time) (path string, err error) {
	f, err := os.CreateTemp(p.folder, unfinishedProfile)
	if err != nil {
		return "", err
	}
	defer os.Remove(f.Name())
	if err := errors.Join(writeHeapProfile(f), f.Sync(), f.Close()); err != nil {
		return "", err
	}
	path = filepath.Join(p.folder, now.UTC().Format("heap-20060102T150405.000000Z.pprof"))
	return path, os.Rename(f.Name(), path)
}

func writeHeapProfile(w io.Writer) error {
	runtime.GC() // the profile is as of the last collection
	return pprof.Lookup("heap").WriteTo(w, 0)
}
