package main

import (
	"bytes"
	"context"
	"flag"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/looptest/looptest/target"
)

var update = flag.Bool("update", false, "write the golden files anew")

// With goArg this test program is the Go server, as detectaccuracy itself is.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == goArg {
		serveGo()
		return
	}
	os.Exit(m.Run())
}

func TestSamplesAreDistinct(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range samples() {
		if key := string(s.Group) + s.Name; seen[key] {
			t.Errorf("%s is there twice", key)
		} else {
			seen[key] = true
		}
		if s.Kind == "" || s.Set == "" || s.Path == "" || s.Group == sensitivity && s.Stall == 0 || (s.Group == pools) != (s.Pool != "") {
			t.Errorf("%+v", s)
		}
	}
}

// Each server answers what its samples ask for, with 200.
func TestServersAnswer(t *testing.T) {
	l := &lab{folder: t.TempDir()}
	os.WriteFile(filepath.Join(l.folder, "node.cjs"), nodeServer, 0o644)
	os.WriteFile(filepath.Join(l.folder, "asyncio_server.py"), pythonServer, 0o644)
	programs := map[string]string{"node": "node", "python": "python3", "go": ""}
	asked := map[server][]string{}
	for _, s := range samples() {
		if _, ours := programs[s.Server.Runtime]; ours && s.Group == kinds {
			asked[s.Server] = append(asked[s.Server], s.Path, "/ok")
		}
	}
	for server, paths := range asked {
		t.Run(server.String(), func(t *testing.T) {
			if program := programs[server.Runtime]; program != "" {
				if _, err := exec.LookPath(program); err != nil {
					t.Skipf("%s is not installed", program)
				}
			}
			c, err := l.command(server)
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			running, err := c.Start(ctx)
			if err != nil {
				t.Fatal(err)
			}
			defer running.Stop()
			for _, path := range paths {
				res, err := http.Get(running.URL() + path)
				if err != nil {
					t.Fatal(err)
				}
				res.Body.Close()
				if res.StatusCode != http.StatusOK {
					t.Errorf("%s: %s", path, res.Status)
				}
			}
			http.DefaultClient.CloseIdleConnections()
		})
	}
}

// The page says what the records hold.
func TestReport(t *testing.T) {
	found := map[group]scans{}
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for _, g := range groups {
		found[g] = scans{}
	}
	n := 0
	for _, s := range samples() {
		for number := range 2 {
			n++
			r := record{Name: s.Name, Number: number, Began: at.Add(time.Duration(n) * time.Minute), TookMS: 1500, Machine: "a machine", Load: 0.5, Kind: s.Kind, Confidence: 1, Capacity: s.Capacity}
			if s.Stall > 0 {
				r.Found, r.StallMS = true, toMS(s.Stall)+0.1
			}
			r.ChunkMS = toMS(s.Chunk)
			if s.Path == "/early?ms=15&n=60" && number == 1 {
				r.Kind, r.Because = target.Blocking, "it looked so"
			}
			found[s.Group][s.Name] = append(found[s.Group][s.Name], r)
		}
	}
	got := report(found)
	golden := filepath.Join("testdata", "report.md")
	if *update {
		if err := os.WriteFile(golden, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("got\n%s", got)
	}
	if empty := string(report(map[group]scans{})); !strings.Contains(empty, "Nothing has been run yet") {
		t.Error(empty)
	}
}
