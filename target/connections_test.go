package target_test

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/looptest/looptest/target"
)

// How many connections are held: the number, or what the race detector
// bears, which ends a process at 8128 goroutines.
const (
	manyConnections    = 10_000
	manyUnderTheRace   = 3_000
	descriptorsToSpare = 200
	clientURL          = "HOLD_CONNECTIONS_TO"
	clientConnections  = "HOLD_CONNECTIONS"
)

// Many connections are open at once, each is answered at the beginning and, when
// all are open, again; then a shutdown closes them all. The client is a process
// of its own, so that each side needs one file descriptor for a connection.
func TestManyConnections(t *testing.T) {
	if testing.Short() {
		t.Skip("it opens thousands of connections")
	}
	connections := manyConnections
	if underRace() {
		connections = manyUnderTheRace
	}
	if limit := raiseDescriptors(); limit < connections+descriptorsToSpare {
		connections = limit - descriptorsToSpare
		t.Logf("the limit of %d file descriptors allows %d connections", limit, connections)
	}
	s := serve(t, target.Config{})
	cmd := exec.Command(os.Args[0], "-test.run=^TestHoldConnections$")
	cmd.Env = append(os.Environ(), clientURL+"="+s.URL, clientConnections+"="+strconv.Itoa(connections))
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(stdout)
	says := func(want string) {
		t.Helper()
		if line, err := lines.ReadString('\n'); err != nil || strings.TrimSpace(line) != want {
			t.Errorf("the client says %q (%v), want %q", line, err, want)
		}
	}
	says(fmt.Sprintf("%d are answered once", connections))
	answersOthers(t, s)
	io.WriteString(stdin, "again\n")
	says(fmt.Sprintf("%d are answered twice", connections))
	ends(t, s)
	says(fmt.Sprintf("%d are closed", connections))
	stdin.Close()
	io.Copy(io.Discard, stdout)
	if err := cmd.Wait(); err != nil {
		t.Errorf("the client: %v", err)
	}
}

// TestHoldConnections is the client of TestManyConnections, in its own process.
func TestHoldConnections(t *testing.T) {
	url := os.Getenv(clientURL)
	if url == "" {
		t.Skip("TestManyConnections runs it")
	}
	raiseDescriptors()
	connections, err := strconv.Atoi(os.Getenv(clientConnections))
	if err != nil {
		t.Fatal(err)
	}
	s := &running{Ready: target.Ready{URL: url}}
	wires := make([]*wire, connections)
	inParts(wires, func(i int) { wires[i] = dial(t, s) })
	ask := func() (answered int) {
		inParts(wires, func(i int) { wires[i].send(request("/ok")) })
		for _, w := range wires {
			if code, body := w.reads(); code == http.StatusOK && body == "OK" {
				answered++
			}
		}
		return answered
	}
	fmt.Println(ask(), "are answered once")
	bufio.NewReader(os.Stdin).ReadString('\n')
	fmt.Println(ask(), "are answered twice")
	closed := 0
	for _, w := range wires {
		if _, err := w.answer.ReadByte(); err == io.EOF {
			closed++
		}
	}
	fmt.Println(closed, "are closed")
}

// inParts does something for each wire, from a few goroutines.
func inParts(wires []*wire, do func(i int)) {
	var all sync.WaitGroup
	const parts = 8
	for part := range parts {
		all.Go(func() {
			for i := part; i < len(wires); i += parts {
				do(i)
			}
		})
	}
	all.Wait()
}

// underRace reports whether the race detector watches.
func underRace() bool {
	info, known := debug.ReadBuildInfo()
	return known && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"})
}
