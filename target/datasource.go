package target

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// manyFolder holds the many small files.
const manyFolder = "many"

func smallFile(i int) string { return fmt.Sprintf("%s/%04d.json", manyFolder, i) }

// source gives the name of a file of so many MiB, which is made when it isn't
// there. It is sparse, so that a bench writes hardly anything to the disk, and
// each MiB begins with its own place: one that got lost or out of order changes
// the checksum.
func (d *dataFolder) source(mib int64) (string, error) {
	name := fmt.Sprintf("source-%d-mib.bin", mib)
	err := d.ensure(name, func(f *os.File) error {
		if err := f.Truncate(mib << 20); err != nil {
			return err
		}
		for place := range mib {
			if _, err := f.WriteAt(fmt.Appendf(nil, "MiB %d\n", place), place<<20); err != nil {
				return err
			}
		}
		return nil
	})
	return name, err
}

// smallFiles sees to it that the first n small files are there. They are names of
// one document where the disk can give a file several names: creating a thousand
// files takes a second on some disks.
func (d *dataFolder) smallFiles(n int) error {
	document, err := smallDocument()
	if err != nil {
		return err
	}
	write := func(f *os.File) error {
		_, err := f.Write(document)
		return err
	}
	const first = "many.json"
	if err := d.ensure(first, write); err != nil {
		return err
	}
	d.making.Lock()
	defer d.making.Unlock()
	root, err := d.within()
	if err != nil {
		return err
	}
	if err := root.Mkdir(manyFolder, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	for ; d.small < n; d.small++ {
		name := smallFile(d.small)
		err := root.Link(first, name)
		if err != nil && !errors.Is(err, fs.ErrExist) {
			err = ensure(root, name, write)
		}
		if err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
	}
	return nil
}

// ensure makes the file when nothing has its name.
func (d *dataFolder) ensure(name string, write func(*os.File) error) error {
	d.making.Lock()
	defer d.making.Unlock()
	root, err := d.within()
	if err != nil {
		return err
	}
	return ensure(root, name, write)
}

// ensure writes the file under another name first, so that a half-written one is
// never taken for whole, and is removed.
func ensure(root *os.Root, name string, write func(*os.File) error) error {
	if _, err := root.Lstat(name); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	half := "new-" + rand.Text()
	f, err := root.OpenFile(half, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	if err = errors.Join(write(f), f.Close()); err == nil {
		err = root.Rename(half, name)
	}
	if err != nil {
		return errors.Join(err, root.Remove(half))
	}
	return nil
}

// smallItem is an entry of a small file.
type smallItem struct {
	ID    int      `json:"id"`
	Name  string   `json:"name"`
	Price float64  `json:"price"`
	Tags  []string `json:"tags"`
}

// smallItems is how many entries a small file has: to parse them takes some ten
// microseconds.
const smallItems = 60

func smallDocument() ([]byte, error) {
	items := make([]smallItem, smallItems)
	for i := range items {
		items[i] = smallItem{i, fmt.Sprintf("item %d", i), float64(i) / 4, []string{"small", "file"}}
	}
	return json.Marshal(items)
}

// totalPrice parses a small file and adds up its prices.
func totalPrice(document []byte) (total float64, err error) {
	var items []smallItem
	if err := json.Unmarshal(document, &items); err != nil {
		return 0, err
	}
	for _, item := range items {
		total += item.Price
	}
	return total, nil
}
