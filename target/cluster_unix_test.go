//go:build unix

package target_test

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/looptest/looptest/target"
)

// cluster is a Postgres server of the tests' own, behind a socket in a folder.
type cluster struct {
	bin, folder string
	own         *syscall.SysProcAttr // an unprivileged user: Postgres refuses root
	server      *exec.Cmd
	leash       io.Closer // the server's guard holds the other end
}

// clusterPassword has what a URL must escape.
const clusterPassword = "se:cr/et@%?"

// postgres gives the tests' Postgres, which the first call starts.
func postgres(t *testing.T) *cluster {
	t.Helper()
	if clusterBin() == "" {
		t.Skip("no Postgres server is installed: initdb is neither in PATH nor in /usr/lib/postgresql")
	}
	c, err := theCluster()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// clusterBin is the newest folder with a server's programs.
func clusterBin() string {
	if path, err := exec.LookPath("initdb"); err == nil {
		return filepath.Dir(path)
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if len(found) == 0 {
		return ""
	}
	return filepath.Dir(found[len(found)-1])
}

var theCluster = sync.OnceValues(func() (*cluster, error) {
	c := &cluster{bin: clusterBin(), own: &syscall.SysProcAttr{Setpgid: true}}
	endCluster = c.remove
	var err error
	if c.folder, err = os.MkdirTemp("", "looptest-pg-"); err != nil {
		return nil, err
	}
	if err := c.disown(); err != nil {
		return nil, err
	}
	password := filepath.Join(c.folder, "password")
	if err := os.WriteFile(password, []byte(clusterPassword), 0o644); err != nil {
		return nil, err
	}
	if out, err := c.command("initdb", "-D", c.data(), "-U", "tester", "--auth=scram-sha-256", "--pwfile="+password,
		"--no-sync", "--no-locale", "--encoding=UTF8").CombinedOutput(); err != nil {
		return nil, fmt.Errorf("initdb: %w\n%s", err, out)
	}
	return c, c.start()
})

// endCluster takes the cluster back, if there is one.
var endCluster = func() {}

// disown gives the folder to an unprivileged user when we are root.
func (c *cluster) disown() error {
	if os.Geteuid() != 0 {
		return nil
	}
	other, err := user.Lookup("postgres")
	if err != nil {
		if other, err = user.Lookup("nobody"); err != nil {
			return err
		}
	}
	uid, err := strconv.Atoi(other.Uid)
	if err != nil {
		return err
	}
	gid, err := strconv.Atoi(other.Gid)
	if err != nil {
		return err
	}
	c.own.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	return os.Chown(c.folder, uid, gid)
}

func (c *cluster) data() string { return filepath.Join(c.folder, "data") }

func (c *cluster) command(name string, args ...string) *exec.Cmd {
	return c.run(append([]string{filepath.Join(c.bin, name)}, args...))
}

func (c *cluster) run(args []string) *exec.Cmd {
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Dir, cmd.SysProcAttr = c.folder, c.own
	return cmd
}

// guarded runs a server and ends it at once, without a farewell, when standard
// input ends: when we say so, or are no more.
const guarded = `"$@" </dev/null & server=$!; read -r _; kill -s QUIT "$server"; wait "$server"`

// start starts the server, as it is, and waits until it can be asked.
func (c *cluster) start() error {
	c.server = c.run([]string{"/bin/sh", "-c", guarded, "guard",
		filepath.Join(c.bin, "postgres"), "-D", c.data(), "-k", c.folder, "-h", "", "-c", "max_connections=40"})
	said, err := os.Create(filepath.Join(c.folder, "log")) // a file needs no goroutine that copies
	if err != nil {
		return err
	}
	defer said.Close()
	c.server.Stdout, c.server.Stderr = said, said
	if c.leash, err = c.server.StdinPipe(); err != nil {
		return err
	}
	if err := c.server.Start(); err != nil {
		return err
	}
	db := c.connect()
	defer db.Close()
	for range 1000 {
		if err = db.Ping(); err == nil {
			return nil
		}
		time.Sleep(20 * time.Millisecond)
	}
	log, _ := os.ReadFile(said.Name())
	return fmt.Errorf("Postgres does not start: %w\n%s", err, log)
}

// crash ends the server as a crash does: nothing is written that isn't yet.
func (c *cluster) crash() {
	c.leash.Close()
	c.server.Wait()
}

func (c *cluster) remove() {
	if c.server != nil {
		c.crash()
	}
	os.RemoveAll(c.folder)
}

func (c *cluster) dsn() target.DSN { return c.as(clusterPassword) }

func (c *cluster) as(password string) target.DSN {
	u := url.URL{Scheme: "postgres", User: url.UserPassword("tester", password), Path: "/postgres", RawQuery: "host=" + url.QueryEscape(c.folder)}
	return target.DSN(u.String())
}

// connect gives the cluster's database, beside the server under test.
func (c *cluster) connect() *sql.DB {
	db, err := sql.Open("pgx", string(c.dsn()))
	if err != nil {
		panic(err)
	}
	return db
}

// count asks for one number.
func (c *cluster) count(t *testing.T, query string) (n int) {
	t.Helper()
	db := c.connect()
	defer db.Close()
	if err := db.QueryRowContext(context.Background(), query).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func (c *cluster) exec(t *testing.T, statement string) {
	t.Helper()
	db := c.connect()
	defer db.Close()
	if _, err := db.Exec(statement); err != nil {
		t.Error(err)
	}
}
