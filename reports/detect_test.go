package reports_test

import (
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/analysis/detect"
	"github.com/looptest/looptest/reports"
)

func TestDetectReports(t *testing.T) {
	d := reports.ScannedServer()
	d.Charts = []string{"out/detect-overview.png", "out/detect-01-get-endless.png"}
	golden(t, "detect.txt", func(w io.Writer) error { return d.Table(w, reports.Style{}) })
	golden(t, "detect-narrow.txt", func(w io.Writer) error { return d.Table(w, reports.Style{Width: 80}) })
	golden(t, "detect.json", d.JSON)
	golden(t, "detect.md", d.Markdown)
	golden(t, "detect-summary.md", d.Summary)
	rated := reports.RatedScan()
	golden(t, "detect-fail.txt", func(w io.Writer) error { return rated.Table(w, reports.Style{Colour: true}) })
	golden(t, "detect-fail-narrow.txt", func(w io.Writer) error { return rated.Table(w, reports.Style{Width: 80}) })
	golden(t, "detect-fail.junit.xml", rated.JUnit)
	golden(t, "detect-brief.txt", rated.Brief)
	golden(t, "detect-nothing.json", reports.Detect{Target: "http://127.0.0.1:1", Error: "no connection"}.JSON)
}

func TestWatchReports(t *testing.T) {
	v := reports.WatchedServer()
	golden(t, "watch.txt", func(w io.Writer) error { return v.Table(w, reports.Style{Width: 80}) })
	golden(t, "watch.json", v.JSON)
	golden(t, "watch.jsonl", func(w io.Writer) error {
		for _, s := range v.Watched.Worst {
			if err := v.StallJSON(w, s); err != nil {
				return err
			}
		}
		return v.JSONLine(w)
	})
	golden(t, "watch-lines.txt", func(w io.Writer) error {
		for _, s := range v.Watched.Worst {
			if err := v.StallLine(w, s); err != nil {
				return err
			}
		}
		return v.Brief(w)
	})
}

// On a terminal of 80 columns nothing is wider, whatever endpoints are called.
func TestDetectTableFits(t *testing.T) {
	for _, d := range []reports.Detect{reports.ScannedServer(), reports.RatedScan()} {
		for i := range d.Findings {
			d.Findings[i].Endpoint.Request.URL += strings.Repeat("/part", 10)
		}
		var b bytes.Buffer
		if err := d.Table(&b, reports.Style{Width: 80}); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(b.String()) {
			if n := utf8.RuneCountInString(strings.TrimRight(line, " \n")); n > 80 {
				t.Errorf("%d columns: %s", n, line)
			}
		}
	}
}

// What other programs read has the types that they expect.
func TestDetectJSONTypes(t *testing.T) {
	var b bytes.Buffer
	if err := reports.ScannedServer().JSON(&b); err != nil {
		t.Fatal(err)
	}
	var d struct {
		Command   string
		Verdict   struct{ Outcome string }
		Endpoints []struct {
			Method, URL, Kind, Advice string
			Stall                     *struct{ Value, Low, High float64 } `json:"stall_ms"`
			Service                   *struct{ P50 float64 }              `json:"service_ms"`
			Chunk                     *float64                            `json:"chunk_ms"`
			Capacity, Processes       *int
			Confidence                float64
			Culprits                  []struct{ Function, File string }
		}
	}
	if err := json.Unmarshal(b.Bytes(), &d); err != nil {
		t.Fatal(err)
	}
	if d.Command != "detect" || d.Verdict.Outcome != "inconclusive" || len(d.Endpoints) != 10 {
		t.Fatalf("%+v", d)
	}
	for _, e := range d.Endpoints {
		switch e.URL {
		case "/report":
			if e.Kind != "blocking" || e.Method != "GET" || e.Stall.Value != 48 || e.Stall.Low != 47.04 || e.Service.P50 != 48 || e.Advice == "" {
				t.Errorf("%+v", e)
			}
		case "/items":
			if *e.Chunk != 5 || e.Capacity != nil {
				t.Errorf("%+v", e)
			}
		case "/hash":
			if *e.Capacity != 4 || e.Stall.Value != 0 || e.Stall.High <= 0 { // none found; what could be missed
				t.Errorf("%+v", e)
			}
		case "/cluster":
			if *e.Processes != 2 {
				t.Errorf("%+v", e)
			}
		case "/endless":
			if e.Stall.Value != 2000 {
				t.Errorf("%+v", e)
			}
		case "/private":
			if e.Stall != nil || e.Kind != "unsure" {
				t.Errorf("%+v", e)
			}
		}
	}
}

// The most harmful comes first: by its stall, and with rates by its part of the time.
func TestDetectRanks(t *testing.T) {
	order := func(d reports.Detect) string {
		var b bytes.Buffer
		d.Brief(&b)
		var paths []string
		for line := range strings.Lines(b.String()) {
			if _, rest, found := strings.Cut(line, ": GET "); found && !strings.HasPrefix(line, "fail") && !strings.HasPrefix(line, "inconclusive") {
				paths = append(paths, strings.Fields(rest)[0])
			}
		}
		return strings.Join(paths, " ")
	}
	if got, want := order(reports.ScannedServer()), "/endless /report /cluster /page /items /private /hash /lookup /busy /ok"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	// 120/s · 5 ms = 600 ms a second; 2/s · 48 ms = 96; 0.5/s · 20 ms = 10.
	if got, want := order(reports.RatedScan()), "/items /report /page /hash"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestDetectOutcome(t *testing.T) {
	scanned := reports.ScannedServer()
	sure := scanned
	sure.Findings = sure.Findings[:3]
	with := func(d reports.Detect, change func(*reports.Detect)) reports.Detect {
		change(&d)
		return d
	}
	rule, _ := detect.ParseRule("blocking")
	for name, c := range map[string]struct {
		d    reports.Detect
		want analysis.Outcome
	}{
		"all are sure":     {sure, analysis.Pass},
		"one is unsure":    {scanned, analysis.Inconclusive},
		"a rule is broken": {with(scanned, func(d *reports.Detect) { d.Rules = []detect.Rule{rule} }), analysis.Fail},
		"interrupted":      {with(sure, func(d *reports.Detect) { d.Partial, d.Error = true, "interrupted" }), analysis.Inconclusive},
		"the server died":  {with(sure, func(d *reports.Detect) { d.Error = "gone" }), analysis.Invalid},
		"it died, and a rule is broken by then": {with(sure, func(d *reports.Detect) {
			d.Error, d.Rules = "gone", []detect.Rule{rule}
		}), analysis.Fail},
		"nothing": {reports.Detect{}, analysis.Invalid},
	} {
		if got := c.d.Outcome(); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}
