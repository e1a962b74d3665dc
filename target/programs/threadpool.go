package programs

import (
	"crypto/pbkdf2"
	"crypto/sha512"
	"fmt"
)

const hashes = 8

// wavesAreOpen also says what remains fixed, and is compared.
const wavesAreOpen = "hashes that run at the same time end in any order; that they start in theirs is compared"

func threadPool() Program {
	all := hashNames()
	return Program{
		Name:  "thread-pool",
		Shows: "of 8 hashes a pool of 4 threads does the first 4, then the next 4; a pool of 8 does all at once",
		Real:  true,
		Parts: []Part{
			{Name: "pool of 4", Pool: 4, main: hashAll, Jobs: all, Open: [][]string{all}, OpenBecause: wavesAreOpen},
			{Name: "pool of 8", Pool: 8, main: hashAll, Jobs: all, Open: [][]string{all}, OpenBecause: wavesAreOpen},
		},
		Finding: func(t Trace) string {
			return fmt.Sprintf("8 hashes: a pool of 4 had the first after %s and all after %s, a pool of 8 after %s and %s",
				inMS(t.Parts[0].Lines[0].At), inMS(t.Parts[0].End()), inMS(t.Parts[1].Lines[0].At), inMS(t.Parts[1].End()))
		},
	}
}

func hashNames() []string {
	names := make([]string, hashes)
	for i := range names {
		names[i] = fmt.Sprintf("hash %d", i+1)
	}
	return names
}

func hashAll(s *stage) {
	for _, name := range hashNames() {
		s.onPool(name, hash, s.printing(name))
	}
}

func hash() { pbkdf2.Key(sha512.New, "pw", []byte("salt"), 100_000, 64) }
