package loop_test

import (
	"testing"

	"go.uber.org/goleak"
)

// No loop leaves a goroutine of its pool or its workers behind.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
