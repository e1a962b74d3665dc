package target

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"sync"
)

// Bounds of /pool/mix: a lookup's time in milliseconds, and what is compressed
// in KiB, a hundred of which take some milliseconds.
const (
	mixWait    = 50
	mixWaitMax = 10_000
	mixKiB     = 256
	mixKiBMax  = 1024
	mixRead    = 16 << 10 // bytes that are read of a file
)

// poolMixRoute is what shares the thread pool without knowing of each other:
// what computes, what waits, and reads of a file, which have to wait for both
// when the pool is full.
func poolMixRoute() Route {
	jobs := map[string]func(Values) (string, error){
		"hash":     func(Values) (string, error) { return hash() },
		"compress": func(v Values) (string, error) { return compress(int(v.Int("kib"))) },
		"lookup":   func(v Values) (string, error) { return lookUp(v.Int("ms")), nil },
		"read":     func(Values) (string, error) { return readOwnProgram() },
	}
	return Route{
		Path: "/pool/mix",
		Does: "has a thread of the shared pool hash a password, compress text, wait as a lookup does, or read a small file",
		Params: []Param{
			{Name: "job", Means: "what the thread does", Default: "read", Choices: []string{"hash", "compress", "lookup", "read"}},
			{Name: "as", Means: "what a lookup stands for: a name, which may have half of the threads, or a file on a slow disk", Default: "dns", Choices: []string{"dns", "file"}},
			{Name: "ms", Means: "how long a lookup waits, in milliseconds", Default: strconv.Itoa(mixWait), Min: 0, Max: mixWaitMax},
			{Name: "kib", Means: "how much text is compressed, in KiB", Default: strconv.Itoa(mixKiB), Min: 1, Max: mixKiBMax},
		},
		Work:  []Work{{Kind: OffLoop}},
		Guide: chapter + "Thread Pool Limit",
		Handle: func(x *Exchange) {
			job, as := x.Values["job"], "file"
			if job == "lookup" {
				as = x.Values["as"]
			}
			var result string
			var err error
			x.workAs(as, func() { result, err = jobs[job](x.Values) }, func() { x.Result(result, err) })
		},
	}
}

// prose is text that compresses about as well as prose does: words of a small
// vocabulary.
var prose = sync.OnceValue(func() []byte {
	words := strings.Fields("the loop runs one callback at a time and every other request waits until it gives the loop back")
	random := rand.New(rand.NewPCG(1, 2))
	var text bytes.Buffer
	for text.Len() < mixKiBMax<<10 {
		text.WriteString(words[random.IntN(len(words))])
		text.WriteByte(' ')
	}
	return text.Bytes()
})

func compress(kib int) (string, error) {
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	if _, err := w.Write(prose()[:kib<<10]); err != nil {
		return "", err
	}
	if err := w.Close(); err != nil {
		return "", err
	}
	return fmt.Sprintf("%d KiB in %d bytes", kib, packed.Len()), nil
}

// readOwnProgram reads the beginning of a file that is there wherever the server
// runs: its own program.
func readOwnProgram() (string, error) {
	path, err := os.Executable()
	if err != nil {
		return "", err
	}
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	n, err := io.CopyN(io.Discard, f, mixRead)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("read %d bytes", n), nil
}
