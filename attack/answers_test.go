package attack_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"maps"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/looptest/looptest/attack"
)

// What an answer has to be for its stream, and how one that is not is told.
func TestExpectations(t *testing.T) {
	write := func(code int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code); io.WriteString(w, body) }
	}
	for _, c := range []struct {
		name    string
		handler http.HandlerFunc
		change  func(*attack.Stream)
		code    int
		bytes   int64
		kind    attack.ErrorKind
	}{
		{"fine", write(200, "OK"), func(*attack.Stream) {}, 200, 2, ""},
		{"a code", write(503, "busy"), func(*attack.Stream) {}, 503, 4, attack.ErrStatus},
		{"a code that is expected", write(503, ""), func(s *attack.Stream) { s.Expect = func(c int) bool { return c == 503 } }, 503, 0, ""},
		{"a code that is not", write(200, "OK"), func(s *attack.Stream) { s.Expect = func(c int) bool { return c == 503 } }, 200, 2, attack.ErrStatus},
		{"a body", write(200, "it works"), func(s *attack.Stream) { s.Match = regexp.MustCompile("w.rk") }, 200, 8, ""},
		{"another body", write(200, "it fails"), func(s *attack.Stream) { s.Match = regexp.MustCompile("w.rk") }, 200, 8, attack.ErrBody},
		{"the code goes first", write(500, "it fails"), func(s *attack.Stream) { s.Match = regexp.MustCompile("w.rk") }, 500, 8, attack.ErrStatus},
		{"the longest body", write(200, strings.Repeat("x", 1000)), func(s *attack.Stream) { s.MaxBody = 1000 }, 200, 1000, ""},
		{"a body too long", write(200, strings.Repeat("x", 1001)), func(s *attack.Stream) { s.MaxBody = 1000 }, 0, 1001, attack.ErrTooLarge},
		{"too long to match", write(200, strings.Repeat("x", 5000)), func(s *attack.Stream) { s.MaxBody, s.Match = 1000, regexp.MustCompile("x") }, 0, 1001, attack.ErrTooLarge},
		{"a redirect that leads nowhere", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "http://[::1/")
			w.WriteHeader(302)
		}, func(*attack.Stream) {}, 302, 0, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			stream := probe(50, 100*time.Millisecond)
			c.change(&stream)
			runs, err := attack.Execute(context.Background(), plan(newStarter(t, c.handler), stream), attack.Hooks{})
			if err != nil {
				t.Fatal(err)
			}
			bad := 0
			for _, s := range runs[0].Samples {
				if s.Code != c.code || s.Err != c.kind || s.Bytes != c.bytes {
					t.Errorf("code %d, kind %q, %d bytes; want %d, %q, %d", s.Code, s.Err, s.Bytes, c.code, c.kind, c.bytes)
				}
				if s.Answered() != (c.code != 0) {
					t.Errorf("answered: %v", s.Answered())
				}
			}
			if c.kind != "" {
				bad = 5
			}
			if n := runs[0].Streams[0]; n.Bad != bad || n.Sent != 5 {
				t.Errorf("%+v, want 5 sent, %d of them bad", n, bad)
			}
		})
	}
}

// A body without an end is left after MaxBody, and its connection closed.
func TestEndlessBody(t *testing.T) {
	var ended sync.WaitGroup
	ended.Add(5)
	s := newStarter(t, func(w http.ResponseWriter, r *http.Request) {
		defer ended.Done()
		for block := make([]byte, 1<<12); ; {
			if _, err := w.Write(block); err != nil {
				return
			}
		}
	})
	stream := probe(50, 100*time.Millisecond)
	stream.MaxBody = 1 << 16
	runs, err := attack.Execute(context.Background(), plan(s, stream), attack.Hooks{})
	if err != nil {
		t.Fatal(err)
	}
	ended.Wait()
	for _, s := range runs[0].Samples {
		if s.Err != attack.ErrTooLarge || s.Bytes != 1<<16+1 {
			t.Errorf("%+v", s)
		}
	}
}

// Each request is sent by its weight, as it is described, and its samples tell
// which it was: also when many are under way at once.
func TestRequests(t *testing.T) {
	type got struct{ method, path, host, body, header, login string }
	var mu sync.Mutex
	bySeq := map[int]got{}
	s := newStarter(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		n, err := strconv.Atoi(r.Header.Get("X-Vegeta-Seq"))
		if err != nil {
			t.Error(err)
		}
		mu.Lock()
		defer mu.Unlock()
		bySeq[n] = got{r.Method, r.URL.RequestURI(), r.Host, string(body), r.Header.Get("X-Kind"), r.Header.Get("Authorization")}
		fmt.Fprint(w, n)
	})
	own := strings.TrimPrefix(s.server.URL, "http://")
	stream := attack.Stream{
		Name: "mixed", Schedule: attack.Bursts{Size: 30, Every: 20 * time.Millisecond, Times: 4},
		Requests: []attack.Request{
			{Name: "read", URL: "/a?b=c", Weight: 3, Header: http.Header{"host": {"else.example"}, "X-Kind": {"r"}}},
			{Method: "PUT", URL: "/b", Weight: 2, Body: []byte("the body")},
			{URL: "http://me:secret@" + own + "/c"},
		},
	}
	runs, err := attack.Execute(context.Background(), plan(s, stream), attack.Hooks{})
	if err != nil {
		t.Fatal(err)
	}
	want := []got{
		{"GET", "/a?b=c", "else.example", "", "r", ""},
		{"PUT", "/b", own, "the body", "", ""},
		{"GET", "/c", own, "", "", "Basic " + base64.StdEncoding.EncodeToString([]byte("me:secret"))},
	}
	times := map[int]int{}
	for i, sample := range runs[0].Samples {
		times[sample.Request]++
		if sample.Seq != i || bySeq[i] != want[sample.Request] || sample.Bytes != int64(len(strconv.Itoa(i))) {
			t.Errorf("%+v was %+v, want %+v", sample, bySeq[i], want[sample.Request])
		}
	}
	if !maps.Equal(times, map[int]int{0: 60, 1: 40, 2: 20}) {
		t.Errorf("sent %v of 120 by the weights 3, 2 and 1", times)
	}
	if labels := runs[0].Streams[0].Labels; strings.Join(labels, ", ") != "read, PUT /b, GET /c" {
		t.Errorf("labels %q", labels)
	}
	if stream.Requests[0].Header.Get("X-Vegeta-Seq") != "" || len(stream.Requests[2].Header) != 0 {
		t.Errorf("the requests were changed: %v", stream.Requests)
	}
}

// A request that can't be made is told before anything is sent.
func TestBadRequests(t *testing.T) {
	s := newStarter(t, func(http.ResponseWriter, *http.Request) { t.Error("something was sent") })
	for _, c := range []struct {
		request attack.Request
		says    string
	}{
		{attack.Request{URL: "/ok", Method: "NOT A METHOD"}, "invalid method"},
		{attack.Request{URL: "ok"}, "scheme"},
		{attack.Request{URL: "/\x7f"}, "invalid control character"},
		{attack.Request{URL: "/ok", Weight: -2}, "has the weight -2"},
	} {
		stream := probe(10, time.Second)
		stream.Requests = []attack.Request{{URL: "/ok"}, c.request}
		_, err := attack.Execute(context.Background(), plan(s, stream), attack.Hooks{})
		if err == nil || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), `stream "/ok"`) {
			t.Errorf("%+v: %v, want %q", c.request, err, c.says)
		}
	}
}
