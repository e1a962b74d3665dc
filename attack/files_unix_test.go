//go:build unix

package attack_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/looptest/looptest/attack"
)

func init() { children["files"] = runOutOfFiles }

// Without file descriptors requests fail with that as their kind, and the run
// goes on to its end.
func TestOutOfFiles(t *testing.T) {
	s := newStarter(t, func(w http.ResponseWriter, r *http.Request) {
		select { // long enough for all to be open at once
		case <-time.After(200 * time.Millisecond):
		case <-r.Context().Done():
		}
		answer(w, r)
	})
	out, err := child("files", "URL="+s.server.URL).Output()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if got := strings.TrimSpace(string(out)); got != "64 offered, 64 sent, 0 unsent; answers and failures for want of files: true" {
		t.Error(got)
	}
}

func runOutOfFiles() {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		panic(err)
	}
	limit.Cur = 40
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		panic(err)
	}
	crowd := attack.Stream{
		Name: "crowd", Requests: []attack.Request{{URL: "/"}}, Timeout: 5 * time.Second,
		Schedule: attack.Bursts{Size: 64, Times: 1, Every: time.Second},
	}
	runs, err := attack.Execute(context.Background(), plan(bare(os.Getenv("URL")), crowd), attack.Hooks{})
	if err != nil {
		panic(err)
	}
	kinds := map[attack.ErrorKind]int{}
	for _, s := range runs[0].Samples {
		kinds[s.Err]++
	}
	c := runs[0].Streams[0]
	both := kinds[""] > 0 && kinds[attack.ErrFiles] > 0 && len(kinds) == 2
	fmt.Printf("%d offered, %d sent, %d unsent; answers and failures for want of files: %v\n", c.Offered, c.Sent, c.Unsent, both)
}
