package target

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"
)

// The 501st entry costs the one that was not asked for the longest.
func TestBoundedByEntries(t *testing.T) {
	c := newBounded()
	key := func(n int) valueKey { return valueKey{int64(n), 0, 1} }
	for n := range cacheEntries {
		c.set(key(n), value{})
	}
	c.get(key(0)) // now 1 is the oldest
	c.set(key(cacheEntries), value{})
	for n, want := range map[int]bool{0: true, 1: false, 2: true, cacheEntries: true} {
		if _, hit := c.get(key(n)); hit != want {
			t.Errorf("key %d: a hit is %v, want %v", n, hit, want)
		}
	}
	if use := c.use(); use.Entries != cacheEntries || use.Evictions != 1 || use.Hits != 4 || use.Misses != 1 {
		t.Errorf("got %+v", use)
	}
}

// Values of 1 MiB are a few bytes more as JSON: seven of them are within 8 MiB.
func TestBoundedByBytes(t *testing.T) {
	c := newBounded()
	for n := range int64(10) {
		key := valueKey{n, 0, 1024}
		c.set(key, key.compute(1))
	}
	if use := c.use(); use.Entries != 7 || use.Evictions != 3 || use.Bytes <= 7<<20 || use.Bytes > cacheBytes {
		t.Errorf("got %+v", use)
	}
}

// A hit renews an entry's age; an hour without one ends it, and frees its memory at
// the next request, whatever that is for.
func TestBoundedByAge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, key := newBounded(), valueKey{1, 0, 1}
		c.set(key, value{})
		for range 3 {
			time.Sleep(cacheAge - time.Second)
			if _, hit := c.get(key); !hit {
				t.Fatal("gone within an hour of the last hit")
			}
		}
		time.Sleep(cacheAge + time.Second)
		if _, hit := c.get(valueKey{2, 0, 1}); hit {
			t.Error("a hit for a value that was never set")
		}
		if use := c.use(); use.Entries != 0 || use.Evictions != 1 {
			t.Errorf("after more than an hour: %+v", use)
		}
		if _, hit := c.get(key); hit {
			t.Error("a hit after more than an hour")
		}
	})
}

// Whatever is asked for, a bounded cache keeps its bounds, gives what was set for
// the key, and counts each request once.
func TestBoundedKeepsItsBounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := newBounded()
		set := map[valueKey]value{}
		asked := int64(0)
		for range rapid.IntRange(1, 200).Draw(t, "requests") {
			key := valueKey{rapid.Int64Range(0, 1500).Draw(t, "key"), 0, rapid.SampledFrom([]int64{1, 8, 128}).Draw(t, "kb")}
			v, hit := c.get(key)
			asked++
			if hit && v != set[key] {
				t.Fatalf("key %v gave %v", key, v.Key)
			}
			if !hit {
				set[key] = key.compute(1)
				c.set(key, set[key])
			}
		}
		if use := c.use(); use.Entries > cacheEntries || use.Bytes > cacheBytes || use.Hits+use.Misses != asked {
			t.Fatalf("after %d requests: %+v", asked, use)
		}
	})
}

// The map without bounds grows with every key, and refuses before it fills the
// machine.
func TestUnboundedGrows(t *testing.T) {
	c := newUnbounded()
	v := value{Text: strings.Repeat("x", 4<<20)} // 64 of them and their quotes are too many
	for n := range int64(63) {
		if !c.set(valueKey{key: n}, v) {
			t.Fatalf("refused value %d", n)
		}
	}
	if c.set(valueKey{key: 63}, v) {
		t.Error("took more than it may hold")
	}
	if use := c.use(); use.Entries != 63 || use.Evictions != 0 || use.Bytes <= 63*4<<20 {
		t.Errorf("got %+v", use)
	}
	c.clear()
	if !c.set(valueKey{key: 63}, v) || c.use().Entries != 1 {
		t.Errorf("after it was cleared: %+v", c.use())
	}
}
