package target

import (
	"errors"
	"fmt"
	"net/http"
)

// fsCopyRoute is the guides' copyLargeFile: through a pipeline, against reading
// the whole file into memory and writing it from there.
func fsCopyRoute() Route {
	return Route{
		Path: "/fs/copy",
		Does: "copies a large file on the pool, whole in memory or through a pipeline that waits for the writer; the copy is removed at once",
		Params: append([]Param{
			{Name: "mode", Means: "how it is copied", Default: "stream", Choices: []string{"whole", "stream"}},
		}, fileParams("copied")...),
		Work:  []Work{{Kind: OffLoop}},
		Guide: guide + "File System Operations",
		Handle: func(x *Exchange) {
			c := &copying{x: x}
			var err error
			x.Work(func() { err = c.open() }, func() {
				switch {
				case err != nil:
					x.failFile(err)
				case x.Values["mode"] == "whole":
					copyWhole(x, c.from, c.to, c.finish)
				default:
					pipeline(x, c.from, c.to, c.finish)
				}
			})
		},
	}
}

// copying is a copy under way.
type copying struct {
	x        *Exchange
	from, to *dataFile
}

func (c *copying) open() (err error) {
	data := c.x.server.data
	if c.from, err = data.chosenFile(c.x.Values); err != nil {
		return err
	}
	if c.to, err = data.create(); err != nil {
		c.from.Close()
	}
	return err
}

// copyWhole reads in one job of the pool and writes in another, as a handler does
// that awaits readFile and then writeFile. It closes both ends, as a pipeline does.
func copyWhole(on worker, from, to *dataFile, done func(written int64, err error)) {
	var data []byte
	var written int
	var err error
	on.Work(func() { data, err = from.all() }, func() {
		on.Work(func() {
			if err == nil {
				written, err = to.Write(data)
			}
			err = errors.Join(err, to.Close(), from.Close())
		}, func() { done(int64(written), err) })
	})
}

// finish removes the copy, whole or not, and answers.
func (c *copying) finish(written int64, err error) {
	var removed error
	c.x.Work(func() { removed = c.x.server.data.discard(c.to.name) }, func() {
		if err = errors.Join(err, removed); err != nil {
			c.x.failFile(err)
			return
		}
		c.x.Reply(http.StatusOK, fmt.Sprintf("Bytes=%d", written))
	})
}
