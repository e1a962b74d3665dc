package target

import (
	"crypto/pbkdf2"
	"crypto/sha512"
	"encoding/hex"
	"time"
)

// The guide's hash: PBKDF2-HMAC-SHA512 of "pw" with "salt".
const (
	hashIterations = 100_000
	hashBytes      = 64
)

// hashRoute is CPU work that a runtime offers off the loop: on the thread pool
// as crypto.pbkdf2 does it, or in the handler as crypto.pbkdf2Sync does.
func hashRoute() Route {
	return Route{
		Path: "/hash",
		Does: "hashes a password with PBKDF2 (SHA-512, 100,000 iterations, 64 bytes), on the thread pool or in the handler",
		Params: []Param{
			{Name: "mode", Means: "where the work is done", Default: "pool", Choices: []string{"pool", "sync"}},
		},
		Work:  []Work{{"mode=pool", OffLoop}, {"mode=sync", Blocking}},
		Guide: chapter + "Thread Pool Limit",
		Handle: func(x *Exchange) {
			if x.Values["mode"] == "sync" {
				x.Result(hash())
				return
			}
			var key string
			var err error
			x.Work(
				func() { key, err = hash() },
				func() { x.Result(key, err) },
			)
		},
	}
}

func hash() (string, error) {
	key, err := pbkdf2.Key(sha512.New, "pw", []byte("salt"), hashIterations, hashBytes)
	return hex.EncodeToString(key), err
}

// HashTakes is how long one hash takes on this machine.
func HashTakes() time.Duration { return quickest(func() { hash() }) }

// quickest is how long work takes: the quickest of three times, since other load
// can only make it slower.
func quickest(work func()) time.Duration {
	least := time.Hour
	for range 3 {
		began := time.Now()
		work()
		least = min(least, time.Since(began))
	}
	return least
}
