package target

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"time"
)

// Bounds of /fs/many.
const (
	manyFiles    = 1_000
	manyFilesMax = 2_000
	manyBatch    = 100 // as in the guide
	manyWaitMax  = 5_000
	failuresMax  = 20 // that the answer lists
)

// fsManyRoute is the guides' processManyFiles: each file is read on the pool and
// parsed on the loop; a batch at a time with setImmediate in between, one after
// the other, or all at once.
func fsManyRoute() Route {
	return Route{
		Path: "/fs/many",
		Does: "reads many small files on the pool and parses each on the loop: in batches of 100 with setImmediate in between, one by one, or all at once",
		Params: []Param{
			{Name: "mode", Means: "how many at once", Default: "batch", Choices: []string{"all", "one", "batch"}},
			{Name: "files", Means: "how many files", Default: strconv.Itoa(manyFiles), Min: 0, Max: manyFilesMax},
			{Name: "wait", Means: "µs that reading a file takes besides, as on a slow disk", Default: "0", Min: 0, Max: manyWaitMax},
		},
		Work:  []Work{{"mode=all", Blocking}, {"mode=one", Cooperative}, {"mode=batch", Cooperative}},
		Guide: guide + "File System Operations",
		Handle: func(x *Exchange) {
			m := &manyReads{x: x, Files: int(x.Values.Int("files")), Failures: []fileFailure{}}
			var err error
			x.Work(func() { err = x.server.data.smallFiles(m.Files) }, func() {
				if err != nil {
					x.failFile(err)
					return
				}
				m.nextBatch()
			})
		},
	}
}

// manyReads is the answer, and how far it is.
type manyReads struct {
	Files    int           `json:"files"`
	Read     int           `json:"read"`
	Failed   int           `json:"failed"`
	Failures []fileFailure `json:"failures"` // the first of them
	MostOpen int           `json:"most_open"`
	Total    float64       `json:"total_price"`

	x     *Exchange
	begun int // files
	left  int // files of the batch under way
	open  int
}

// fileFailure keeps an error beside the name of its file.
type fileFailure struct {
	File  string `json:"file"`
	Error string `json:"error"`
}

// batch is how many files are begun at once.
func (m *manyReads) batch() int {
	switch m.x.Values["mode"] {
	case "all":
		return m.Files
	case "one":
		return 1
	}
	return manyBatch
}

// nextBatch begins the files whose turn it is, or answers when there are none.
func (m *manyReads) nextBatch() {
	if m.begun == m.Files {
		m.reply()
		return
	}
	m.left = min(m.batch(), m.Files-m.begun)
	for range m.left {
		m.process(smallFile(m.begun))
		m.begun++
	}
}

// process opens, reads and closes a file in three jobs of the pool, as Node's
// readFile does: of files that are begun together, all are open before the first
// is read. What was read is then parsed on the loop.
func (m *manyReads) process(name string) {
	var f *dataFile
	var document []byte
	var err error
	read := func() {
		time.Sleep(time.Duration(m.x.Values.Int("wait")) * time.Microsecond)
		document, err = f.all()
	}
	closed := func() { err = errors.Join(err, f.Close()) }
	m.x.Work(func() { f, err = m.x.server.data.read(name) }, func() {
		if err != nil {
			m.settle(name, nil, err)
			return
		}
		m.open++
		m.MostOpen = max(m.MostOpen, m.open)
		m.x.Work(read, func() {
			m.x.Work(closed, func() {
				m.open--
				m.settle(name, document, err)
			})
		})
	})
}

// settle takes a file's result, or its error beside its name, and goes on after
// the last of the batch.
func (m *manyReads) settle(name string, document []byte, err error) {
	var total float64
	if err == nil {
		total, err = totalPrice(document)
	}
	if err == nil {
		m.Read++
		m.Total += total
	} else {
		m.fail(name, err)
	}
	if m.left--; m.left > 0 {
		return
	}
	if m.x.Values["mode"] == "batch" {
		m.x.SetImmediate(m.nextBatch) // others have their turn
		return
	}
	m.nextBatch()
}

func (m *manyReads) fail(name string, err error) {
	if m.Failed++; m.Failed <= failuresMax {
		m.Failures = append(m.Failures, fileFailure{name, err.Error()})
	}
}

func (m *manyReads) reply() {
	body, err := json.Marshal(m)
	if err != nil {
		m.x.Fail(err)
		return
	}
	m.x.ReplyAs(http.StatusOK, "application/json", string(body)+"\n")
}
