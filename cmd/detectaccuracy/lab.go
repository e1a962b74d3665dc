package main

import (
	"context"
	_ "embed"
	"fmt"
	"hash/fnv"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/looptest/looptest/analysis/detect"
	"github.com/looptest/looptest/attack"
	"github.com/looptest/looptest/cmd/internal/calibration"
	"github.com/looptest/looptest/target"
)

//go:embed servers/node.cjs
var nodeServer []byte

//go:embed servers/asyncio_server.py
var pythonServer []byte

// goArg makes this program the Go server.
const goArg = "-go-server"

// record is what is kept of a scan.
type record struct {
	Name       string
	Number     int
	Began      time.Time
	TookMS     float64
	Machine    string
	Load       float64
	Error      string `json:",omitempty"`
	Kind       target.Kind
	Because    string
	Confidence float64
	Found      bool    // a stall, by the single shots
	StallMS    float64 // 0 for none
	ServiceMS  float64
	ChunkMS    float64
	Capacity   int
	By         detect.CapacityMethod
	Processes  int
}

// lab starts servers and has them judged.
type lab struct{ folder, looptest string }

func newLab(ctx context.Context) (*lab, error) {
	folder, err := os.MkdirTemp("", "detectaccuracy")
	if err != nil {
		return nil, err
	}
	l := &lab{folder, filepath.Join(folder, "looptest")}
	for name, content := range map[string][]byte{"node.cjs": nodeServer, "asyncio_server.py": pythonServer} {
		if err := os.WriteFile(filepath.Join(folder, name), content, 0o644); err != nil {
			return l, err
		}
	}
	cmd := exec.CommandContext(ctx, "go", "build", "-o", l.looptest, "github.com/looptest/looptest/cmd/looptest")
	if output, err := cmd.CombinedOutput(); err != nil {
		return l, fmt.Errorf("the reference server can't be built: %w\n%s", err, output)
	}
	return l, nil
}

func (l *lab) close() { os.RemoveAll(l.folder) }

// command starts the server.
func (l *lab) command(s server) (*target.Command, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	c := &target.Command{Env: strings.Fields(s.Env), Ready: "/ok"}
	switch s.Runtime {
	case "node":
		c.Args = []string{"node", filepath.Join(l.folder, "node.cjs")}
	case "python":
		c.Args = []string{"python3", filepath.Join(l.folder, "asyncio_server.py")}
	case "go":
		c.Args = []string{self, goArg}
	default:
		c.Args = append([]string{l.looptest, "serve"}, strings.Fields(s.Args)...)
	}
	return c, nil
}

// scan judges the sample once, on a fresh server. What goes wrong is recorded with
// it; only an interruption is not.
func (l *lab) scan(ctx context.Context, s sample, number int) (record, error) {
	here := attack.ReadEnvironment()
	r := record{Name: s.Name, Number: number, Began: time.Now(), Machine: here.Machine(), Load: here.Load1}
	if s.Hog {
		release, err := calibration.StartHog()
		if err != nil {
			return r, err
		}
		defer release()
	}
	f, err := l.judge(ctx, s, number)
	if ctx.Err() != nil {
		return r, ctx.Err()
	}
	if err != nil {
		r.Error = err.Error()
	}
	r.TookMS = float64(f.Took) / float64(time.Millisecond)
	r.Kind, r.Because, r.Confidence, r.Found = f.Kind, f.Because, f.Confidence, f.Stall.Found && !f.Stall.ByBurst
	r.StallMS, r.ChunkMS, r.ServiceMS = f.Stall.Length.Value/1e6, f.Chunk.Value/1e6, float64(f.Service.P50)/1e6
	r.Capacity, r.By, r.Processes = f.Capacity.Value, f.Capacity.By, f.Processes
	return r, nil
}

func (l *lab) judge(ctx context.Context, s sample, number int) (f detect.Finding, err error) {
	command, err := l.command(s.Server)
	if err != nil {
		return f, err
	}
	t, err := command.Start(ctx)
	if err != nil {
		return f, err
	}
	defer t.Stop()
	if strings.Contains(s.Server.Env, "CLUSTER=") {
		time.Sleep(time.Second) // until all of its processes listen; before that there is one
	}
	sender, err := attack.NewFineSender(ctx, t.URL(), attack.Transport{}, detect.Connections)
	if err != nil {
		return f, err
	}
	defer sender.Close()
	settings := detect.Settings{Probe: attack.Request{URL: "/ok"}, Seed: seed(s.Name, number)}
	if s.Probe != "" {
		settings.Probe.URL = s.Probe
	}
	if s.Pool != "" {
		settings.PoolProbe = &attack.Request{URL: s.Pool}
	}
	findings, err := detect.Scan(ctx, sender, []detect.Endpoint{{Request: attack.Request{URL: s.Path}}}, settings, detect.Hooks{})
	if len(findings) > 0 {
		f = findings[0]
	}
	return f, err
}

// seed is another one for each scan, and the same when it is run again.
func seed(name string, number int) uint64 {
	h := fnv.New64a()
	fmt.Fprintf(h, "%s %d", name, number)
	return h.Sum64()
}
