package target_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/looptest/looptest/target"
)

// dataFolder gives a folder with those files.
func dataFolder(t *testing.T, files map[string][]byte) string {
	t.Helper()
	dir := t.TempDir()
	for name, data := range files {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// names lists a folder.
func namesIn(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	all := make([]string, len(entries))
	for i, e := range entries {
		all[i] = e.Name()
	}
	return all
}

// noneOpen checks that the server has closed every file.
func noneOpen(t *testing.T, s *running) {
	t.Helper()
	if now, _ := openFiles(t, s); now != 0 {
		t.Errorf("%d files are open", now)
	}
}

func openFiles(t *testing.T, s *running) (now, most int) {
	t.Helper()
	var stats struct {
		Now  *int `json:"open_files"`
		Most *int `json:"most_open_files"`
	}
	getJSON(t, s.ObserveURL+"/stats", &stats)
	return *stats.Now, *stats.Most
}

// lengths are those at which chunks begin and end.
var lengths = []int{0, 1, 65_535, 65_536, 65_537, 4 * 65_536, 1_000_003}

func contents() map[string][]byte {
	files := map[string][]byte{}
	for _, n := range lengths {
		files[fmt.Sprint(n)] = bytes.Repeat([]byte("0123456789abcde"), n/15+1)[:n]
	}
	return files
}

// However a file is read, its checksum is the same.
func TestReadModesAgree(t *testing.T) {
	files := contents()
	s := serve(t, target.Config{Data: dataFolder(t, files)})
	for name, data := range files {
		want := fmt.Sprintf("Bytes=%d SHA-256=%x", len(data), sha256.Sum256(data))
		for _, mode := range []string{"sync", "pool", "stream"} {
			if code, body := get(t, s.URL+"/fs/read?mode="+mode+"&file="+name); code != http.StatusOK || body != want {
				t.Errorf("%s of %s bytes answered %d %q, want %q", mode, name, code, body, want)
			}
		}
	}
	noneOpen(t, s)
}

// The server makes what it reads, once, and what it made stays in a folder of the
// user's.
func TestSourceIsMadeOnce(t *testing.T) {
	dir := t.TempDir()
	var sums []string
	for range 2 {
		s := serve(t, target.Config{Data: dir})
		for _, mode := range []string{"sync", "pool", "stream"} {
			code, body := get(t, s.URL+"/fs/read?size=3&mode="+mode)
			if code != http.StatusOK || !strings.HasPrefix(body, "Bytes=3145728 ") {
				t.Errorf("%s answered %d %q", mode, code, body)
			}
			sums = append(sums, body)
		}
		s.stop()
		if err := <-s.end; err != nil {
			t.Error(err)
		}
		if left := namesIn(t, dir); !slices.Equal(left, []string{"source-3-mib.bin"}) {
			t.Errorf("left %q", left)
		}
	}
	if len(slices.Compact(sums)) != 1 {
		t.Errorf("got different answers: %q", sums)
	}
	data, err := os.ReadFile(filepath.Join(dir, "source-3-mib.bin"))
	if want := fmt.Sprintf("%x", sha256.Sum256(data)); err != nil || !strings.HasSuffix(sums[0], want) {
		t.Errorf("got %q, want %s (%v)", sums[0], want, err)
	}
}

// Nothing is left of a copy.
func TestCopiesAreRemoved(t *testing.T) {
	files := contents()
	dir := dataFolder(t, files)
	before := namesIn(t, dir)
	s := serve(t, target.Config{Data: dir})
	for name, data := range files {
		for _, mode := range []string{"whole", "stream"} {
			want := fmt.Sprintf("Bytes=%d", len(data))
			if code, body := get(t, s.URL+"/fs/copy?mode="+mode+"&file="+name); code != http.StatusOK || body != want {
				t.Errorf("%s of %s bytes answered %d %q", mode, name, code, body)
			}
		}
	}
	if after := namesIn(t, dir); !slices.Equal(after, before) {
		t.Errorf("the folder holds %q, and held %q", after, before)
	}
	noneOpen(t, s)
}

// A private folder is removed at the end, with everything in it.
func TestPrivateFolderIsRemoved(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	t.Setenv("TMP", temp)
	s := serve(t, target.Config{})
	if made := namesIn(t, temp); len(made) != 0 {
		t.Errorf("before any file is needed there is %q", made)
	}
	for _, path := range []string{"/fs/read?size=1", "/fs/copy?size=1", "/fs/many?files=3"} {
		if code, body := get(t, s.URL+path); code != http.StatusOK {
			t.Errorf("%s answered %d %q", path, code, body)
		}
	}
	if made := namesIn(t, temp); len(made) != 1 {
		t.Errorf("the private folder is one of %q", made)
	}
	s.stop()
	if err := <-s.end; err != nil {
		t.Error(err)
	}
	if left := namesIn(t, temp); len(left) != 0 {
		t.Errorf("left %q", left)
	}
}

// No name leads out of the data folder, and what is no plain file is refused.
func TestNamesStayWithinTheFolder(t *testing.T) {
	outside := dataFolder(t, map[string][]byte{"secret": []byte("secret")})
	dir := dataFolder(t, map[string][]byte{"plain": []byte("plain")})
	for name, to := range map[string]string{
		"link": "plain", "out": filepath.Join(outside, "secret"), "up": "../secret", "folder-out": outside, "dangling": "nowhere",
	} {
		if err := os.Symlink(to, filepath.Join(dir, name)); err != nil {
			t.Skipf("no symbolic links: %v", err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "folder"), 0o700); err != nil {
		t.Fatal(err)
	}
	large, err := os.Create(filepath.Join(dir, "large"))
	if err != nil {
		t.Fatal(err)
	}
	if err := large.Truncate(256<<20 + 1); err != nil {
		t.Fatal(err)
	}
	large.Close()
	s := serve(t, target.Config{Data: dir})
	local := `it must be the name of a file within the data folder`
	for _, c := range []struct {
		name string
		code int
		says string
	}{
		{"plain", 200, "Bytes=5"},
		{"link", 200, "Bytes=5"},
		{"folder/../plain", 200, "Bytes=5"},
		{"..", 400, local},
		{"../" + filepath.Base(outside) + "/secret", 400, local},
		{"folder/../../secret", 400, local},
		{filepath.Join(outside, "secret"), 400, local},
		{"out", 400, "escapes"},
		{"up", 400, "escapes"},
		{"folder-out/secret", 400, "escapes"},
		{"dangling", 404, "no such file"},
		{"missing", 404, "no such file"},
		{"plain/missing", 400, "not a file that can be read"},
		{"folder", 400, "folder is no regular file"},
		{"pla\x00in", 400, "not a file that can be read"},
		{"large", 400, "large has 268435457 bytes, and 268435456 at most are read"},
	} {
		for _, route := range []string{"/fs/read?mode=sync", "/fs/read?mode=pool", "/fs/read?mode=stream", "/fs/copy?mode=whole", "/fs/copy?mode=stream"} {
			code, body := get(t, s.URL+route+"&file="+url.QueryEscape(c.name))
			if code != c.code || !strings.Contains(body, c.says) || strings.Contains(body, "secret\n") {
				t.Errorf("%s of %q answered %d %q, want %d with %q", route, c.name, code, body, c.code, c.says)
			}
		}
	}
	noneOpen(t, s)
}

func TestFileBounds(t *testing.T) {
	s := serve(t, target.Config{})
	for path, says := range map[string]string{
		"/fs/read?size=0":      "from 1 to 256",
		"/fs/read?size=257":    "from 1 to 256",
		"/fs/copy?size=257":    "from 1 to 256",
		"/fs/copy?mode=sync":   "one of whole, stream",
		"/fs/many?files=2001":  "from 0 to 2000",
		"/fs/many?files=-1":    "from 0 to 2000",
		"/fs/many?wait=5001":   "from 0 to 5000",
		"/fs/many?mode=stream": "one of all, one, batch",
	} {
		if code, body := get(t, s.URL+path); code != http.StatusBadRequest || !strings.Contains(body, says) {
			t.Errorf("%s answered %d %q", path, code, body)
		}
	}
}

func TestDataFolderMustBeThere(t *testing.T) {
	dir := dataFolder(t, map[string][]byte{"file": nil})
	for name, says := range map[string]string{"file": "is a file", "missing": "no such file"} {
		if _, err := target.Listen(target.Config{Unit: 1, Data: filepath.Join(dir, name)}); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A client that goes away in the middle of a copy leaves nothing behind.
func TestClientGoesAwayFromACopy(t *testing.T) {
	dir := t.TempDir()
	s := serve(t, target.Config{Data: dir})
	get(t, s.URL+"/fs/read?size=64")
	for _, mode := range []string{"whole", "stream"} {
		ctx, cancel := context.WithCancel(context.Background())
		req, _ := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+"/fs/copy?size=64&mode="+mode, nil)
		gone := make(chan struct{})
		go func() {
			defer close(gone)
			if res, err := http.DefaultClient.Do(req); err == nil {
				res.Body.Close()
			}
		}()
		awaitInFlight(t, s)
		cancel()
		<-gone
	}
	s.stop()
	if err := <-s.end; err != nil {
		t.Error(err)
	}
	if left := namesIn(t, dir); !slices.Equal(left, []string{"source-64-mib.bin"}) {
		t.Errorf("left %q", left)
	}
}

// A copy that the end of the grace period cuts off is removed too.
func TestUnfinishedCopyIsRemoved(t *testing.T) {
	dir := t.TempDir()
	s := serve(t, target.Config{Data: dir, Grace: 1})
	get(t, s.URL+"/fs/read?size=256")
	go func() {
		if res, err := http.Get(s.URL + "/fs/copy?size=256"); err == nil {
			res.Body.Close()
		}
	}()
	for range 2000 {
		if len(namesIn(t, dir)) == 2 {
			break
		}
		time.Sleep(time.Millisecond)
	}
	s.stop()
	<-s.end
	if left := namesIn(t, dir); !slices.Equal(left, []string{"source-256-mib.bin"}) {
		t.Errorf("left %q", left)
	}
}

// While a file is read on the loop nobody else is served; streamed on the pool it
// holds up nobody to its end.
func TestReadsBesideProbes(t *testing.T) {
	slow, probes := mixture(t, "/fs/read?mode=sync&size=64")
	for _, p := range probes {
		if p.Arrived >= slow.Started && p.Arrived <= slow.Answered && p.Started < slow.Answered {
			t.Errorf("a probe that arrived at %.1f started at %.1f, within the read (%.1f to %.1f)", p.Arrived, p.Started, slow.Started, slow.Answered)
		}
	}
	for _, path := range []string{"/fs/read?mode=pool&size=64", "/fs/read?mode=stream&size=64", "/fs/copy?size=64", "/fs/copy?mode=whole&size=64"} {
		slow, probes = mixture(t, path)
		if !slices.ContainsFunc(probes, func(p served) bool { return p.Started > slow.Started && p.Answered < slow.Answered }) {
			t.Errorf("%s: none of %d probes was served within it (%.1f to %.1f)", path, len(probes), slow.Started, slow.Answered)
		}
	}
}

// A parameter that is a text has no range to be shown.
func TestIndexShowsTexts(t *testing.T) {
	s := serve(t, target.Config{})
	if _, body := get(t, s.URL+"/"); !strings.Contains(body, "<code>file</code> (default none): a file in the data folder") {
		t.Errorf("the index shows the parameter file otherwise: %s", body)
	}
}
