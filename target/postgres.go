package target

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

// postgresStore is a schema of the server's own in a Postgres. A server that is
// killed leaves it behind.
type postgresStore struct {
	config *pgx.ConnConfig
	schema string
}

var _ store = (*postgresStore)(nil)

func newPostgresStore(config *pgx.ConnConfig) *postgresStore {
	return &postgresStore{config, "looptest_" + strings.ToLower(rand.Text()[:12])}
}

func (p *postgresStore) tables() []string {
	return []string{
		`CREATE SCHEMA ` + p.schema,
		`CREATE TABLE ` + p.schema + `.documents (id bigint PRIMARY KEY, document text NOT NULL)`,
		`CREATE TABLE ` + p.schema + `.inserted (id bigint PRIMARY KEY, document text NOT NULL)`,
	}
}

func (p *postgresStore) open(ctx context.Context) (*sql.DB, error) {
	db := stdlib.OpenDB(*p.config)
	if err := inTransaction(ctx, db, p.tables()); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

func (p *postgresStore) clear(ctx context.Context, db *sql.DB) error {
	_, err := db.ExecContext(ctx, `DROP SCHEMA `+p.schema+` CASCADE`)
	if err != nil {
		err = fmt.Errorf("the schema %s is left behind: %w", p.schema, err)
	}
	return errors.Join(err, db.Close())
}

func (p *postgresStore) statements() statements {
	return statements{
		fill: fmt.Sprintf(`INSERT INTO %s.documents
			SELECT i, format('{"id":%%s,"name":"document %%s","amount":%%s,"note":"%%s"}', i, i, i %% %d, '%s')
			FROM generate_series($1::bigint, $2::bigint) i ON CONFLICT DO NOTHING`, p.schema, amounts, documentNote),
		scan:      `SELECT id, document FROM ` + p.schema + `.documents ORDER BY id LIMIT $1`,
		insertOne: `INSERT INTO ` + p.schema + `.inserted VALUES ($1, $2) ON CONFLICT DO NOTHING`,
		insertMany: `INSERT INTO ` + p.schema + `.inserted SELECT (row->>0)::bigint, row->>1 FROM json_array_elements($1::text::json) row
			ON CONFLICT DO NOTHING RETURNING id`,
	}
}

func (p *postgresStore) hold(ctx context.Context, conn *sql.Conn, d time.Duration) error {
	_, err := conn.ExecContext(ctx, `SELECT pg_sleep($1)`, d.Seconds())
	return err
}

func (p *postgresStore) write(fn func() error) error { return fn() }

// refused says whether the server is there and able, and doesn't want this
// statement.
func (p *postgresStore) refused(err error) bool {
	if connecting := (*pgconn.ConnectError)(nil); errors.As(err, &connecting) {
		return false
	}
	var said *pgconn.PgError
	if !errors.As(err, &said) {
		return false // nobody said anything
	}
	switch said.Code[:min(2, len(said.Code))] {
	case "08", "53", "57", "58": // no connection, no resources, an operator, the system
		return false
	}
	return true
}
