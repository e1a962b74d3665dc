package reports

import (
	"bytes"
	"errors"
	"image/png"
	"strconv"
	"strings"
	"testing"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/analysis/detect"
)

func detectDrawn(t *testing.T, format string, p DetectPicture) string {
	t.Helper()
	var b bytes.Buffer
	if err := p.Draw(&b, format); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestDetectPicturesHaveRoomForTheirWords(t *testing.T) {
	if testing.Short() {
		t.Skip("takes long")
	}
	for _, long := range []int{1, 3, 40} {
		for name, d := range map[string]Detect{"a server": ScannedServer(), "rates": RatedScan()} {
			lengthen := func(s string) string { return strings.Repeat(s+" with a long name", long-1) + s }
			d.Target, d.Probe.URL = lengthen(d.Target), lengthen(d.Probe.URL)
			for i := range d.Findings {
				f := &d.Findings[i]
				f.Because, f.Endpoint.Request.Name = lengthen(f.Because), lengthen(f.Endpoint.Request.URL)
			}
			for _, p := range d.Pictures() {
				t.Run(name+" "+p.Name+" × "+strconv.Itoa(long), func(t *testing.T) {
					checkLayout(t, detectDrawn(t, "svg", p))
				})
			}
		}
	}
}

// Each non-trivial endpoint has a picture, the most harmful first.
func TestDetectPicturesAreNamed(t *testing.T) {
	var names []string
	for _, p := range ScannedServer().Pictures() {
		names = append(names, p.Name)
	}
	want := "detect-overview detect-01-get-endless detect-02-get-report detect-03-get-cluster detect-04-get-page detect-05-get-items detect-06-get-hash detect-07-get-lookup detect-08-get-busy"
	if got := strings.Join(names, " "); got != want {
		t.Errorf("got %s", got)
	}
	many := ScannedServer()
	for range 6 {
		many.Findings = append(many.Findings, many.Findings[1:5]...)
	}
	if n := len(many.Pictures()); n != 1+mostEvidence {
		t.Errorf("%d pictures", n)
	}
	for text, want := range map[string]string{
		"GET /a?b=c&d": "get-a-b-c-d", "POST /": "post", "../../etc": "etc", "Ärger": "rger", "": "",
		strings.Repeat("x", 100): strings.Repeat("x", 40),
	} {
		if got := fileName(text); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
}

func TestDetectPicturesSayWhatTheyShow(t *testing.T) {
	wants := map[string][]string{
		"detect-overview": {
			"5 of 10 endpoints hold the loop; most of all: GET /endless blocks the loop for 2.0 s or more: it gave no answer",
			"GET /report", "blocking", "48 ms (47–49)", "GET /items", "5.0 ms (4.9–5.1)", "chunks of 5.0 ms · takes 100 ms", "no stall is seen", "not told", "4 at once · takes 50 ms",
			"how long one request holds the loop, log scale", "95 % interval", "a stall that short could be missed", "node server.js · 10 endpoints · probe GET /ok at 500/s",
		},
		"detect-02-get-report": {
			"GET /report blocks the loop for 48 ms (47–49)", "one request", "12 at once", "request or placebo, by a coin", "request", "placebo", "probes",
			"8 against 8 shots · held up by 48 ms (47–49), p <0.0001", "+48 ms", "one probe, at its send", "the request in flight", "answer to a probe",
			"12 jobs: first done after 48 ms, all after 576 ms · the slowest probe waited 576 ms", // 12 · 48 ms, one after the other
			"response time of probes (from the intended send)",
		},
		"detect-04-get-page":  {"GET /page holds the loop for 20 ms of its 60 ms", "what the slowest probe beside it waited, log scale; the placebo is the probe's own request"},
		"detect-06-get-hash":  {"GET /hash runs off the loop, 4 at once", "what the first probe after it waited, log scale; the placebo is the probe's own request"},
		"detect-05-get-items": {"GET /items gives the loop back every 5.0 ms", "as it was made for a test · probe GET /ok at 500/s · confidence 83 %"},
	}
	for _, p := range ScannedServer().Pictures() {
		all := joined(texts(t, detectDrawn(t, "svg", p)))
		for _, want := range wants[p.Name] {
			if !strings.Contains(all, want) {
				t.Errorf("%s lacks %q in\n%s", p.Name, want, all)
			}
		}
	}
}

// Waits that are shorter than what can be told apart are drawn at the axis's end, and
// it is said.
func TestShortWaitsAreAdmitted(t *testing.T) {
	const note = "waits below 50 µs, less what looptest itself was late, are drawn there"
	d := ScannedServer()
	d.Findings = d.Findings[4:5]
	if all := joined(texts(t, detectDrawn(t, "svg", d.Pictures()[1]))); strings.Contains(all, note) {
		t.Error("nothing was that short")
	}
	d.Findings[0].Stall.Trials[1].First = -ms
	if all := joined(texts(t, detectDrawn(t, "svg", d.Pictures()[1]))); !strings.Contains(all, note) {
		t.Errorf("the foot lacks it: %s", all)
	}
}

func TestDetectPNGHasItsSizeAndRepeats(t *testing.T) {
	if testing.Short() {
		t.Skip("takes long")
	}
	for _, p := range ScannedServer().Pictures()[:3] {
		first := detectDrawn(t, "png", p)
		img, err := png.Decode(strings.NewReader(first))
		if err != nil {
			t.Fatal(err)
		}
		if size := img.Bounds().Size(); size.X != 1600 || size.Y < 900 {
			t.Errorf("%s is %v", p.Name, size)
		}
		if detectDrawn(t, "png", p) != first {
			t.Errorf("%s differs from itself", p.Name)
		}
	}
}

func TestDetectPictureErrors(t *testing.T) {
	var b bytes.Buffer
	d := ScannedServer()
	if err := d.Pictures()[0].Draw(&b, "gif"); err == nil || !strings.Contains(err.Error(), "gif") {
		t.Errorf("gif: %v", err)
	}
	if err := (Detect{}).Pictures()[0].Draw(&b, "png"); !errors.Is(err, ErrNothingToDraw) {
		t.Errorf("nothing: %v", err)
	}
	bare := d.Findings[1]
	bare.Bursts, bare.Stall.Trials = nil, []detect.Trial{{}} // a trial of which nothing is known
	d.Findings = []detect.Finding{bare}
	if err := d.Pictures()[1].Draw(&b, "png"); !errors.Is(err, ErrNothingToDraw) || b.Len() > 0 {
		t.Errorf("no evidence: %v, %d bytes", err, b.Len())
	}
}

func TestWithinWords(t *testing.T) {
	for want, e := range map[string]analysis.Estimate{
		"48 ms (47–49)":        {Value: 48e6, Low: 47e6, High: 49e6},
		"48 ms":                {Value: 48e6, Low: 47.8e6, High: 48.2e6},
		"1.1 s (980 ms–1.2 s)": {Value: 1.1e9, Low: 0.98e9, High: 1.2e9},
	} {
		if got := stallWords(e); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
