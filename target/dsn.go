package target

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
)

// DSN names the database of the /db routes: EmbeddedDatabase, or the URL of a
// Postgres. It prints without its password.
type DSN string

// EmbeddedDatabase is an SQLite of the server's own, in a temporary folder.
const EmbeddedDatabase DSN = "sqlite"

// DatabaseVariable is the environment variable that may hold the DSN, since a
// password in a command's arguments is there for every process to read.
const DatabaseVariable = "LOOPTEST_DB"

// Check reports what is wrong with the DSN, without showing what it holds.
func (d DSN) Check() error {
	_, err := d.store()
	return err
}

// String says who asks which database on which host.
func (d DSN) String() string {
	if d == EmbeddedDatabase || d == "" {
		return string(EmbeddedDatabase)
	}
	config, err := d.postgres()
	if err != nil {
		return "a database that can't be named"
	}
	host := config.Host
	if !strings.HasPrefix(host, "/") { // else it is a folder with a socket
		host = net.JoinHostPort(host, strconv.Itoa(int(config.Port)))
	}
	return fmt.Sprintf("postgres://%s@%s/%s", config.User, host, config.Database)
}

// store is what the DSN stands for, before anything is opened.
func (d DSN) store() (store, error) {
	if d == EmbeddedDatabase || d == "" {
		return &sqliteStore{}, nil
	}
	config, err := d.postgres()
	if err != nil {
		return nil, err
	}
	return newPostgresStore(config), nil
}

var errMalformed = errors.New("not a URL such as postgres://user:password@host:5432/database (in the password write @ as %40, / as %2F, : as %3A, ? as %3F, # as %23, % as %25)")

// postgres reads the URL. What can't be told apart is not repeated in the error:
// any part of it may be the password's.
func (d DSN) postgres() (*pgx.ConnConfig, error) {
	text := string(d)
	if !strings.HasPrefix(text, "postgres://") && !strings.HasPrefix(text, "postgresql://") {
		return nil, fmt.Errorf("must be %s, or begin with postgres://", EmbeddedDatabase)
	}
	u, err := url.Parse(text)
	if err != nil || u.Fragment != "" || strings.Count(text, "@") > 1 || strings.Contains(u.EscapedPath()+u.RawQuery, "@") {
		return nil, errMalformed
	}
	config, err := pgx.ParseConfig(text)
	if err != nil {
		return nil, err // it hides the password of a URL that can be read
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = dbConnectTimeout
	}
	if config.RuntimeParams["application_name"] == "" {
		config.RuntimeParams["application_name"] = "looptest"
	}
	return config, nil
}
