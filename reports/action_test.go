package reports_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// action is the part of the GitHub action that can be wrong.
type action struct {
	Inputs map[string]struct {
		Description string
		Required    bool
		Default     *string
	}
	Outputs map[string]struct{ Description, Value string }
	Runs    struct {
		Using string
		Steps []actionStep
	}
}

type actionStep struct {
	ID, Name, Shell, Run, Uses string
	Env                        map[string]string
}

func readAction(t *testing.T) (a action, text string) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "action.yml"))
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(data, &a); err != nil {
		t.Fatal(err)
	}
	return a, string(data)
}

var (
	inputUse  = regexp.MustCompile(`inputs\.([a-z-]+)`)
	outputUse = regexp.MustCompile(`steps\.([a-z]+)\.outputs\.([a-z]+)`)
	variable  = regexp.MustCompile(`\$\{?(GATE_[A-Z_]+)`)
)

func TestActionUsesWhatItDeclares(t *testing.T) {
	a, text := readAction(t)
	used := map[string]bool{}
	for _, m := range inputUse.FindAllStringSubmatch(text, -1) {
		used[m[1]] = true
		if _, ok := a.Inputs[m[1]]; !ok {
			t.Errorf("input %q is used and not declared", m[1])
		}
	}
	for name, input := range a.Inputs {
		if !used[name] || input.Description == "" || input.Required == (input.Default != nil) {
			t.Errorf("input %q is not used, not described, or neither required nor with a default", name)
		}
	}
	if a.Runs.Using != "composite" || len(a.Runs.Steps) == 0 {
		t.Fatalf("%+v", a.Runs)
	}
	ids := map[string]string{}
	for _, step := range a.Runs.Steps {
		ids[step.ID] = step.Run
		if step.Uses != "" || step.Shell != "bash" || strings.Contains(step.Run, "${{") {
			t.Errorf("step %q: a step runs bash of its own, and takes inputs through its environment, where no shell reads them", step.Name)
		}
		for _, m := range variable.FindAllStringSubmatch(step.Run, -1) {
			if _, ok := step.Env[m[1]]; !ok {
				t.Errorf("step %q uses %s, which is not in its environment", step.Name, m[1])
			}
		}
	}
	for name, output := range a.Outputs {
		m := outputUse.FindStringSubmatch(output.Value)
		if m == nil || !strings.Contains(ids[m[1]], m[2]+"=") {
			t.Errorf("output %q is never written: %q", name, output.Value)
		}
	}
}

// The step passes its inputs on as they are, and turns exit codes into outcomes.
func TestActionsStep(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("there is no bash here")
	}
	a, _ := readAction(t)
	i := slices.IndexFunc(a.Runs.Steps, func(s actionStep) bool { return s.ID == "gate" })
	for _, c := range []struct {
		code, open string
		outcome    string
		exit       int
	}{
		{"0", "false", "pass", 0}, {"1", "false", "fail", 1}, {"2", "false", "invalid", 2},
		{"3", "false", "inconclusive", 0}, {"3", "true", "inconclusive", 3}, {"4", "false", "invalid", 4}, {"130", "true", "invalid", 130},
	} {
		dir := t.TempDir()
		stub := "#!" + bash + "\nprintf '%s\\n' \"$@\" > " + filepath.Join(dir, "got") + "\nexit " + c.code + "\n"
		if err := os.WriteFile(filepath.Join(dir, "looptest"), []byte(stub), 0o755); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command(bash, "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", a.Runs.Steps[i].Run)
		cmd.Dir = dir
		cmd.Env = []string{
			"PATH=" + os.Getenv("PATH"), "RUNNER_TEMP=" + dir, "GITHUB_OUTPUT=" + filepath.Join(dir, "output"),
			"GATE_BASE=", "GATE_BASE_REF=origin/main", "GATE_BUILD=make $(touch oh)", "GATE_HEAD=./server 'a b'", "GATE_URL=/a?b=c d",
			"GATE_ARGS=--metric=p99=10%\r\n\n--header=A: b; c\n", "GATE_OUT=out dir", "GATE_FAIL_OPEN=" + c.open,
		}
		told, err := cmd.CombinedOutput()
		if got := cmd.ProcessState.ExitCode(); got != c.exit {
			t.Errorf("exit code %s becomes %d, want %d: %v, %s", c.code, got, c.exit, err, told)
		}
		output, _ := os.ReadFile(filepath.Join(dir, "output"))
		if want := "outcome=" + c.outcome + "\njson=out dir/gate.json\n"; string(output) != want {
			t.Errorf("exit code %s: got %q, want %q", c.code, output, want)
		}
		got, _ := os.ReadFile(filepath.Join(dir, "got"))
		want := "gate\n--github\n--head=./server 'a b'\n--url=/a?b=c d\n--out=out dir\n--junit=out dir/gate.junit.xml\n" +
			"--base-ref=origin/main\n--build=make $(touch oh)\n--metric=p99=10%\n--header=A: b; c\n"
		if string(got) != want {
			t.Errorf("got %q, want %q", got, want)
		}
		if _, err := os.Stat(filepath.Join(dir, "oh")); err == nil {
			t.Error("an input was run as shell")
		}
	}
}

var yamlBlock = regexp.MustCompile("(?s)```yaml\n(.*?)```")

// The examples are YAML, and give the action the inputs that it has.
func TestExamplesOfCI(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("..", "docs", "ci.md"))
	if err != nil {
		t.Fatal(err)
	}
	a, _ := readAction(t)
	blocks := yamlBlock.FindAllStringSubmatch(string(data), -1)
	if len(blocks) < 2 {
		t.Fatalf("%d examples", len(blocks))
	}
	var workflow struct {
		Jobs map[string]struct {
			Steps []struct {
				Uses string
				With map[string]any
			}
		}
	}
	gates := 0
	for _, b := range blocks {
		if err := yaml.Unmarshal([]byte(b[1]), &map[string]any{}); err != nil {
			t.Errorf("%v in\n%s", err, b[1])
		}
		if err := yaml.Unmarshal([]byte(b[1]), &workflow); err != nil || workflow.Jobs == nil {
			continue
		}
		for _, step := range workflow.Jobs["gate"].Steps {
			if !strings.HasPrefix(step.Uses, "looptest/") {
				continue
			}
			gates++
			for name := range step.With {
				if _, ok := a.Inputs[name]; !ok {
					t.Errorf("the action has no input %q", name)
				}
			}
			for name, input := range a.Inputs {
				if _, ok := step.With[name]; input.Required && !ok {
					t.Errorf("the example leaves %q out", name)
				}
			}
		}
		workflow.Jobs = nil
	}
	if gates == 0 {
		t.Error("no example uses the action")
	}
	for name := range a.Inputs {
		if !strings.Contains(string(data), "`"+name+"`") {
			t.Errorf("input %q is not explained", name)
		}
	}
}
