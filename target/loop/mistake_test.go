package loop_test

import (
	"os"
	"slices"
	"testing"

	"github.com/looptest/looptest/target/loop"
	"github.com/looptest/looptest/target/loop/fuzz"
)

// The comparison with Node sees: each wrong rule, switched on, makes the loop
// differ from a golden trace.
func TestEveryMistakeIsSeen(t *testing.T) {
	file, err := os.Open("fuzz/testdata/golden.jsonl.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	pairs, err := fuzz.ReadPairs(file)
	if err != nil {
		t.Fatal(err)
	}
	differs := func() int {
		for i, pair := range pairs {
			if !slices.Equal(fuzz.Run(pair.Program), pair.Node) {
				return i
			}
		}
		return -1
	}
	if i := differs(); i >= 0 {
		t.Fatalf("without a mistake the loop differs in program %d", i)
	}
	for i, name := range loop.Mistakes() {
		undo := loop.Make(i + 1)
		seen := differs()
		undo()
		if seen < 0 {
			t.Errorf("%s is not seen in %d programs", name, len(pairs))
		}
	}
}
