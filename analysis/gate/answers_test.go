package gate

import (
	"crypto/sha256"
	"strings"
	"testing"

	"github.com/looptest/looptest/attack"
)

func TestAnswers(t *testing.T) {
	ok := func(body string) attack.Answer {
		return attack.Answer{Request: "GET /", Code: 200, Size: int64(len(body)), Hash: sha256.Sum256([]byte(body))}
	}
	of := func(code int, err attack.ErrorKind) attack.Answer {
		return attack.Answer{Request: "GET /", Code: code, Err: err}
	}
	for name, c := range map[string]struct {
		base, again, head attack.Answer
		differ, note      string
	}{
		"the same":                 {base: ok("a"), again: ok("a"), head: ok("a")},
		"another body":             {base: ok("a"), again: ok("a"), head: ok("bb"), differ: "with different bodies, of 1 and 2 bytes"},
		"another of that size":     {base: ok("a"), again: ok("a"), head: ok("b"), differ: "with different bodies, of 1 and 1 bytes"},
		"a body that changes":      {base: ok("a"), again: ok("b"), head: ok("cc")},
		"another code":             {base: ok("a"), again: ok("a"), head: of(204, ""), differ: "the base with 200, the head with 204"},
		"a code that changes":      {base: ok("a"), again: of(204, ""), head: of(203, "")},
		"a head that fails":        {base: ok("a"), again: ok("a"), head: of(500, attack.ErrStatus), note: "the head answers GET / with 500"},
		"a base that fails":        {base: of(404, attack.ErrStatus), again: of(404, attack.ErrStatus), head: ok("a"), differ: "the base answers GET / with 404"},
		"both fail":                {base: of(404, attack.ErrStatus), again: of(404, attack.ErrStatus), head: of(404, attack.ErrStatus), differ: "nothing to compare with"},
		"a base that fails once":   {base: ok("a"), again: of(500, attack.ErrStatus), head: ok("a")},
		"a base that is not there": {base: of(0, attack.ErrRefused), again: of(0, attack.ErrRefused), head: ok("a"), differ: "no answer (refused)"},
	} {
		differ, notes := Answers([]attack.Answer{c.base}, []attack.Answer{c.again}, []attack.Answer{c.head})
		for _, part := range []struct {
			got  []string
			want string
		}{{differ, c.differ}, {notes, c.note}} {
			if got := strings.Join(part.got, "\n"); part.want == "" && got != "" || !strings.Contains(got, part.want) {
				t.Errorf("%s: %q, want %q", name, got, part.want)
			}
		}
	}
}
