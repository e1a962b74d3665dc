package target_test

import (
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/looptest/looptest/target"
)

// awaitFreed collects garbage until the memo has let go of so many entries: the
// runtime forgets them on a goroutine of its own.
func awaitFreed(t *testing.T, s *running, freed int) cacheStats {
	t.Helper()
	for range 500 {
		runtime.GC()
		if memo := cachesOf(t, s)["memo"]; memo.Evictions >= freed {
			return memo
		}
		time.Sleep(time.Millisecond)
	}
	t.Fatalf("the memo keeps its entries: %+v", cachesOf(t, s)["memo"])
	return cacheStats{}
}

// A result is remembered for as long as its session is held, however often garbage
// is collected, and is gone when the session is.
func TestMemoLetsGo(t *testing.T) {
	s := serve(t, target.Config{})
	ask := func(query, want string) {
		t.Helper()
		if code, body := get(t, s.URL+"/cache/memo?n=10&"+query); code != 200 || !strings.HasSuffix(body, want) {
			t.Errorf("%s answered %d %q, want %q", query, code, body, want)
		}
	}
	for _, session := range []string{"0", "1", "2"} {
		ask("session="+session, "Remembered=false")
	}
	runtime.GC()
	runtime.GC()
	for _, session := range []string{"0", "1", "2"} {
		ask("session="+session, "Remembered=true")
	}
	ask("do=drop&session=1", "Session=1 Held=true Dropped")
	ask("do=drop&session=1", "Session=1 Held=false Dropped")
	if memo := awaitFreed(t, s, 1); memo != (cacheStats{Hits: 3, Misses: 3, Evictions: 1, Entries: 2}) {
		t.Errorf("after a session was dropped: %+v", memo)
	}
	ask("session=0", "Remembered=true")
	ask("session=1", "Remembered=false") // another object of the same name
	ask("session=1", "Remembered=true")
}
