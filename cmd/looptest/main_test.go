package main

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// asMain makes this test program behave as looptest itself, also when looptest
// starts itself as a server.
const asMain = "LOOPTEST_TEST_AS_MAIN"

func TestMain(m *testing.M) {
	if os.Getenv(asMain) != "" {
		main()
		return
	}
	testscript.Main(m, map[string]func(){"looptest": main})
}

// TestScripts drives the real main through the transcripts.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(e *testscript.Env) error {
			e.Setenv(asMain, "1")
			own, _, _ := strings.Cut(e.Getenv("PATH"), string(os.PathListSeparator))
			e.Setenv("LOOPTEST_ONLY", own) // a PATH with nothing else on it
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exits": exits, "charts": charts},
	})
}

// exits runs a command that must end with one of the exit codes given first
// ("3" or "3,4"); what it writes is kept as after exec. A short bench on a busy
// machine may rightly call its generator late and itself invalid.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND [ARG...]")
	}
	err := ts.Exec(args[1], args[2:]...)
	got := 0
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if !slices.Contains(strings.Split(args[0], ","), strconv.Itoa(got)) {
		ts.Fatalf("exit code %d, want %s", got, args[0])
	}
}

// charts holds a bench.json: every picture that it names is there, and a claim
// that stands on blocks has some.
func charts(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: charts FILE")
	}
	var bench struct {
		Overview string
		Claims   []struct {
			Name   string
			Blocks int
			Charts []string
		}
	}
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[0])), &bench))
	for _, c := range bench.Claims {
		if (c.Blocks > 0) != (len(c.Charts) > 0) {
			ts.Fatalf("%s stands on %d blocks and has %d charts", c.Name, c.Blocks, len(c.Charts))
		}
		for _, path := range c.Charts {
			_, err := os.Stat(ts.MkAbs(path))
			ts.Check(err)
		}
	}
	if bench.Overview != "" {
		_, err := os.Stat(ts.MkAbs(bench.Overview))
		ts.Check(err)
	}
}
