package target_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/looptest/looptest/target"
)

// Every request that the loop answered is a line, once it is answered: wrong
// ones too, those that are turned away, and those of a callback that throws.
func TestLogsRequests(t *testing.T) {
	log := &events{}
	server := listen(t, target.Config{Log: log.log(), LogRequests: true, MaxLag: target.GuideMaxLag})
	target.LookEvery(server, time.Hour)
	s := start(t, server)
	ask := func(path string, code int) {
		t.Helper()
		before := len(log.every())
		if got, body := get(t, s.URL+path); got != code {
			t.Errorf("%s answered %d %q", path, got, body)
		}
		all := log.every()
		e := all[len(all)-1]
		path, _, _ = strings.Cut(path, "?")
		if len(all) == before || e.Level != "INFO" || e.Msg != "request" || e.Method != "GET" || e.Path != path || e.Code != code || e.MS <= 0 {
			t.Errorf("%s: the log ends with %+v", path, e)
		}
	}
	ask("/ok", 200)
	ask("/slow?mode=chunk&n=10&chunk=3", 200)
	ask("/hash?mode=none", 400)
	ask("/nowhere", 404)
	ask("/panic?in=timer", 500)
	target.SetLag(server, time.Hour)
	ask("/ok", 503)
	if res, err := http.Head(s.URL + "/health"); err != nil || res.StatusCode != 200 {
		t.Errorf("HEAD: %v, %v", res, err)
	}
	if all := log.every(); all[len(all)-1].Method != "HEAD" {
		t.Errorf("the log ends with %+v", all[len(all)-1])
	}
}

// The duration is that from a request's arrival: its wait for the loop counts.
func TestLoggedDurationHoldsTheWait(t *testing.T) {
	log := &events{}
	s := serve(t, target.Config{Log: log.log(), LogRequests: true})
	held, release := make(chan struct{}), make(chan struct{})
	target.Post(s.server, func() {
		close(held)
		<-release
	})
	<-held
	var asking sync.WaitGroup
	asking.Go(func() { get(t, s.URL+"/ok") })
	until(func() bool { return target.InFlight(s.server) == 1 })
	came := time.Now()
	time.Sleep(20 * time.Millisecond)
	waited := time.Since(came)
	close(release)
	asking.Wait()
	if all := log.every(); len(all) != 1 || all[0].MS < float64(waited)/float64(time.Millisecond) {
		t.Errorf("a request that waited %v is logged as %+v", waited, all)
	}
}

func TestLogsNothingUnasked(t *testing.T) {
	log := &events{}
	server := listen(t, target.Config{Log: log.log()})
	target.Handle(server, "/held", func(x *target.Exchange) {
		time.Sleep(200 * time.Millisecond)
		x.Reply(http.StatusOK, "held")
	})
	s := start(t, server)
	get(t, s.URL+"/held")
	answersOthers(t, s)
	ends(t, s)
	if all := log.every(); len(all) != 1 || all[0].Msg != "cleaned up" { // the end's own line
		t.Errorf("the log holds %+v", all)
	}
}

// A loop that is held when the watch is due is warned of, with what held it.
func TestWatchesLag(t *testing.T) {
	log := &events{}
	server := listen(t, target.Config{Log: log.log(), WatchLag: true})
	target.LookEvery(server, 20*time.Millisecond)
	target.Handle(server, "/held", func(x *target.Exchange) {
		time.Sleep(200 * time.Millisecond)
		x.Reply(http.StatusOK, "held")
	})
	s := start(t, server)
	until(func() bool {
		get(t, s.URL+"/held")
		return len(log.every()) > 0
	})
	ends(t, s)
	e := log.every()[0]
	if e.Level != "WARN" || e.Msg != "event loop lag" || e.Lag <= 100 || e.HeldBy != "/held" || e.Held < 200 {
		t.Errorf("the log begins with %+v", e)
	}
}
