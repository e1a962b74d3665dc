package analysis_test

import (
	"flag"
	"os"
	"testing"
)

// TestMain fixes the seed of the properties; a flag on the command line wins.
func TestMain(m *testing.M) {
	if err := flag.Set("rapid.seed", "1"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}
