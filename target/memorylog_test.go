package target

import (
	"testing"
	"testing/synctest"
	"time"
)

// A log is read now and then by itself, more often when somebody passes, and not
// at all unless it is followed.
func TestMemoryLogGlances(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		now := func() time.Duration { return time.Since(began) }
		l := newMemoryLog()
		l.glance(now())
		if n := len(l.since(0)); n != 0 {
			t.Errorf("%d readings before it was followed", n)
		}
		stop := l.follow(now)
		time.Sleep(250 * time.Millisecond)
		synctest.Wait()
		if n := len(l.since(0)); n != 3 { // at 0, 100 and 200 ms
			t.Errorf("%d readings in 250 ms without requests", n)
		}
		for range 10 { // 255, 260 … 300 ms: read at 255, 275 and 295 ms
			time.Sleep(5 * time.Millisecond)
			l.glance(now())
			l.glance(now())
		}
		synctest.Wait()
		readings := l.since(201 * time.Millisecond)
		if n := len(readings); n != 3 || readings[0].At != 255*time.Millisecond || readings[2].At != 295*time.Millisecond {
			t.Errorf("with requests: %+v", readings)
		}
		stop()
		time.Sleep(time.Second)
		l.glance(now())
		if n := len(l.since(0)); n != 6 {
			t.Errorf("%d readings in all, some of them when it was no longer followed", n)
		}
	})
}

func BenchmarkMemoryReading(b *testing.B) {
	g := newMemoryGauge()
	defer g.close()
	b.ReportAllocs()
	for b.Loop() {
		g.read(0)
	}
}
