package scenario

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/looptest/looptest/attack"
	"github.com/looptest/looptest/target"
)

func TestFromFlags(t *testing.T) {
	s, err := FromFlags(Flags{
		URLs: []string{"localhost:8080/a?b=c", "http://localhost:8080", "https://127.0.0.1/x"}, Method: "put",
		Headers: []string{"X-A: 1", "x-a: 2", "Authorization: Bearer s3cr3t"}, Body: `{"a": "${b}"}`,
		Rate: "100/s..300/s", Duration: 10 * time.Second, Warmup: time.Second, Timeout: 2 * time.Second,
		Codes: []string{"200", "3xx"}, Match: "^a$", MaxBody: "1MiB", Budgets: []string{"p99<50ms"}, Abort: true,
		Connections: 5, Fresh: true, Insecure: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	stream := s.Streams[0]
	var sent []string
	for _, r := range stream.Requests {
		sent = append(sent, r.Method+" "+r.URL+" "+strings.Join(r.Header["X-A"], "+")+" "+r.Header.Get("Authorization")+" "+string(r.Body))
	}
	const rest = ` 1+2 Bearer s3cr3t {"a": "${b}"}`
	if want := []string{"put /a?b=c" + rest, "put /" + rest, "put https://127.0.0.1/x" + rest}; !slices.Equal(sent, want) {
		t.Errorf("%q", sent)
	}
	if stream.Schedule != (attack.Ramp{From: 100, To: 300, Lasts: 10 * time.Second}) || stream.Timeout != 2*time.Second || stream.MaxBody != 1<<20 {
		t.Errorf("%+v", stream)
	}
	if s.Target.URL != "http://localhost:8080" || s.Transport.Connections != 5 || !s.Transport.Fresh || !s.Transport.TLS.InsecureSkipVerify {
		t.Errorf("%+v %+v", s.Target, s.Transport)
	}
	if want := []Budget{{Metric: "p99", Op: "<", Value: 50, Text: "p99<50ms", Abort: true}}; !slices.Equal(s.Budgets, want) {
		t.Errorf("%+v", s.Budgets)
	}
	if strings.Contains(string(s.Source), "s3cr3t") || !strings.Contains(string(s.Source), "${AUTHORIZATION}") {
		t.Errorf("the source shows the secret:\n%s", s.Source)
	}
}

func TestFromFlagsWithCommand(t *testing.T) {
	s, err := FromFlags(Flags{URLs: []string{"/ok", "report"}, Command: []string{"node", "a b.js", "{port}"}, Rate: "5", Duration: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	c := s.Arm().Target.(*target.Command)
	if want := []string{"node", "a b.js", "{port}"}; !slices.Equal(c.Args, want) || c.Ready != "/ok" {
		t.Errorf("%+v", c)
	}
	if labels := Labels(s.Streams[0]); !slices.Equal(labels, []string{"GET /ok", "GET /report"}) {
		t.Errorf("%q", labels)
	}
}

// A mistake names the flag, and no line of a file that the user never wrote.
func TestFromFlagsExplains(t *testing.T) {
	good := Flags{URLs: []string{"http://localhost"}, Rate: "10", Duration: time.Second}
	for want, change := range map[string]func(*Flags){
		"no URL is given":                      func(f *Flags) { f.URLs = nil },
		`--rate: "x" is no rate`:               func(f *Flags) { f.Rate = "x" },
		"--rate: 0 sends nothing":              func(f *Flags) { f.Rate = "0" },
		"--duration: -1s is no duration":       func(f *Flags) { f.Duration = -time.Second },
		"--timeout: -1s is no duration":        func(f *Flags) { f.Timeout = -time.Second },
		"--connections: -1 is not between":     func(f *Flags) { f.Connections = -1 },
		`--header "nothing" is no header`:      func(f *Flags) { f.Headers = []string{"nothing"} },
		`--budget: "p99" is no budget`:         func(f *Flags) { f.Budgets = []string{"p99"} },
		`--expect: "ok" is no status`:          func(f *Flags) { f.Codes = []string{"ok"} },
		`--match: "(" is no regular`:           func(f *Flags) { f.Match = "(" },
		`--protocol: "http2" is not known`:     func(f *Flags) { f.Protocol = "http2" },
		`--method: "G T" is no method`:         func(f *Flags) { f.Method = "G T" },
		"--body-file: nowhere is not there":    func(f *Flags) { f.BodyFile = "nowhere" },
		"--targets: nowhere is not there":      func(f *Flags) { f.Targets = "nowhere" },
		`"/x" has no host`:                     func(f *Flags) { f.URLs = []string{"/x"} },
		`begins with ftp://`:                   func(f *Flags) { f.URLs = []string{"ftp://x/"} },
		"holds a user name":                    func(f *Flags) { f.URLs = []string{"http://u:p@x/"} },
		"cert and key go together":             func(f *Flags) { f.URLs, f.Cert = []string{"https://x"}, "c" },
		"duration is missing: how long":        func(f *Flags) { f.Duration = 0 },
		"load is missing: when requests":       func(f *Flags) { f.Rate = "" },
		"--ready: goes with a command":         func(f *Flags) { f.Ready = "/" },
		"--max-body: \"x\" is no size; write":  func(f *Flags) { f.MaxBody = "x" },
		"throughput > 11/s can't be held: onl": func(f *Flags) { f.Budgets = []string{"throughput > 11/s"} },
	} {
		f := good
		change(&f)
		_, err := FromFlags(f)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), " | ") {
			t.Errorf("%v; want %q in it", err, want)
		}
	}
}

// The source that flags leave in a record is a scenario that does the same.
func TestFlagsAndTheirSourceAreTheSame(t *testing.T) {
	texts := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"${A}", "$${", "a: b", "# c", "'", `"\`, "\u2028\x00\x7f", "- x"}))
	rapid.Check(t, func(t *rapid.T) {
		f := Flags{
			URLs: []string{"http://localhost:1/a", "http://localhost:1/b"}, Rate: "5/s", Duration: 3 * time.Second,
			Body:    strings.ToValidUTF8(texts.Draw(t, "body"), "?"),
			Headers: []string{"X-Text: " + strings.Map(printable, texts.Draw(t, "header"))},
			Timeout: time.Duration(rapid.Int64Range(0, int64(2*time.Hour)).Draw(t, "timeout")),
		}
		s, err := FromFlags(f)
		if err != nil {
			t.Fatal(err)
		}
		if got := string(s.Streams[0].Requests[0].Body); got != f.Body {
			t.Fatalf("body %q; want %q", got, f.Body)
		}
		again, err := Parse(s.Source, "")
		if err != nil || !reflect.DeepEqual(again, s) {
			t.Fatalf("%v\n%+v\n%+v", err, again, s)
		}
	})
}

func printable(r rune) rune {
	if r < ' ' || r == 0x7f || r == 0xfffd {
		return -1
	}
	return r
}
