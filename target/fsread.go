package target

import (
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
)

// fsReadRoute is the guides' "async I/O is non-blocking": a file is read and its
// checksum taken, whole on the loop (readFileSync), whole on the pool (readFile),
// or a chunk at a time on the pool (createReadStream).
func fsReadRoute() Route {
	return Route{
		Path: "/fs/read",
		Does: "reads a file and takes its SHA-256: whole in the handler, whole on the pool, or streamed in chunks of 64 KiB on the pool",
		Params: append([]Param{
			{Name: "mode", Means: "how it is read", Default: "stream", Choices: []string{"sync", "pool", "stream"}},
		}, fileParams("read")...),
		Work:  []Work{{"mode=sync", Blocking}, {"mode=pool", OffLoop}, {"mode=stream", OffLoop}},
		Guide: chapter + "Async I/O is Non-Blocking",
		Handle: func(x *Exchange) {
			switch x.Values["mode"] {
			case "sync":
				size, sum, err := readWhole(x)
				replyRead(x, size, sum, err)
			case "pool":
				var size int64
				var sum [sha256.Size]byte
				var err error
				x.Work(func() { size, sum, err = readWhole(x) }, func() { replyRead(x, size, sum, err) })
			case "stream":
				readStreamed(x)
			}
		},
	}
}

// readWhole has the whole file in memory at once.
func readWhole(x *Exchange) (size int64, sum [sha256.Size]byte, err error) {
	f, err := x.server.data.chosenFile(x.Values)
	if err != nil {
		return 0, sum, err
	}
	defer f.Close()
	data, err := f.all()
	return f.size, sha256.Sum256(data), err
}

// readStreamed has a few chunks of it in memory. The checksum is taken on the
// pool, as it is when the file is read whole, so that memory is what differs.
func readStreamed(x *Exchange) {
	var f *dataFile
	var err error
	x.Work(func() { f, err = x.server.data.chosenFile(x.Values) }, func() {
		if err != nil {
			x.failFile(err)
			return
		}
		sum := sha256.New()
		pipeline(x, f, unclosed{sum}, func(size int64, err error) { replyRead(x, size, [sha256.Size]byte(sum.Sum(nil)), err) })
	})
}

// unclosed is the end of a pipeline that holds nothing to be given back.
type unclosed struct{ io.Writer }

// Close does nothing.
func (unclosed) Close() error { return nil }

func replyRead(x *Exchange, size int64, sum [sha256.Size]byte, err error) {
	if err != nil {
		x.failFile(err)
		return
	}
	x.Reply(http.StatusOK, fmt.Sprintf("Bytes=%d SHA-256=%x", size, sum))
}
