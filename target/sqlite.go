package target

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// sqliteStore is a database in the server's own process, in a private folder
// that goes with it.
type sqliteStore struct {
	folder string
	// writing is held by who writes: SQLite has one writer at a time, and lets
	// others look again after a nap, however short the write is.
	writing sync.Mutex
}

var _ store = (*sqliteStore)(nil)

// Each commit waits until the write-ahead log is on the disk.
const sqliteOptions = "?_journal_mode=WAL&_synchronous=FULL&_busy_timeout=10000&_dqs=0"

var sqliteTables = []string{
	`CREATE TABLE documents (id INTEGER PRIMARY KEY, document TEXT NOT NULL)`,
	`CREATE TABLE inserted (id INTEGER PRIMARY KEY, document TEXT NOT NULL)`,
}

func (s *sqliteStore) open(ctx context.Context) (db *sql.DB, err error) {
	if s.folder, err = os.MkdirTemp("", "looptest-db-"); err != nil {
		return nil, err
	}
	path := filepath.ToSlash(filepath.Join(s.folder, "db.sqlite"))
	if !strings.HasPrefix(path, "/") {
		path = "/" + path // of a system with drives
	}
	file := url.URL{Scheme: "file", Path: path}
	if db, err = sql.Open("sqlite", file.String()+sqliteOptions); err != nil {
		return nil, errors.Join(err, os.RemoveAll(s.folder))
	}
	if err = inTransaction(ctx, db, sqliteTables); err != nil {
		return nil, errors.Join(err, s.clear(ctx, db))
	}
	return db, nil
}

func (s *sqliteStore) clear(_ context.Context, db *sql.DB) error {
	return errors.Join(db.Close(), os.RemoveAll(s.folder))
}

func (s *sqliteStore) statements() statements {
	return statements{
		fill: fmt.Sprintf(`WITH RECURSIVE n(i) AS (SELECT $1 UNION ALL SELECT i + 1 FROM n WHERE i < $2) INSERT INTO documents
			SELECT i, printf('{"id":%%d,"name":"document %%d","amount":%%d,"note":"%%s"}', i, i, i %% %d, '%s') FROM n
			WHERE true ON CONFLICT DO NOTHING`, amounts, documentNote), // without WHERE the ON would be a join's
		scan:      `SELECT id, document FROM documents ORDER BY id LIMIT $1`,
		insertOne: `INSERT INTO inserted VALUES ($1, $2) ON CONFLICT DO NOTHING`,
		insertMany: `INSERT INTO inserted SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each($1)
			WHERE true ON CONFLICT DO NOTHING RETURNING id`,
	}
}

// hold waits here, since there is no server that could be slow.
func (s *sqliteStore) hold(ctx context.Context, _ *sql.Conn, d time.Duration) error {
	wait := time.NewTimer(d)
	defer wait.Stop()
	select {
	case <-wait.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *sqliteStore) write(fn func() error) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	return fn()
}

// refused says whether it is the statement that is wrong.
func (s *sqliteStore) refused(err error) bool {
	var failed *sqlite.Error
	return errors.As(err, &failed) && failed.Code()&0xff == sqlite3.SQLITE_ERROR
}

// inTransaction runs the statements, all or none.
func inTransaction(ctx context.Context, db *sql.DB, statements []string) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	for _, s := range statements {
		if _, err := tx.ExecContext(ctx, s); err != nil {
			return errors.Join(err, tx.Rollback())
		}
	}
	return tx.Commit()
}
