package target

import (
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
)

// Sizes of the files that routes make, in MiB.
const (
	fileMiB    = 32
	fileMiBMax = fileBytesMax >> 20
)

// fileParams choose the file that a route works on.
func fileParams(does string) []Param {
	return []Param{
		{Name: "size", Means: "MiB of the file that is made to be " + does, Default: strconv.Itoa(fileMiB), Min: 1, Max: fileMiBMax},
		{Name: "file", Means: "a file in the data folder instead of it", Check: checkFileName},
	}
}

func checkFileName(name string) error {
	if name != "" && !filepath.IsLocal(name) {
		return errors.New("the name of a file within the data folder")
	}
	return nil
}

// chosenFile opens the file that the request is about, and makes it when it is
// the server's own.
func (d *dataFolder) chosenFile(values Values) (*dataFile, error) {
	name := values["file"]
	if name == "" {
		var err error
		if name, err = d.source(values.Int("size")); err != nil {
			return nil, err
		}
	}
	return d.read(name)
}

// failFile says what went wrong with a file.
func (x *Exchange) failFile(err error) {
	code := fileErrorCode(err)
	if code == http.StatusInsufficientStorage {
		err = fmt.Errorf("there is no room in the data folder: %w", err)
	}
	x.Reply(code, err.Error()+"\n")
}

func fileErrorCode(err error) int {
	is := func(those ...error) bool {
		return slices.ContainsFunc(those, func(e error) bool { return errors.Is(err, e) })
	}
	switch {
	case is(errUnfit):
		return http.StatusBadRequest
	case is(fs.ErrNotExist):
		return http.StatusNotFound
	case is(syscall.ENOSPC, syscall.EDQUOT):
		return http.StatusInsufficientStorage
	case is(errFilesBusy, syscall.EMFILE, syscall.ENFILE): // later it may go well
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}
