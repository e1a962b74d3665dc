package target

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/jellydator/ttlcache/v3"
)

// Bounds of the cache: the guide's 500 entries and hour of age, which a hit
// renews, and a budget for what all entries are as JSON.
const (
	cacheEntries = 500
	cacheAge     = time.Hour
	cacheBytes   = 8 << 20
)

// unboundedMost is what the cache without bounds may hold all the same, so that
// nobody fills the machine: from then on it refuses.
const unboundedMost = 256 << 20

// Bounds of the requests.
const (
	cacheKeyMost = 1_000_000_000
	cacheSpread  = 1_000_000
	cacheSteps   = 2_000
	cacheKB      = 4
	cacheKBMost  = 1_024
)

// cacheRoute is the guide's expensive value behind its bounded cache, behind a
// map that grows for ever, and behind nothing.
func cacheRoute(unit Unit) Route {
	return Route{
		Path: "/cache/get",
		Does: fmt.Sprintf("gives a value that is expensive to compute, from a cache of at most %d entries, %d MiB as JSON and an hour of age, from a map that grows for ever, or computed each time",
			cacheEntries, cacheBytes>>20),
		Params: []Param{
			{Name: "mode", Means: "which cache", Default: "bounded", Choices: []string{"bounded", "unbounded", "none"}},
			{Name: "key", Means: "of the value", Default: "0", Min: 0, Max: cacheKeyMost},
			{Name: "spread", Means: "keys from that one on, of which one is drawn at random; 1 for the key itself", Default: "1", Min: 1, Max: cacheSpread},
			{Name: "n", Means: "steps of about 1 µs that the value takes", Default: strconv.Itoa(cacheSteps), Min: 0, Max: slowStepsMax},
			{Name: "kb", Means: "size of the value, in KiB", Default: strconv.Itoa(cacheKB), Min: 1, Max: cacheKBMost},
		},
		Work:  []Work{{"a hit", Trivial}, {"a miss", Blocking}},
		Guide: guide + "Memory-Efficient Data Structures",
		Handle: func(x *Exchange) {
			c := x.server.caches
			x.fromStore(c.stores[x.Values["mode"]], unit, valueKey{
				key: x.Values.Int("key") + c.draw.Int64N(x.Values.Int("spread")), steps: x.Values.Int("n"), kb: x.Values.Int("kb"),
			})
		},
	}
}

// cacheClearRoute empties the caches.
func cacheClearRoute() Route {
	return Route{
		Path:  "/cache/clear",
		Does:  "empties the caches of /cache/get",
		Work:  []Work{{Kind: Trivial}},
		Guide: guide + "Memory-Efficient Data Structures",
		Handle: func(x *Exchange) {
			for _, s := range x.server.caches.stores {
				s.clear()
			}
			x.Reply(http.StatusOK, "empty")
		},
	}
}

// fromStore answers with the value, which the store has or is given.
func (x *Exchange) fromStore(s cacheStore, unit Unit, key valueKey) {
	v, hit := s.get(key)
	if !hit {
		v = key.compute(unit)
		if !s.set(key, v) {
			x.Reply(http.StatusInsufficientStorage, fmt.Sprintf("the cache without bounds holds %d MiB; /cache/clear empties it\n", unboundedMost>>20))
			return
		}
	}
	x.Reply(http.StatusOK, fmt.Sprintf("Key=%d Sum=%g Bytes=%d Hit=%t", v.Key, v.Sum, len(v.Text), hit))
}

// valueKey names a value: all that it depends on.
type valueKey struct{ key, steps, kb int64 }

// value is what is expensive to compute.
type value struct {
	Key  int64   `json:"key"`
	Sum  float64 `json:"sum"`
	Text string  `json:"text"`
}

// compute is the guide's expensiveOperation.
func (k valueKey) compute(unit Unit) value {
	const line = 16
	return value{k.key, sum(float64(k.key), 0, k.steps*int64(unit)), strings.Repeat(fmt.Sprintf("%0*x", line, k.key), int(k.kb<<10)/line)}
}

// jsonLength is the guide's size of an entry.
func (v value) jsonLength() int64 {
	text, err := json.Marshal(v)
	if err != nil {
		return 0 // a value has nothing that JSON lacks
	}
	return int64(len(text))
}

// caches are the stores of /cache/get by their mode. Requests come on the loop;
// what they use is read from anywhere.
type caches struct {
	stores map[string]cacheStore
	draw   *rand.Rand // of keys: the same ones in every server
}

func newCaches() *caches {
	return &caches{
		stores: map[string]cacheStore{"bounded": newBounded(), "unbounded": newUnbounded(), "none": &noStore{}},
		draw:   rand.New(rand.NewPCG(1, 1)),
	}
}

// cacheStore keeps values.
type cacheStore interface {
	get(valueKey) (value, bool)
	set(valueKey, value) bool // false when it refuses
	clear()
	use() cacheUse
}

var _, _, _ cacheStore = bounded{}, (*unbounded)(nil), (*noStore)(nil)

// bounded is a cache that forgets what was not asked for the longest.
type bounded struct {
	*ttlcache.Cache[valueKey, value]
}

func newBounded() bounded {
	return bounded{ttlcache.New(
		ttlcache.WithCapacity[valueKey, value](cacheEntries),
		ttlcache.WithTTL[valueKey, value](cacheAge),
		ttlcache.WithMaxCost(cacheBytes, func(item ttlcache.CostItem[valueKey, value]) uint64 { return uint64(item.Value.jsonLength()) }),
	)}
}

// get renews the entry's age. What is too old goes here too: no timer is needed
// for a cache that is bounded anyway.
func (c bounded) get(key valueKey) (value, bool) {
	c.DeleteExpired()
	if item := c.Get(key); item != nil {
		return item.Value(), true
	}
	return value{}, false
}

func (c bounded) set(key valueKey, v value) bool {
	c.Set(key, v, ttlcache.DefaultTTL)
	return true
}

func (c bounded) clear() { c.DeleteAll() }

func (c bounded) use() cacheUse {
	m, items := c.Metrics(), c.Items()
	use := cacheUse{Hits: int64(m.Hits), Misses: int64(m.Misses), Evictions: int64(m.Evictions), Entries: len(items)}
	for _, item := range items {
		use.Bytes += int64(item.Cost())
	}
	return use
}

// unbounded is the mistake: it never forgets.
type unbounded struct {
	mu     sync.Mutex // the loop's alone, but for use
	values map[valueKey]value
	used   cacheUse
}

func newUnbounded() *unbounded { return &unbounded{values: map[valueKey]value{}} }

func (c *unbounded) get(key valueKey) (value, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	v, hit := c.values[key]
	c.used.count(hit)
	return v, hit
}

func (c *unbounded) set(key valueKey, v value) bool {
	bytes := v.jsonLength()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.used.Bytes+bytes > unboundedMost {
		return false
	}
	c.values[key] = v
	c.used.Bytes += bytes
	return true
}

func (c *unbounded) clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.values, c.used.Bytes = map[valueKey]value{}, 0
}

func (c *unbounded) use() cacheUse {
	c.mu.Lock()
	defer c.mu.Unlock()
	use := c.used
	use.Entries = len(c.values)
	return use
}

// noStore keeps nothing.
type noStore struct {
	mu     sync.Mutex
	misses int64
}

func (c *noStore) get(valueKey) (value, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.misses++
	return value{}, false
}

func (*noStore) set(valueKey, value) bool { return true }
func (*noStore) clear()                   {}

func (c *noStore) use() cacheUse {
	c.mu.Lock()
	defer c.mu.Unlock()
	return cacheUse{Misses: c.misses}
}
