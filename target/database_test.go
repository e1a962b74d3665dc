package target_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/looptest/looptest/target"
)

// onEach runs a test with an embedded database and with a Postgres.
func onEach(t *testing.T, test func(t *testing.T, config target.Config)) {
	t.Run("sqlite", func(t *testing.T) {
		t.Setenv("TMPDIR", t.TempDir())
		test(t, target.Config{Database: target.EmbeddedDatabase})
	})
	t.Run("postgres", func(t *testing.T) { test(t, target.Config{Database: postgres(t).dsn()}) })
}

// insertion mirrors the answer of /db/insert.
type insertion struct {
	First    int64
	Rows     int
	Inserted int
	Failed   int
	Failures []struct {
		Row   int
		ID    int64
		Error string
	}
	LeftOut int `json:"failures_left_out"`
	Error   string
	Unknown int
}

// inserts asks for an insertion; without an answer the code is 0.
func inserts(t *testing.T, url, query string) (code int, n insertion) {
	t.Helper()
	code, body := get(t, url+"/db/insert?"+query)
	if code != 0 && code != http.StatusBadRequest {
		if err := json.Unmarshal([]byte(body), &n); err != nil {
			t.Errorf("%s answered %d %q", query, code, body)
		}
	}
	return code, n
}

func TestDatabaseAnswers(t *testing.T) {
	onEach(t, func(t *testing.T, config target.Config) {
		s := serve(t, config)
		for _, c := range []struct {
			path string
			code int
			says string
		}{
			// Of document i the amount is i modulo 1000: 1 + 2 + … + 999 is 499,500.
			{"/db/scan?rows=2500", 200, "Rows=2500 Amount=1124250 Turns=3"}, // 2 · 499,500 + 1 + … + 500
			{"/db/scan?mode=all", 200, "Rows=50000 Amount=24975000 Turns=1"},
			{"/db/scan", 200, "Rows=50000 Amount=24975000 Turns=50"},
			{"/db/scan?rows=2500&mode=all", 200, "Rows=2500 Amount=1124250 Turns=1"},
			{"/db/scan?rows=10&chunk=5", 200, "Rows=10 Amount=55 Turns=2"},
			{"/db/scan?rows=1&hold_ms=1&mode=all", 200, "Rows=1 Amount=1 Turns=1"},
			{"/db/scan?rows=50001", 400, `parameter "rows" is "50001"; it must be a whole number from 1 to 50000`},
			{"/db/scan?chunk=0", 400, "from 1 to 50000"},
			{"/db/scan?hold_ms=10001", 400, "from 0 to 10000"},
			{"/db/scan?mode=some", 400, "one of all, cursor"},
			{"/db/insert?rows=3", 200, `"rows":3,"inserted":3,"failed":0,"failures":[],"failures_left_out":0}`},
			{"/db/insert?rows=3&mode=single", 200, `"inserted":3,"failed":0`},
			{"/db/insert?rows=2500&first=1", 200, `{"first":1,"rows":2500,"inserted":2500,"failed":0`},
			{"/db/insert?rows=0", 400, "from 1 to 20000"},
			{"/db/insert?rows=20001", 400, "from 1 to 20000"},
			{"/db/insert?first=1000000001", 400, "from 0 to 1000000000"},
			{"/db/insert?mode=both", 400, "one of single, batch"},
		} {
			code, body := get(t, s.URL+c.path)
			if code != c.code || !strings.Contains(body, c.says) {
				t.Errorf("%s answered %d %q, want %d with %q", c.path, code, body, c.code, c.says)
			}
		}
	})
}

// A row whose id is there already fails for itself: the others go in, in either
// mode, and the answer says which failed.
func TestRowsFailForThemselves(t *testing.T) {
	onEach(t, func(t *testing.T, config target.Config) {
		s := serve(t, config)
		for _, mode := range []string{"single", "batch"} {
			base := map[string]int{"single": 1, "batch": 100_001}[mode]
			ask := func(first, rows int) (int, insertion) {
				return inserts(t, s.URL, fmt.Sprintf("mode=%s&first=%d&rows=%d", mode, base+first, rows))
			}
			ask(10, 5)
			code, n := ask(8, 10) // rows 2 to 6 are there
			if code != http.StatusMultiStatus || n.Inserted != 5 || n.Failed != 5 || n.LeftOut != 0 || len(n.Failures) != 5 {
				t.Fatalf("%s: answered %d %+v", mode, code, n)
			}
			for i, f := range n.Failures {
				if f.Row != 2+i || f.ID != int64(base+10+i) || f.Error != "duplicate id" {
					t.Errorf("%s: failure %d is %+v", mode, i, f)
				}
			}
			if code, n = ask(8, 10); code != http.StatusConflict || n.Inserted != 0 || n.Failed != 10 {
				t.Errorf("%s, once more: answered %d %+v", mode, code, n)
			}
			// Every row but the last 30 is there: of a batch, and of two and a half.
			rows := map[string]int{"single": 200, "batch": 2500}[mode]
			ask(1000, rows-30)
			code, n = ask(1000, rows)
			if code != http.StatusMultiStatus || n.Inserted != 30 || n.Failed != rows-30 || len(n.Failures) != 100 || n.LeftOut != rows-130 {
				t.Errorf("%s: answered %d, %d in, %d failed, %d of them listed, %d not", mode, code, n.Inserted, n.Failed, len(n.Failures), n.LeftOut)
			}
			for i, f := range n.Failures {
				if f.Row != i {
					t.Errorf("%s: failure %d is row %d", mode, i, f.Row)
				}
			}
		}
	})
}

// Ids of the server's own are each given once, whoever asks at the same time.
func TestInsertsAtOnce(t *testing.T) {
	onEach(t, func(t *testing.T, config target.Config) {
		s := serve(t, config)
		var all sync.WaitGroup
		var in atomic.Int64
		for i := range 30 {
			all.Go(func() {
				mode := []string{"mode=single&rows=7", "mode=batch&rows=1500"}[i%2]
				code, n := inserts(t, s.URL, mode)
				if code != http.StatusOK {
					t.Errorf("%s answered %d %+v", mode, code, n)
				}
				in.Add(int64(n.Inserted))
			})
		}
		all.Wait()
		if in.Load() != 15*7+15*1500 {
			t.Errorf("%d rows went in", in.Load())
		}
	})
}

// The embedded database is made when it is first used, in a private folder, and
// its folder goes with the server.
func TestEmbeddedDatabaseComesAndGoes(t *testing.T) {
	temporary := t.TempDir()
	t.Setenv("TMPDIR", temporary)
	folders := func() []string {
		found, err := filepath.Glob(filepath.Join(temporary, "looptest-db-*"))
		if err != nil {
			t.Fatal(err)
		}
		return found
	}
	s := serve(t, target.Config{})
	answersOthers(t, s)
	if f := folders(); len(f) != 0 {
		t.Errorf("nobody asked for a database, and there is %v", f)
	}
	get(t, s.URL+"/db/scan?rows=1")
	f := folders()
	if len(f) != 1 {
		t.Fatalf("the database is in %v", f)
	}
	if info, err := os.Stat(f[0]); err != nil || info.Mode().Perm()&0o077 != 0 {
		t.Errorf("others may enter %v (%v)", info, err)
	}
	ends(t, s)
	if f := folders(); len(f) != 0 {
		t.Errorf("%v is left behind", f)
	}
}

// So it does with a server that never serves.
func TestServerThatNeverServes(t *testing.T) {
	temporary := t.TempDir()
	t.Setenv("TMPDIR", temporary)
	s := listen(t, target.Config{Database: target.EmbeddedDatabase})
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if left, err := os.ReadDir(temporary); err != nil || len(left) != 0 {
		t.Errorf("%v is left behind (%v)", left, err)
	}
	if _, err := http.Get(s.Ready(1).URL); err == nil {
		t.Error("the port is still open")
	}
}

// A folder that can't be made costs the requests that need it, and no others.
func TestEmbeddedDatabaseWithoutAPlace(t *testing.T) {
	t.Setenv("TMPDIR", filepath.Join(t.TempDir(), "nowhere"))
	s := serve(t, target.Config{})
	if code, body := get(t, s.URL+"/db/scan"); code != http.StatusServiceUnavailable || !strings.Contains(body, "nowhere") {
		t.Errorf("answered %d %q", code, body)
	}
	if code, n := inserts(t, s.URL, "rows=5"); code != http.StatusServiceUnavailable || n.Unknown != 5 || n.Inserted != 0 || n.Error == "" {
		t.Errorf("answered %d %+v", code, n)
	}
	answersOthers(t, s)
	ends(t, s)
	if _, err := target.Listen(target.Config{Unit: 1, Database: target.EmbeddedDatabase}); err == nil || !strings.Contains(err.Error(), "the database sqlite: ") {
		t.Errorf("Listen: %v", err)
	}
}

// A schema of the server's own is all that there is in a Postgres, and it goes
// with the server.
func TestPostgresIsLeftAsItWas(t *testing.T) {
	c := postgres(t)
	schemas := func() int {
		return c.count(t, `SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'looptest_%'`)
	}
	before := schemas()
	a, b := serve(t, target.Config{Database: c.dsn()}), serve(t, target.Config{Database: c.dsn()})
	if n := schemas() - before; n != 2 {
		t.Errorf("two servers have %d schemas", n)
	}
	inserts(t, a.URL, "first=1&rows=1")
	if code, _ := inserts(t, b.URL, "first=1&rows=1"); code != http.StatusOK {
		t.Errorf("a server sees another's rows: it answered %d", code)
	}
	ends(t, a)
	ends(t, b)
	if n := schemas() - before; n != 0 {
		t.Errorf("%d schemas are left behind", n)
	}
}

// What is wrong with a DSN is one error at start, which holds no password.
func TestWrongDatabase(t *testing.T) {
	cases := map[target.DSN]string{
		"postgres://tester:secret@127.0.0.1:1/postgres":                 "postgres://tester@127.0.0.1:1/postgres: failed to connect",
		"postgres://tester:secret@127.0.0.1:1/postgres?sslmode=secrets": "sslmode is invalid",
		"postgres://tester:sec/ret@127.0.0.1:1/postgres":                "not a URL such as",
		"postgres://tester:12/secret@127.0.0.1:1/postgres":              "not a URL such as",
		"postgres://tester:12#secret@127.0.0.1:1/postgres":              "not a URL such as",
		"postgres://tester:12?secret@127.0.0.1:1/postgres":              "not a URL such as",
		"postgres://tester:secret%zz@127.0.0.1:1/postgres":              "not a URL such as",
		"postgres://tester:sec@ret@127.0.0.1:1/postgres":                "not a URL such as",
		"postgres://tester:secret@127.0.0.1:secret/postgres":            "not a URL such as",
		"mysql://tester:secret@127.0.0.1/mysql":                         "must be sqlite, or begin with postgres://",
		"secret":                                                        "must be sqlite, or begin with postgres://",
		"host=127.0.0.1 password=secret":                                "must be sqlite, or begin with postgres://",
	}
	if clusterBin() != "" {
		c := postgres(t)
		cases[c.as("secret")] = "password authentication failed"
		cases[target.DSN(strings.Replace(string(c.dsn()), "/postgres?", "/nowhere?", 1))] = `database "nowhere" does not exist`
	}
	for dsn, says := range cases {
		_, err := target.Listen(target.Config{Unit: 1, Database: dsn})
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v, want %q", dsn, err, says)
			continue
		}
		shown := err.Error() + dsn.String() + target.Reference{Database: dsn}.String()
		for _, part := range []string{"secret", "sec", "ret@", clusterPassword, "cr/et"} {
			if strings.Contains(strings.ReplaceAll(shown, "secrets", ""), part) {
				t.Errorf("%q: %q is shown in %q", dsn, part, shown)
			}
		}
	}
}

// A pool that is larger than the database allows is seen at start, and the
// schema is taken back.
func TestPoolLargerThanTheDatabaseAllows(t *testing.T) {
	c := postgres(t)
	_, err := target.Listen(target.Config{Unit: 1, Database: c.dsn(), DatabasePool: 50})
	if err == nil || !strings.Contains(err.Error(), "a pool of 50 connections can't be opened") {
		t.Errorf("Listen: %v", err)
	}
	if n := c.count(t, `SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'looptest_%'`); n != 0 {
		t.Errorf("%d schemas are left behind", n)
	}
}

// writing inserts without a pause from several clients, until it is told to stop,
// and keeps what was acknowledged.
type writing struct {
	mu           sync.Mutex
	acknowledged [][2]int // first id and rows
	codes        map[int]int
	stopped      atomic.Bool
	all          sync.WaitGroup
}

func write(url string) *writing {
	w := &writing{codes: map[int]int{}}
	var next atomic.Int64
	for i := range 4 {
		w.all.Go(func() {
			mode, rows := "single", 5
			if i%2 == 1 {
				mode, rows = "batch", 1500
			}
			for !w.stopped.Load() {
				first := int(next.Add(10_000))
				code := ask(fmt.Sprintf("%s/db/insert?mode=%s&first=%d&rows=%d", url, mode, first, rows))
				w.answered(first, rows, code)
				if code != http.StatusOK {
					time.Sleep(5 * time.Millisecond) // leave the machine to the database
				}
			}
		})
	}
	return w
}

// ask gives the code; 0 without an answer.
func ask(url string) int {
	res, err := http.Get(url)
	if err != nil {
		return 0
	}
	res.Body.Close()
	return res.StatusCode
}

func (w *writing) answered(first, rows, code int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.codes[code]++
	if code == http.StatusOK {
		w.acknowledged = append(w.acknowledged, [2]int{first, rows})
	}
}

func (w *writing) seen(code int) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.codes[code]
}

func (w *writing) stop() {
	w.stopped.Store(true)
	w.all.Wait()
}

// A Postgres that crashes in the middle of inserts costs 503s, and the server
// recovers with it. Every row that was acknowledged is there.
func TestPostgresGoesAwayAndComesBack(t *testing.T) {
	c := postgres(t)
	s := serve(t, target.Config{Database: c.dsn()})
	w := write(s.URL)
	until(func() bool { return w.seen(http.StatusOK) >= 20 })
	c.crash()
	until(func() bool { return w.seen(http.StatusServiceUnavailable) >= 20 })
	if code, body := get(t, s.URL+"/db/scan"); code != http.StatusServiceUnavailable || !strings.Contains(body, "can't be read") || strings.Contains(body, clusterPassword) {
		t.Errorf("without its database /db/scan answered %d %q", code, body)
	}
	answersOthers(t, s)
	if err := c.start(); err != nil {
		t.Fatal(err)
	}
	before := w.seen(http.StatusOK)
	until(func() bool { return w.seen(http.StatusOK) >= before+20 })
	w.stop()
	for code := range w.codes {
		if code != http.StatusOK && code != http.StatusServiceUnavailable {
			t.Errorf("%d answers with %d", w.codes[code], code)
		}
	}
	for _, a := range w.acknowledged { // an id that is there can't be inserted again
		code, n := inserts(t, s.URL, fmt.Sprintf("first=%d&rows=%d", a[0], a[1]))
		if code != http.StatusConflict {
			t.Errorf("of %d acknowledged rows from %d on %d are lost", a[1], a[0], n.Inserted)
		}
	}
	if code, body := get(t, s.URL+"/db/scan"); body != "Rows=50000 Amount=24975000 Turns=50" {
		t.Errorf("/db/scan answered %d %q", code, body)
	}
	ends(t, s)
}

// A schema that can't be taken back is named.
func TestPostgresIsGoneAtTheEnd(t *testing.T) {
	c := postgres(t)
	s := serve(t, target.Config{Database: c.dsn()})
	c.crash()
	s.stop()
	err := <-s.end
	if err := c.start(); err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(fmt.Sprint(err), "the schema ")
	schema, _, _ := strings.Cut(rest, " is left behind")
	if !found || c.count(t, `SELECT count(*) FROM pg_namespace WHERE nspname = '`+schema+`'`) != 1 {
		t.Errorf("Serve: %v", err)
	}
	c.exec(t, `DROP SCHEMA `+schema+` CASCADE`)
}

// databaseRole is a server with an embedded database, which says its URL.
func databaseRole() {
	s, err := target.Listen(target.Config{Unit: 1, Database: target.EmbeddedDatabase})
	if err != nil {
		panic(err)
	}
	fmt.Println(s.Ready(os.Getpid()).URL)
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	s.Serve(ctx)
}

// A server that is killed in the middle of inserts leaves its folder behind, and
// in it every row that it acknowledged.
func TestServerIsKilled(t *testing.T) {
	temporary := t.TempDir()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "LOOPTEST_ROLE=database", "TMPDIR="+temporary)
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	kill := sync.OnceFunc(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
	defer kill()
	var url string
	if _, err := fmt.Fscanln(stdout, &url); err != nil {
		t.Fatal(err)
	}
	w := write(url)
	until(func() bool { return w.seen(http.StatusOK) >= 50 })
	kill()
	until(func() bool { return w.seen(0) > 0 })
	w.stop()

	found, err := filepath.Glob(filepath.Join(temporary, "looptest-db-*", "db.sqlite"))
	if err != nil || len(found) != 1 {
		t.Fatalf("%v (%v)", found, err)
	}
	db, err := sql.Open("sqlite", found[0])
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, a := range w.acknowledged {
		var n int
		if err := db.QueryRow(`SELECT count(*) FROM inserted WHERE id >= $1 AND id < $2`, a[0], a[0]+a[1]).Scan(&n); err != nil {
			t.Fatal(err)
		}
		if n != a[1] {
			t.Errorf("of %d acknowledged rows from %d on %d are there", a[1], a[0], n)
		}
	}
}

// A shutdown waits for a query whose client waits, no longer than the grace
// period; and for none whose client has gone.
func TestShutdownDuringAQuery(t *testing.T) {
	onEach(t, func(t *testing.T, config target.Config) {
		config.Grace = 50 * time.Millisecond
		s := serve(t, config)
		waits := make(chan int)
		go func() { waits <- ask(s.URL + "/db/scan?hold_ms=10000") }()
		awaitInFlight(t, s)
		s.stop()
		if err := <-s.end; err == nil || !strings.Contains(err.Error(), "1 without an answer") {
			t.Errorf("Serve: %v", err)
		}
		<-waits

		config.Grace = time.Hour
		s = serve(t, config)
		ctx, gone := context.WithCancel(context.Background())
		req, _ := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+"/db/scan?hold_ms=10000", nil)
		go func() {
			if res, err := http.DefaultClient.Do(req); err == nil {
				res.Body.Close()
			}
			waits <- 0
		}()
		awaitInFlight(t, s)
		gone()
		<-waits
		s.stop()
		if err := <-s.end; err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
}
