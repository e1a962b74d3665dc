package main

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// A probe that can't be one is refused, and another is named.
func TestDetectProbes(t *testing.T) {
	l := newLoop()
	l.on("/slow", holds(30*time.Millisecond))
	l.on("/heavy", holds(6*time.Millisecond)) // quick alone, and more than the loop can do at 500/s
	l.on("/gone", answers(404))
	var asked atomic.Int32
	l.on("/limited", func(w http.ResponseWriter, _ *http.Request) {
		if asked.Add(1) > 20 {
			w.WriteHeader(429)
		}
	})
	url := serves(t, l.ServeHTTP)
	for path, want := range map[string]string{
		"/slow":    "--probe /slow can't be the probe: it takes ",
		"/heavy":   "it holds the server up itself; the cheapest here is GET /",
		"/gone":    "--probe /gone can't be the probe: it answers 404; the cheapest here is GET /",
		"/limited": "it answers 429 when it is asked for 500 times a second (a rate limit? lift it for this machine)",
	} {
		d := detectOn(t, t.Context(), url+"/ok", "--probe", path)
		d.exits(t, exitInvalid)
		d.says(t, want)
		if _, err := os.Stat(d.out); err == nil {
			t.Error("the folder is left behind")
		}
	}
}

// Where nothing can be the probe, it is asked for one.
func TestDetectHasNoProbe(t *testing.T) {
	l := newLoop()
	l.on("/", answers(500))
	l.on("/report", holds(30*time.Millisecond))
	d := detectOn(t, t.Context(), serves(t, l.ServeHTTP)+"/report")
	d.exits(t, exitInvalid)
	d.says(t, "nothing here can be the probe: GET / answers 500, GET /report takes ")
	d.says(t, "name a cheap request of this server with --probe, such as a health check or a small file")
	if d.document.Verdict.Outcome != "invalid" {
		t.Errorf("%+v", d.document)
	}
}

// What stands in front of the server is told.
func TestDetectBehindProxy(t *testing.T) {
	l := newLoop()
	l.on("/", func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Via", "1.1 edge") })
	d := detectOn(t, t.Context(), serves(t, l.ServeHTTP)+"/")
	if w := d.document.Verdict.Warnings; len(w) == 0 || !strings.Contains(strings.Join(w, "\n"), "a proxy answers (Via: 1.1 edge)") {
		t.Errorf("%q", w)
	}
}

// When the server is gone, what was judged by then is saved and reported.
func TestDetectServerDies(t *testing.T) {
	l := newLoop()
	s := httptest.NewServer(l)
	t.Cleanup(s.Close)
	l.beside("/deadly", func(http.ResponseWriter, *http.Request) {
		s.Listener.Close()
		go s.CloseClientConnections()
	})
	d := detectOn(t, t.Context(), s.URL+"/ok", s.URL+"/deadly", s.URL+"/next", "--probe", "/ok", "--timeout", "500ms")
	d.exits(t, exitInvalid)
	d.says(t, "the server does not answer the probe any more, since GET /deadly was asked for")
	d.says(t, "what was judged is in "+d.out)
	if n := len(d.document.Endpoints); n != 2 || d.document.Partial || d.document.Error == "" || d.document.Verdict.Outcome != "invalid" {
		t.Errorf("%+v", d.document)
	}
	if w := d.document.Verdict.Warnings; len(w) != 1 || w[0] != "1 of 3 endpoints not asked for any more" {
		t.Errorf("%q", w)
	}
	if !d.endpoint(t, "/deadly").Partial || d.endpoint(t, "/ok").Partial {
		t.Errorf("%+v", d.document.Endpoints)
	}
	if _, err := os.Stat(filepath.Join(d.out, detectFile)); err != nil {
		t.Error(err)
	}
}

// Connections that a burst loses make it unsure, and not something else.
func TestDetectBurstsThatFail(t *testing.T) {
	var active atomic.Int32
	l := newLoop()
	l.beside("/fragile", func(http.ResponseWriter, *http.Request) {
		defer active.Add(-1)
		if active.Add(1) > 2 {
			panic(http.ErrAbortHandler)
		}
		time.Sleep(20 * time.Millisecond)
	})
	url := serves(t, l.ServeHTTP)
	e := detectOn(t, t.Context(), url+"/fragile", "--probe", "/ok").endpoint(t, "/fragile")
	if e.Kind != "unsure" || !strings.Contains(e.Because, "when 12 are sent at once, most have no answer (reset)") {
		t.Errorf("%+v", e)
	}
}

// Ctrl-C keeps what was judged; before that it leaves nothing behind.
func TestDetectInterrupted(t *testing.T) {
	for path, judged := range map[string]int{"/second": 1, "/ok": 0} {
		ctx, interrupt := context.WithCancel(t.Context())
		l := newLoop()
		l.on("/second", func(http.ResponseWriter, *http.Request) { interrupt() })
		url := serves(t, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == path {
				interrupt()
			}
			l.ServeHTTP(w, r)
		})
		d := detectOn(t, ctx, url+"/first", url+"/second", "--probe", "/ok", "--expect", "404")
		d.exits(t, exitInterrupted)
		_, err := os.Stat(filepath.Join(d.out, detectFile))
		if (err == nil) != (judged > 0) || d.document.Partial != (judged > 0) {
			t.Errorf("%s: %v, %+v", path, err, d.document)
		}
		if judged == 0 {
			d.says(t, "interrupted before anything was judged")
			continue
		}
		d.says(t, "interrupted; what was judged is in "+d.out)
		if d.endpoint(t, "/first").Partial || !d.endpoint(t, "/second").Partial || d.document.Error != "interrupted" {
			t.Errorf("%+v", d.document)
		}
	}
}
