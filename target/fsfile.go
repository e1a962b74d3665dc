package target

import (
	"errors"
	"io/fs"
	"net/http"
	"path/filepath"
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
	code := http.StatusInternalServerError
	switch {
	case errors.Is(err, errUnfit):
		code = http.StatusBadRequest
	case errors.Is(err, fs.ErrNotExist):
		code = http.StatusNotFound
	case errors.Is(err, errFilesBusy), errors.Is(err, syscall.EMFILE), errors.Is(err, syscall.ENFILE):
		code = http.StatusServiceUnavailable
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		code = http.StatusInsufficientStorage
		err = errors.Join(errors.New("there is no room in the data folder"), err)
	}
	x.Reply(code, err.Error()+"\n")
}
