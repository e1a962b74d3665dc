package target_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/looptest/looptest/target"
)

// stuck is a writer that takes nothing until it is let go.
type stuck struct {
	mu      sync.Mutex
	release chan struct{}
	written bytes.Buffer
}

func (s *stuck) Write(b []byte) (int, error) {
	<-s.release
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.written.Write(b)
}

// What is written comes through whole and in order, whoever writes.
func TestLogWriter(t *testing.T) {
	var out bytes.Buffer
	w := target.NewLogWriter(&out)
	var all sync.WaitGroup
	for i := range 4 {
		all.Go(func() {
			for j := range 1000 {
				fmt.Fprintf(w, "%d %d\n", i, j)
			}
		})
	}
	all.Wait()
	w.Close()
	next := map[string]int{}
	for line := range strings.Lines(out.String()) {
		by, number, _ := strings.Cut(strings.TrimSpace(line), " ")
		if number != fmt.Sprint(next[by]) {
			t.Fatalf("got line %q, want number %d", line, next[by])
		}
		next[by]++
	}
	if len(next) != 4 || next["3"] != 1000 {
		t.Errorf("lines by writer: %v", next)
	}
	if _, err := w.Write([]byte("late\n")); err == nil {
		t.Error("a closed writer takes a line")
	}
	w.Close()
}

// While nobody reads, writing goes on at once and what there is no room for is
// dropped; once somebody reads, the log says how many lines that was.
func TestLogWriterNeverWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // a write that waits would be a deadlock here
		out := &stuck{release: make(chan struct{})}
		w := target.NewLogWriter(out)
		line := strings.Repeat("x", 1023) + "\n"
		io.WriteString(w, line)
		synctest.Wait() // it is on its way, and stuck
		const room = 1024
		for range room + 5 {
			io.WriteString(w, line)
		}
		close(out.release)
		w.Close()
		text := out.written.String()
		if n := strings.Count(text, "x\n"); n != 1+room {
			t.Errorf("%d lines came through, want %d", n, 1+room)
		}
		if !strings.Contains(text, `"msg":"log lines were dropped","lines":5}`) {
			t.Errorf("the log ends with %q", text[len(text)-100:])
		}
	})
}

// Closing gives up on a writer that stays stuck.
func TestLogWriterGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := &stuck{release: make(chan struct{})}
		w := target.NewLogWriter(out)
		io.WriteString(w, "line\n")
		w.Close()
		close(out.release)
	})
}

type unheard struct{}

func (unheard) Write([]byte) (int, error) { return 0, errors.New("nobody listens") }

func TestLogWriterIntoNothing(t *testing.T) {
	w := target.NewLogWriter(unheard{})
	for range 3 {
		if _, err := io.WriteString(w, "line\n"); err != nil {
			t.Error(err)
		}
	}
	w.Close()
}
