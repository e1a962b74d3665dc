package target

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	mathrand "math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Command starts a server of the user's own with a program of theirs. It is given
// a free port of the loopback address in the environment variable PORT, and
// {port} in its arguments stands for it. Starters of one process share a pointer.
type Command struct {
	Args []string // the program and its arguments; no shell reads them
	Dir  string   // where it runs; here when empty
	Env  []string // "NAME=value", added to the environment

	// Ready is what is asked for until it is answered, whatever the status: a path,
	// or a whole URL, in which {port} is replaced too. "/" when empty.
	Ready        string
	ReadyTimeout time.Duration // DefaultReadyTimeout when zero
}

var _ Starter = (*Command)(nil)

// DefaultReadyTimeout is how long a command may take until it answers.
const DefaultReadyTimeout = 30 * time.Second

// commandGrace is how long a command may take to end before it is killed.
const commandGrace = 2 * time.Second

// portTries is how many ports are tried when others take them first.
const portTries = 3

// portMark stands for the port in a command's arguments.
const portMark = "{port}"

// String is the command as one could type it.
func (c *Command) String() string {
	quoted := make([]string, len(c.Args))
	for i, a := range c.Args {
		quoted[i] = quote(a)
	}
	return strings.Join(quoted, " ")
}

// Start runs the command and returns when it answers, or with the reason why it
// doesn't and what it said.
func (c *Command) Start(ctx context.Context) (Target, error) {
	if len(c.Args) == 0 || c.Args[0] == "" {
		return nil, errors.New("the target's command is empty; it needs a program to run")
	}
	for try := 1; ; try++ {
		t, err := c.start(ctx)
		if err == nil {
			return t, nil
		}
		if try == portTries || !errors.Is(err, errPortTaken) || ctx.Err() != nil {
			return nil, err
		}
	}
}

// start is one try on one port.
func (c *Command) start(ctx context.Context) (Target, error) {
	port, err := freePort()
	if err != nil {
		return nil, fmt.Errorf("there is no free port for the target: %w", err)
	}
	t := &commandTarget{url: "http://127.0.0.1:" + port}
	ready, err := c.readyURL(t.url, port)
	if err != nil {
		return nil, err
	}
	if t.process, err = c.run(port); err != nil {
		return nil, c.cannotRun("target", err)
	}
	if err := c.awaitReady(ctx, t.process, ready, port); err != nil {
		t.process.Stop()
		return nil, err
	}
	t.loop = findObserver(ctx, t.url)
	t.usage = observeProcess(t.process.cmd.Process.Pid)
	return t, nil
}

// run starts the process and what keeps it from outliving looptest.
func (c *Command) run(port string) (*process, error) {
	args := make([]string, len(c.Args))
	for i, a := range c.Args {
		args[i] = strings.ReplaceAll(a, portMark, port)
	}
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Dir = c.Dir
	mark := "LOOPTEST_TARGET_" + rand.Text()
	cmd.Env = append(append(os.Environ(), c.Env...), "PORT="+port, mark+"=1")
	p := &process{cmd: cmd, output: &tail{}, grace: commandGrace}
	cmd.Stdout, cmd.Stderr = p.output, p.output
	if err := p.start(); err != nil {
		return nil, err
	}
	release := guardGroup(cmd.Process.Pid)
	p.clear = func() {
		killMarked(mark)
		release()
	}
	go p.await()
	return p, nil
}

// Ports are chosen below those that systems give to outgoing connections, of
// which one may take a port before its server does.
const (
	lowestPort  = 20_000
	highestPort = 32_000
	portDraws   = 20
)

// freePort is a port of the loopback address that nobody listens on now.
func freePort() (string, error) {
	for range portDraws {
		port := strconv.Itoa(lowestPort + mathrand.IntN(highestPort-lowestPort))
		if l, err := net.Listen("tcp", "127.0.0.1:"+port); err == nil {
			return port, l.Close()
		}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return strconv.Itoa(l.Addr().(*net.TCPAddr).Port), nil
}

var assignment = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*=`)

// cannotRun explains why the program, which is a target or a build, did not even
// start.
func (c *Command) cannotRun(what string, err error) error {
	program := c.Args[0]
	if c.Dir != "" {
		if info, failed := os.Stat(c.Dir); failed != nil || !info.IsDir() {
			return fmt.Errorf("the %s %q can't be started: %q is no folder to run it in", what, c, c.Dir)
		}
	}
	switch {
	case assignment.MatchString(program):
		return fmt.Errorf("the %s can't be started: no program is called %q; to set a variable put env before it", what, program)
	case errors.Is(err, exec.ErrNotFound):
		return fmt.Errorf("the %s can't be started: the program %q is not in PATH; is it installed, and spelled right?", what, program)
	case errors.Is(err, fs.ErrNotExist):
		where := program
		if !filepath.IsAbs(program) {
			where = filepath.Join(c.Dir, program)
		}
		return fmt.Errorf("the %s can't be started: there is no file %q, or not the interpreter that its first line names", what, where)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("the %s can't be started: %q may not be executed; make it executable (chmod +x), or put its interpreter before it", what, program)
	}
	return fmt.Errorf("the %s %q can't be started: %w", what, c, err)
}

// commandTarget is a command that answers.
type commandTarget struct {
	*process
	url   string
	loop  *httpObserver // of a reference server; else nil
	usage Observer      // of the processes; nil where it can't be seen
}

func (t *commandTarget) URL() string { return t.url }

// Observer shows the loop of a reference server, and of any other program what
// its processes use.
func (t *commandTarget) Observer() Observer {
	if t.loop != nil {
		return t.loop
	}
	return t.usage
}

// Stop ends the command with all that it started, and waits until nothing of it
// is left.
func (t *commandTarget) Stop() error {
	if t.loop != nil {
		defer t.loop.client.CloseIdleConnections()
	}
	return t.process.Stop()
}
