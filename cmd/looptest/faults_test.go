package main

import (
	"bytes"
	"context"
	"encoding/pem"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/looptest/looptest/attack/record"
)

// cannotBegin checks that an attack came to nothing, said why, and left nothing
// behind.
func cannotBegin(t *testing.T, a attacked, why string) {
	t.Helper()
	if a.code != exitInvalid || a.stdout != "" || !strings.Contains(a.stderr, why) {
		t.Errorf("exit code %d, want 4 and %q; it said:\n%s%s", a.code, why, a.stderr, a.stdout)
	}
	if _, err := os.Stat(a.out); err == nil {
		t.Errorf("the folder is left behind")
	}
}

func TestNobodyListens(t *testing.T) {
	cannotBegin(t, attackOn(t, "http://"+closedPort(t)+"/"), "it refuses connections; does the server run, and does it listen there?")
}

func TestUnknownName(t *testing.T) {
	began := time.Now()
	cannotBegin(t, attackOn(t, "http://nobody.invalid/", "--i-own-this-target"), "nobody.invalid")
	if took := time.Since(began); took > time.Minute {
		t.Errorf("it took %v to find that out", took)
	}
}

// Without the word of consent nothing is sent to another machine, and nothing is
// written.
func TestConsent(t *testing.T) {
	a := attackOn(t, "http://192.0.2.1/")
	if a.code != exitUsage || !strings.Contains(a.stderr, "http://192.0.2.1 is not on this machine; if you may put load on it, say so with --i-own-this-target") {
		t.Errorf("exit code %d: %s", a.code, a.stderr)
	}
	if _, err := os.Stat(a.out); err == nil {
		t.Error("a folder was made")
	}
	var out bytes.Buffer
	file := "target: http://127.0.0.1:1\nduration: 1s\nstreams: {a: {load: 1/s, requests: [GET http://192.0.2.1/x]}}\n"
	if code := run(context.Background(), []string{"run", "-"}, strings.NewReader(file), &out, &out); code != exitUsage || !strings.Contains(out.String(), "192.0.2.1 is not on this machine") {
		t.Errorf("a request's own host: exit code %d: %s", code, out.String())
	}
}

func TestTLS(t *testing.T) {
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	defer s.Close()
	attackOn(t, append(short, s.URL)...).failsAs(t, "tls")
	attackOn(t, append(short, strings.Replace(serves(t, func(http.ResponseWriter, *http.Request) {}), "http:", "https:", 1))...).failsAs(t, "tls")
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	attackOn(t, append(short, s.URL, "--ca", ca)...).ends(t, exitPass)
	attackOn(t, append(short, s.URL, "--insecure", "--protocol", "http/2")...).failsAs(t, "tls") // it speaks HTTP/1.1 only
	attackOn(t, append(short, s.URL, "--insecure")...).ends(t, exitPass)
}

func TestAllErrors(t *testing.T) {
	a := attackOn(t, append(short, serves(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(503) }))...)
	a.failsAs(t, "status")
	if a.summary.Whole.Codes["503"] != 50 || !strings.Contains(a.summary.Finding, "all 50 requests failed") {
		t.Errorf("%+v", a.summary)
	}
}

func TestNeverAnswers(t *testing.T) {
	url := serves(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	a := attackOn(t, url, "--rate", "100/s", "--duration", "500ms", "--timeout", "300ms")
	a.failsAs(t, "timeout")
	if a.summary.Whole.CutOff != 50 {
		t.Errorf("%d cut off", a.summary.Whole.CutOff)
	}
}

func TestGarbage(t *testing.T) {
	l := listens(t, func(c net.Conn) {
		c.Read(make([]byte, 1))
		c.Write([]byte("220 mail.example ESMTP at your service\r\n\r\n"))
	})
	attackOn(t, append(short, "http://"+l.Addr().String())...).failsAs(t, "garbage", "reset")
}

// listens hands each connection to serve, and closes it then.
func listens(t *testing.T, serve func(net.Conn)) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				serve(c)
			}()
		}
	}()
	return l
}

func TestEndlessBody(t *testing.T) {
	url := serves(t, func(w http.ResponseWriter, r *http.Request) {
		page := make([]byte, 4096)
		for r.Context().Err() == nil {
			if _, err := w.Write(page); err != nil {
				return
			}
		}
	})
	attackOn(t, url, "--rate", "20/s", "--duration", "500ms", "--max-body", "64KiB", "--timeout", "20s").failsAs(t, "too-large")
	// One that only drips is ended by its timeout.
	url = serves(t, func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			w.Write([]byte{'.'})
			w.(http.Flusher).Flush()
			time.Sleep(10 * time.Millisecond)
		}
	})
	attackOn(t, url, "--rate", "20/s", "--duration", "500ms", "--timeout", "500ms").failsAs(t, "timeout")
}

// A target that goes away and comes back costs errors, and the load goes on.
func TestTargetComesBack(t *testing.T) {
	handler := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
	first, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := first.Addr().String()
	s := &http.Server{Handler: handler}
	go s.Serve(first)
	var again atomic.Pointer[http.Server]
	time.AfterFunc(time.Second, func() {
		s.Close()
		time.Sleep(500 * time.Millisecond)
		second, err := net.Listen("tcp", address)
		if err != nil {
			t.Errorf("the port is gone: %v", err)
			return
		}
		s := &http.Server{Handler: handler}
		again.Store(s)
		s.Serve(second)
	})
	a := attackOn(t, "http://"+address, "--rate", "100/s", "--duration", "4s", "--timeout", "5s", "--budget", "error_rate < 0.1%")
	if s := again.Load(); s != nil {
		s.Close()
	}
	a.ends(t, exitFail)
	w := a.summary.Whole
	if w.Sent != 400 || w.Errors["refused"]+w.Errors["reset"] == 0 || w.Good < 10 {
		t.Errorf("%+v", w)
	}
	if a.summary.Partial {
		t.Error("the load was not carried out to its end")
	}
}

// A rate that no machine reaches makes the numbers invalid, and says what to do.
func TestRateOutOfReach(t *testing.T) {
	if testing.Short() {
		t.Skip("takes long")
	}
	url := serves(t, func(http.ResponseWriter, *http.Request) {})
	a := attackOn(t, url, "--rate", "1000000/s", "--duration", "100ms", "--no-records", "--timeout", "30s")
	if a.code != exitInvalid || a.summary.Verdict.Outcome != "invalid" || !strings.Contains(strings.Join(a.summary.Verdict.Reasons, " "), "lower the rate") {
		t.Errorf("exit code %d: %+v", a.code, a.summary)
	}
}

// The records can be read by report, and say the same.
func TestReportReadsAttack(t *testing.T) {
	url := serves(t, func(http.ResponseWriter, *http.Request) {})
	a := attackOn(t, append(short, url)...)
	a.ends(t, exitPass)
	r, err := record.Open(a.out)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if h := r.Head(); h.Partial || h.Unfinished || h.Lost != 0 || len(h.Streams) != 1 {
		t.Errorf("head: %+v", h)
	}
	var out bytes.Buffer
	if code := run(context.Background(), []string{"report", a.out, "--json"}, nil, &out, &out); code != a.code {
		t.Errorf("report: exit code %d, the attack's %d\n%s", code, a.code, out.String())
	}
}
