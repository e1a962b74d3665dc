package target_test

import (
	"os"
	"testing"

	"go.uber.org/goleak"
)

// TestMain sees to it that no server leaves a goroutine behind; connections that
// a test's own client keeps are not the server's.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("net/http.(*persistConn).readLoop"), goleak.IgnoreAnyFunction("net/http.(*persistConn).writeLoop"),
		goleak.Cleanup(func(code int) {
			endCluster()
			os.Exit(code)
		}))
}
