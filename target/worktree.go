package target

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Worktree is another commit of a git repository, checked out into a temporary
// folder for as long as it is needed. The repository's own files stay as they are.
type Worktree struct {
	Ref    string // as it was asked for
	Commit string // abbreviated
	// Dir is the folder that corresponds to the one that it was asked from.
	Dir string

	repository, temporary, tree string
}

// RefError says that a repository has no such commit, branch or tag.
type RefError struct {
	Ref   string
	Known []string // branches and tags
}

func (e *RefError) Error() string {
	return fmt.Sprintf("%q is no commit, branch or tag of this repository", e.Ref)
}

// ErrNoRepository says that a folder is in no git repository.
var ErrNoRepository = errors.New("this folder is in no git repository")

// AddWorktree checks the commit out, from the repository that the folder is in.
func AddWorktree(ctx context.Context, folder, ref string) (*Worktree, error) {
	top, err := git(ctx, folder, "rev-parse", "--show-toplevel")
	if errors.Is(err, exec.ErrNotFound) {
		return nil, errors.New("git is not installed")
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoRepository, err)
	}
	within, err := git(ctx, folder, "rev-parse", "--show-prefix")
	if err != nil {
		return nil, err
	}
	commit, err := resolve(ctx, top, ref)
	if err != nil {
		return nil, err
	}
	w := &Worktree{Ref: ref, Commit: commit[:min(len(commit), 10)], repository: top}
	if w.temporary, err = os.MkdirTemp("", "looptest-base-"); err != nil {
		return nil, err
	}
	w.tree = filepath.Join(w.temporary, filepath.Base(top))
	w.Dir = filepath.Join(w.tree, within)
	if _, err := git(ctx, top, "worktree", "add", "--quiet", "--detach", w.tree, commit); err != nil {
		return nil, errors.Join(fmt.Errorf("%s can't be checked out: %w", ref, err), w.Remove())
	}
	if _, err := os.Stat(w.Dir); err != nil {
		return nil, errors.Join(fmt.Errorf("%s has no folder %s", ref, within), w.Remove())
	}
	return w, nil
}

// resolve gives the commit's hash. A branch that only the remote has will do.
func resolve(ctx context.Context, top, ref string) (string, error) {
	for _, name := range []string{ref, "origin/" + ref} {
		if strings.HasPrefix(name, "-") || ref == "" {
			break
		}
		if commit, err := git(ctx, top, "rev-parse", "--verify", "--quiet", name+"^{commit}"); err == nil {
			return commit, nil
		}
	}
	if ctx.Err() != nil {
		return "", context.Cause(ctx)
	}
	known, _ := git(ctx, top, "for-each-ref", "--format=%(refname:short)", "refs/heads", "refs/tags", "refs/remotes") // only for a hint
	return "", &RefError{ref, strings.Fields(known)}
}

// removing is how long git may take to take a worktree back.
const removing = 30 * time.Second

// Remove takes the worktree back, whatever became of what asked for it.
func (w *Worktree) Remove() error {
	ctx, cancel := context.WithTimeout(context.Background(), removing)
	defer cancel()
	git(ctx, w.repository, "worktree", "remove", "--force", w.tree) // what it leaves goes below
	err := os.RemoveAll(w.temporary)
	git(ctx, w.repository, "worktree", "prune")
	return err
}

// git runs git in the folder and gives what it prints, without the end of line.
func git(ctx context.Context, folder string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "git", args...)
	cmd.Dir, cmd.Env = folder, withoutGit(os.Environ())
	ownGroup(cmd) // Ctrl-C ends it by the context alone
	cmd.WaitDelay = outputDelay
	said := &tail{}
	cmd.Stderr = said
	out, err := cmd.Output()
	switch {
	case ctx.Err() != nil:
		return "", context.Cause(ctx)
	case err != nil:
		return "", fmt.Errorf("git %s: %w%s", args[0], err, (&process{output: said}).said())
	}
	return strings.TrimRight(string(out), "\r\n"), nil
}

// withoutGit leaves out what git tells its hooks: it is about another folder.
func withoutGit(env []string) []string {
	return slices.DeleteFunc(slices.Clone(env), func(e string) bool {
		name, _, _ := strings.Cut(e, "=")
		return slices.Contains([]string{"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY"}, name)
	})
}

// Build runs a command to its end in the folder. Its error holds the end of what
// the command said.
func Build(ctx context.Context, folder string, args []string) error {
	c := &Command{Args: args, Dir: folder}
	if len(args) == 0 || args[0] == "" {
		return errors.New("the build's command is empty")
	}
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Dir, cmd.Env = folder, withoutGit(os.Environ())
	p := &process{cmd: cmd, output: &tail{}, grace: commandGrace}
	cmd.Stdout, cmd.Stderr = p.output, p.output
	if err := p.start(); err != nil {
		return c.cannotRun("build", err)
	}
	p.clear = guardGroup(cmd.Process.Pid)
	go p.await()
	select {
	case <-p.gone:
	case <-ctx.Done():
		p.Stop()
		return context.Cause(ctx)
	}
	if !cmd.ProcessState.Success() {
		return fmt.Errorf("the build %q failed (%v)%s", c, cmd.ProcessState, p.said())
	}
	return nil
}
