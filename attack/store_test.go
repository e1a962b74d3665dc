package attack_test

import (
	"bytes"
	"context"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/looptest/looptest/attack"
	"github.com/looptest/looptest/target"
)

// What is read is what was written.
func TestRunsAreKept(t *testing.T) {
	runs, err := attack.Execute(context.Background(), plan(newStarter(t, answer), probe(100, 100*time.Millisecond)), attack.Hooks{})
	if err != nil {
		t.Fatal(err)
	}
	runs[0].Began = runs[0].Began.Round(0) // the monotonic reading is this process's own
	runs[0].Lag = []target.LagReading{{Due: 1, Ran: 2, Phase: "poll", Label: "/slow"}}
	runs[0].Target = &target.Usage{Utilization: 0.5, Longest: time.Second, Memory: []target.MemoryReading{{At: 3, Heap: 4, Resident: 5}, {At: 6, Heap: 7}}}
	var file bytes.Buffer
	if err := attack.SaveRuns(&file, runs); err != nil {
		t.Fatal(err)
	}
	whole := file.Bytes()
	read, err := attack.LoadRuns(bytes.NewReader(whole))
	if err != nil {
		t.Fatal(err)
	}
	if !read[0].Began.Equal(runs[0].Began) {
		t.Errorf("began %v, want %v", read[0].Began, runs[0].Began)
	}
	read[0].Began = runs[0].Began
	if !reflect.DeepEqual(read, runs) {
		t.Errorf("read %+v\nwant %+v", read, runs)
	}
	for _, broken := range [][]byte{nil, []byte("text"), whole[:len(whole)/2], whole[:len(whole)-4]} {
		if _, err := attack.LoadRuns(bytes.NewReader(broken)); err == nil {
			t.Errorf("%d bytes of %d were read without an error", len(broken), len(whole))
		}
	}
}

func FuzzLoadRuns(f *testing.F) {
	var file bytes.Buffer
	attack.SaveRuns(&file, []attack.Run{{Arm: "a", Samples: []attack.Sample{{Seq: 1}}}})
	f.Add(file.Bytes())
	f.Add([]byte(strings.Repeat("x", 20)))
	f.Fuzz(func(t *testing.T, data []byte) {
		runs, err := attack.LoadRuns(bytes.NewReader(data))
		if err != nil && runs != nil {
			t.Errorf("both runs and %v", err)
		}
	})
}
