package target

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/looptest/looptest/target/loop"
)

// Bounds of the /db routes' database.
const (
	DefaultDatabasePool = 10 // connections, as the guide's poolSize
	MaxDatabasePool     = 200

	// dbConnectTimeout is how long a connection may take, when the DSN doesn't say.
	dbConnectTimeout = 5 * time.Second
	// dbQueryTimeout bounds a query, with its wait for the loop between chunks.
	dbQueryTimeout = 60 * time.Second
	// dbClearTimeout is how long taking the tables back may take at the end.
	dbClearTimeout = 2 * time.Second
)

// store is a kind of database: how it is opened, spoken to and cleared.
type store interface {
	// open connects and makes the tables.
	open(ctx context.Context) (*sql.DB, error)
	// clear takes the tables back and closes the database.
	clear(ctx context.Context, db *sql.DB) error
	statements() statements
	// hold keeps the connection busy, as a query does that the server works on.
	hold(ctx context.Context, conn *sql.Conn, d time.Duration) error
	// write runs a statement that writes.
	write(func() error) error
	// refused tells an error of a statement from one of a database that can't
	// work, or isn't there.
	refused(error) bool
}

// statements is the SQL of the /db routes.
type statements struct {
	fill      string // makes the documents $1 … $2, where they aren't there
	scan      string // documents by id, at most $1
	insertOne string // $1 id, $2 document; nothing when the id is there
	// insertMany takes a JSON array of [id, document] as $1 and gives the ids of
	// those that went in.
	insertMany string
}

// database is a pool of connections. Its drivers block, so a query runs on a
// goroutine of its own, one a connection at most, and its result comes back
// through the loop's door: in Node, too, a driver's sockets are beside the loop
// and its callbacks on it.
type database struct {
	loop  *loop.Loop
	store store
	size  int // connections
	procs int // GOMAXPROCS, at least, once it is open

	// The loop's own.
	busy     int      // queries under way
	waiting  []*query // for a connection, first in, first out
	nextID   int64
	inserted int64 // rows that were asked for, to bound them

	ctx     context.Context // of all queries: done when the server ends
	cancel  context.CancelFunc
	running sync.WaitGroup

	mu     sync.Mutex // held for a moment only: the loop takes it too
	closed bool

	opening sync.Mutex
	db      *sql.DB // nil until it is needed

	filling sync.Mutex
	filled  int64 // documents that there are
}

// query is work that needs a connection.
type query struct {
	x      *Exchange
	work   func(context.Context, *sql.Conn) error
	done   func(error)
	err    error
	thrown any
}

// newDatabase opens nothing yet.
func newDatabase(s *Server) (*database, error) {
	store, err := s.config.Database.store()
	if err != nil {
		return nil, fmt.Errorf("the database: %w", err)
	}
	d := &database{loop: s.loop, store: store, size: s.config.DatabasePool, procs: s.procs() + s.config.DatabasePool, nextID: firstOwnID}
	d.ctx, d.cancel = context.WithCancel(context.Background())
	return d, nil
}

// query runs work off the loop with a connection of its own, and then done on
// the loop with what came of it.
func (x *Exchange) query(work func(context.Context, *sql.Conn) error, done func(error)) {
	d := x.server.database
	d.waiting = append(d.waiting, &query{x: x, work: work, done: done})
	d.dispatch()
}

// dispatch starts what waits, while connections are free.
func (d *database) dispatch() {
	for d.busy < d.size && len(d.waiting) > 0 {
		q := d.waiting[0]
		d.waiting = d.waiting[1:]
		d.busy++
		d.start(q)
	}
}

func (d *database) start(q *query) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return // nobody waits for it any more
	}
	d.running.Add(1)
	go d.run(q)
}

func (d *database) run(q *query) {
	defer d.running.Done()
	d.attempt(q)
	d.loop.Post(q.x.served.Path, func() { d.finished(q) })
}

// finished is back on the loop.
func (d *database) finished(q *query) {
	d.busy--
	d.dispatch()
	if q.thrown != nil {
		panic(q.thrown)
	}
	guard(q.x, func() { q.done(q.err) })
}

func (d *database) attempt(q *query) {
	defer func() {
		if v := recover(); v != nil {
			q.thrown = asThrown(v, q.x)
		}
	}()
	ctx, cancel := context.WithTimeout(d.ctx, dbQueryTimeout)
	defer cancel()
	q.err = d.with(ctx, q.work)
}

// with runs work with a connection. After an error that is none of the
// statement's the idle connections are closed: they are likely to be broken too,
// and each would cost a request when the database is back.
func (d *database) with(ctx context.Context, work func(context.Context, *sql.Conn) error) error {
	db, err := d.open(ctx)
	if err != nil {
		return err
	}
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close() // back into the pool
	if err = work(ctx, conn); err != nil && !d.store.refused(err) {
		db.SetMaxIdleConns(-1)
		db.SetMaxIdleConns(d.size)
	}
	return err
}

// fill sees to it that there are so many documents: they are made when somebody
// first asks for them.
func (d *database) fill(ctx context.Context, conn *sql.Conn, upTo int64) error {
	d.filling.Lock()
	defer d.filling.Unlock()
	if upTo <= d.filled {
		return nil
	}
	err := d.store.write(func() error {
		_, err := conn.ExecContext(ctx, d.store.statements().fill, d.filled+1, upTo)
		return err
	})
	if err == nil {
		d.filled = upTo
	}
	return err
}

// open gives the database, which the first call opens.
func (d *database) open(ctx context.Context) (*sql.DB, error) {
	d.opening.Lock()
	defer d.opening.Unlock()
	if d.db != nil || ctx.Err() != nil {
		return d.db, ctx.Err()
	}
	db, err := d.store.open(ctx)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(d.size)
	db.SetMaxIdleConns(d.size)
	if err := connectAll(ctx, db, d.size); err != nil {
		return nil, errors.Join(err, d.clear(db))
	}
	needProcs(d.procs)
	d.db = db
	return db, nil
}

// connectAll opens the whole pool, so that no request waits for it, and a pool
// that is larger than the database allows is seen at once.
func connectAll(ctx context.Context, db *sql.DB, size int) error {
	conns, errs := make([]*sql.Conn, size), make([]error, size)
	var all sync.WaitGroup
	for i := range size {
		all.Go(func() { conns[i], errs[i] = db.Conn(ctx) })
	}
	all.Wait()
	for _, c := range conns {
		if c != nil {
			c.Close()
		}
	}
	for _, err := range errs {
		if err != nil {
			return fmt.Errorf("a pool of %d connections can't be opened: %w", size, err) // the others say the same
		}
	}
	return nil
}

// close ends the queries under way, takes the tables back and closes the
// database, if it was opened.
func (d *database) close() error {
	d.cancel()
	d.mu.Lock()
	d.closed = true
	d.mu.Unlock()
	d.running.Wait()
	d.opening.Lock()
	defer d.opening.Unlock()
	if d.db == nil {
		return nil
	}
	return d.clear(d.db)
}

func (d *database) clear(db *sql.DB) error {
	ctx, cancel := context.WithTimeout(context.Background(), dbClearTimeout)
	defer cancel()
	return d.store.clear(ctx, db)
}

// errNotDone is what becomes of a callback that threw, or that no loop ran.
var errNotDone = errors.New("the loop did not come to the end of it")

// onLoop runs fn on the loop, for a query, which waits for its end meanwhile.
func (x *Exchange) onLoop(ctx context.Context, fn func() error) error {
	answer := make(chan error, 1)
	posted := x.loop.Post(x.served.Path, func() {
		err := errNotDone
		defer func() { answer <- err }()
		guard(x, func() { err = fn() })
	})
	if !posted {
		return errNotDone
	}
	select {
	case err := <-answer:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// databaseCode is 503 while the database isn't there or can't work, and 500 when
// it refuses a statement.
func (x *Exchange) databaseCode(err error) int {
	if x.server.database.store.refused(err) {
		return http.StatusInternalServerError
	}
	return http.StatusServiceUnavailable
}

// openDatabase opens the database that was asked for by name; another waits
// until it is used.
func (s *Server) openDatabase() (err error) {
	if s.database, err = newDatabase(s); err != nil {
		return err
	}
	s.onClose("database", s.closeDatabase)
	if s.config.Database == "" {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), dbQueryTimeout)
	defer cancel()
	if _, err = s.database.open(ctx); err != nil {
		return fmt.Errorf("the database %s: %w", s.config.Database, err)
	}
	return nil
}

// closeDatabase takes back what openDatabase made.
func (s *Server) closeDatabase() error {
	if err := s.database.close(); err != nil {
		return fmt.Errorf("the database can't be cleared: %w", err)
	}
	return nil
}
