package target_test

import (
	"bytes"
	"math/rand/v2"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/looptest/looptest/target"
)

func TestSplitCommand(t *testing.T) {
	for _, c := range []struct {
		command string
		want    []string
	}{
		{"", nil},
		{" \t\n ", nil},
		{"node server.js", []string{"node", "server.js"}},
		{"  node\tserver.js \n --port {port}\n", []string{"node", "server.js", "--port", "{port}"}},
		{`a 'b c' "d e"`, []string{"a", "b c", "d e"}},
		{`a'b'"c"d`, []string{"abcd"}},
		{`'' "" a`, []string{"", "", "a"}},
		{`it\'s a\ b \\ \"`, []string{"it's", "a b", `\`, `"`}},
		{`'a\b' '"'`, []string{`a\b`, `"`}},
		{`"a\"b" "a\\b" "a\b" "\$x" "'"`, []string{`a"b`, `a\b`, `a\b`, "$x", "'"}},
		{"a\\\nb \"c\\\nd\"", []string{"ab", "cd"}},
		{"'a\nb'", []string{"a\nb"}},
		{"'$HOME' '`x`' '|' '#' a#b", []string{"$HOME", "`x`", "|", "#", "a#b"}},
		{`a$ "a$" "$'" $. $/ 5$`, []string{"a$", "a$", "$'", "$.", "$/", "5$"}},
		{"serveur --nom=été *.js", []string{"serveur", "--nom=été", "*.js"}},
		{"\xff'\xfe'", []string{"\xff\xfe"}},
	} {
		if got, err := target.SplitCommand(c.command); err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%q: got %q, %v; want %q", c.command, got, err, c.want)
		}
	}
}

func TestSplitCommandRefuses(t *testing.T) {
	for _, c := range []struct{ command, says string }{
		{`a 'b`, "a ' is not closed"},
		{`a "b`, `a " is not closed`},
		{`a "b\`, `a " is not closed`},
		{`a \`, `nothing follows the \`},
		{`a | b`, "| means something only to a shell, and none is run; put it in '…' if it stands for itself, or run sh -c '…'"},
		{`a && b`, "& means"}, {`a; b`, "; means"}, {`a >b`, "> means"}, {`a <b`, "< means"}, {`(a)`, "( means"},
		{`a # b`, "# means"}, {`a $PORT`, "$P means"}, {`a ${PORT}`, "${ means"}, {`a "$PORT"`, "$P means"},
		{`a $(b)`, "$( means"}, {"a `b`", "` means"}, {"a \"`b`\"", "` means"}, {`a $'b'`, "$' means"}, {`a $"b"`, `$" means`},
	} {
		words, err := target.SplitCommand(c.command)
		if err == nil {
			t.Errorf("%q gave %q", c.command, words)
			continue
		}
		says(t, err, c.says)
	}
}

// What is accepted is what a shell makes of it.
func TestSplitCommandAsAShell(t *testing.T) {
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("there is no sh to compare with")
	}
	random := rand.New(rand.NewPCG(5, 5))
	const signs = "ab \t\n'\"\\$#.=|`"
	accepted := 0
	for accepted < 150 {
		command := make([]byte, random.IntN(14))
		for i := range command {
			command[i] = signs[random.IntN(len(signs))]
		}
		got, err := target.SplitCommand(string(command))
		if err != nil || len(got) == 0 || bytes.ContainsRune(bytes.TrimRight(command, " \t\n"), '\n') {
			continue // unquoted, the end of a line ends a shell's command
		}
		accepted++
		out, err := exec.Command(sh, "-c", `set -f; printf '%s\0' `+string(command)).Output()
		if err != nil {
			t.Errorf("%q: %v", command, err)
		}
		if want := strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00"); !slices.Equal(got, want) {
			t.Errorf("%q: got %q, sh says %q", command, got, want)
		}
	}
}

// Words that are quoted come back as they were; anything else gives words or an
// error.
func FuzzSplitCommand(f *testing.F) {
	for _, seed := range []string{"", "node server.js", `a'b "c\`, "a\x00b", "é|$x\n\\\n"} {
		f.Add(seed, seed)
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		quoted := target.Quote(a) + " " + target.Quote(b)
		got, err := target.SplitCommand(quoted)
		if err != nil || !slices.Equal(got, []string{a, b}) {
			t.Errorf("%q: got %q, %v", quoted, got, err)
		}
		words, err := target.SplitCommand(a)
		if err != nil && words != nil {
			t.Errorf("%q: got %q and %v", a, words, err)
		}
	})
}
