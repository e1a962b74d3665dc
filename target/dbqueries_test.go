package target

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// served starts a server within the package.
func served(t *testing.T, config Config) (url string, s *Server, events *tail) {
	t.Helper()
	events = &tail{}
	config.Unit, config.Log = 1, slog.New(slog.NewTextHandler(events, nil))
	s, err := Listen(config)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	end := make(chan error)
	go func() { end <- s.Serve(ctx) }()
	t.Cleanup(func() {
		stop()
		http.DefaultClient.CloseIdleConnections()
		if err := <-end; err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
	return s.Ready(1).URL, s, events
}

func answer200(t *testing.T, url string) (body string) {
	t.Helper()
	code, body := answerOf(t, url)
	if code != http.StatusOK {
		t.Errorf("%s answered %d %q", url, code, body)
	}
	return body
}

func answerOf(t *testing.T, url string) (int, string) {
	t.Helper()
	res, err := http.Get(url)
	if err != nil {
		t.Error(err)
		return 0, ""
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Error(err)
	}
	return res.StatusCode, string(body)
}

// At most as many queries are under way as there are connections; the others
// begin first in, first out.
func TestQueriesWaitForAConnection(t *testing.T) {
	const size, queries = 3, 10
	url, s, _ := served(t, Config{DatabasePool: size})
	var underWay, most atomic.Int32
	begun, finish := make(chan int, queries), make(chan struct{})
	s.routes["/many"] = Route{Path: "/many", Handle: func(x *Exchange) {
		left := queries
		for i := range queries {
			x.query(func(context.Context, *sql.Conn) error {
				most.Store(max(most.Load(), underWay.Add(1)))
				begun <- i
				<-finish
				underWay.Add(-1)
				return nil
			}, func(err error) {
				if left--; left == 0 || err != nil {
					x.Reply(http.StatusOK, fmt.Sprint(err))
				}
			})
		}
	}}
	answered := make(chan string)
	go func() { answered <- answer200(t, url+"/many") }()
	seen := map[int]bool{}
	for range size {
		seen[<-begun] = true
	}
	if len(begun) != 0 || !seen[0] || !seen[1] || !seen[2] {
		t.Errorf("%v and %d more began at first", seen, len(begun))
	}
	for i := size; i < queries; i++ { // each that ends lets the next one begin
		finish <- struct{}{}
		if next := <-begun; next != i {
			t.Errorf("query %d began instead of %d", next, i)
		}
	}
	close(finish)
	if body := <-answered; body != "<nil>" || most.Load() != size {
		t.Errorf("answered %q, at most %d at once", body, most.Load())
	}
}

// Every connection of the embedded database waits for the disk at a commit.
func TestEmbeddedDatabaseIsDurable(t *testing.T) {
	url, s, _ := served(t, Config{DatabasePool: 3})
	answer200(t, url+"/db/scan?rows=1")
	for range 3 {
		conn, err := s.database.db.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		for pragma, want := range map[string]string{"synchronous": "2", "journal_mode": "wal"} {
			var got string
			if err := conn.QueryRowContext(t.Context(), "PRAGMA "+pragma).Scan(&got); err != nil || got != want {
				t.Errorf("%s is %q (%v), want %q", pragma, got, err, want)
			}
		}
	}
}

// slowToOpen is a database that can't be opened before the test says so.
type slowToOpen struct {
	store
	begun, may chan struct{}
}

func (o *slowToOpen) open(ctx context.Context) (*sql.DB, error) {
	close(o.begun)
	<-o.may
	return o.store.open(ctx)
}

// While the database is being opened its own requests wait, and the loop serves
// the others.
func TestOpeningHoldsNobodyElse(t *testing.T) {
	url, s, _ := served(t, Config{})
	slow := &slowToOpen{store: s.database.store, begun: make(chan struct{}), may: make(chan struct{})}
	s.database.store = slow
	answered := make(chan string, 3)
	ask := func() { answered <- answer200(t, url+"/db/scan?rows=1") }
	go ask()
	<-slow.begun
	go ask()
	go ask()
	for s.inFlight.Load() < 3 {
		time.Sleep(time.Millisecond)
	}
	for range 3 {
		answer200(t, url+"/ok")
	}
	close(slow.may)
	for range 3 {
		if body := <-answered; body != "Rows=1 Amount=1 Turns=1" {
			t.Errorf("answered %q", body)
		}
	}
}

// An error that a query throws finds its request, and costs no connection.
func TestQueryThrows(t *testing.T) {
	url, s, events := served(t, Config{DatabasePool: 1})
	throws := func() { panic(errors.New("boom in a query")) }
	s.routes["/work"] = Route{Path: "/work", Handle: func(x *Exchange) {
		x.query(func(context.Context, *sql.Conn) error { throws(); return nil }, func(error) {})
	}}
	s.routes["/done"] = Route{Path: "/done", Handle: func(x *Exchange) {
		x.query(func(context.Context, *sql.Conn) error { return nil }, func(error) { throws() })
	}}
	s.routes["/turn"] = Route{Path: "/turn", Handle: func(x *Exchange) {
		x.query(func(ctx context.Context, _ *sql.Conn) error {
			return x.onLoop(ctx, func() error { throws(); return nil })
		}, func(err error) {
			if !errors.Is(err, errNotDone) {
				t.Errorf("the query got %v", err)
			}
		})
	}}
	for _, path := range []string{"/work", "/done", "/turn"} {
		if code, body := answerOf(t, url+path); code != http.StatusInternalServerError || !strings.Contains(body, "boom in a query") {
			t.Errorf("%s answered %d %q", path, code, body)
		}
		if !strings.Contains(events.String(), "route="+path) {
			t.Errorf("%s was not reported", path)
		}
		answer200(t, url+"/db/scan?rows=1") // with the only connection
	}
}

func TestInsertedRowsAreBounded(t *testing.T) {
	url, s, _ := served(t, Config{})
	answer200(t, url+"/db/insert?rows=1")
	s.database.inserted = insertedMost - 10 // the loop sleeps
	if code, body := answerOf(t, url+"/db/insert?rows=11"); code != http.StatusInsufficientStorage || !strings.Contains(body, "takes no more") {
		t.Errorf("answered %d %q", code, body)
	}
	answer200(t, url+"/db/insert?rows=10")
	if code, _ := answerOf(t, url+"/db/insert?rows=1"); code != http.StatusInsufficientStorage {
		t.Errorf("answered %d", code)
	}
}

// counted is a database that counts what is read of its documents.
type counted struct {
	store
	rows int64
	read atomic.Int64
	each func(id int64) // before it is given
}

func (c *counted) open(context.Context) (*sql.DB, error)        { return sql.OpenDB(c), nil }
func (c *counted) clear(_ context.Context, db *sql.DB) error    { return db.Close() }
func (c *counted) Connect(context.Context) (driver.Conn, error) { return c, nil }
func (c *counted) Driver() driver.Driver                        { return nil }
func (c *counted) Prepare(string) (driver.Stmt, error)          { return c, nil }
func (c *counted) Close() error                                 { return nil }
func (c *counted) Begin() (driver.Tx, error)                    { return nil, errors.ErrUnsupported }
func (c *counted) NumInput() int                                { return -1 }
func (c *counted) Exec([]driver.Value) (driver.Result, error)   { return driver.ResultNoRows, nil }
func (c *counted) Query([]driver.Value) (driver.Rows, error)    { return c, nil }
func (c *counted) Columns() []string                            { return []string{"id", "document"} }
func (c *counted) Next(row []driver.Value) error {
	id := c.read.Load() + 1
	if id > c.rows {
		return io.EOF
	}
	c.each(id)
	c.read.Store(id)
	row[0], row[1] = id, fmt.Sprintf(`{"id":%d,"amount":2}`, id)
	return nil
}

// The cursor is not read on while the loop doesn't come to process a chunk, so
// that never more than a chunk is in memory.
func TestCursorPauses(t *testing.T) {
	const chunk = 1000
	source := &counted{store: &sqliteStore{}, rows: 4500}
	url, s, _ := served(t, Config{})
	s.database.store = source
	held := make(chan struct{})
	s.routes["/counted"] = Route{Path: "/counted", Handle: func(x *Exchange) {
		x.Values = Values{"rows": "20000", "chunk": fmt.Sprint(chunk), "hold_ms": "0"}
		n := &scan{x: x}
		source.each = func(id int64) {
			if processed := (id - 1) / chunk * chunk; int64(n.rows) != processed {
				t.Errorf("row %d is read when %d have been processed, want %d", id, n.rows, processed)
			}
		}
		n.cursor()
		<-held
	}}
	answered := make(chan string)
	go func() { answered <- answer200(t, url+"/counted") }()
	for range 5000 {
		if time.Sleep(time.Millisecond); source.read.Load() == chunk {
			break
		}
	}
	time.Sleep(20 * time.Millisecond) // it may read on, if it does
	if read := source.read.Load(); read != chunk {
		t.Errorf("while the loop is held %d rows have been read", read)
	}
	close(held)
	if body := <-answered; body != "Rows=4500 Amount=9000 Turns=5" {
		t.Errorf("answered %q", body)
	}
}
