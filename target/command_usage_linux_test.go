package target_test

import (
	"context"
	"net/http"
	"testing"
	"time"
)

// Of a server that shows no loop the processor time and the memory are seen, and
// said to be all that is.
func TestUsageOfCommand(t *testing.T) {
	ctx := context.Background()
	running := started(t, command("server"))
	observer := running.Observer()
	mark, err := observer.Mark(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if code, _ := get(t, running.URL()+"/burn"); code != http.StatusOK { // 100 ms of processor time
		t.Fatalf("answered %d", code)
	}
	usage, lag, err := observer.Since(ctx, mark, time.Now())
	if err != nil || !usage.Unseen || len(lag) > 0 || usage.PeakMemory <= 0 {
		t.Errorf("%+v, %d readings, %v", usage, len(lag), err)
	}
	if usage.CPU < 80*time.Millisecond { // two ticks less than were used
		t.Errorf("used %v", usage.CPU)
	}
	running.Stop()
	if _, _, err := observer.Since(ctx, mark, time.Now()); err == nil {
		t.Error("a process that has ended can't be observed")
	}
}
