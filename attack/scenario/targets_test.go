package scenario

import (
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/looptest/looptest/attack"
)

func TestReadTargets(t *testing.T) {
	body := filepath.Join(t.TempDir(), "body")
	if err := os.WriteFile(body, []byte("hi"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ format, source string }{
		{"http", "# comment\nGET http://h/a\n\nPOST /b\nX-A: 1\nX-A: 2\n# another\n@" + body + "\n"},
		{"json", `{"method":"GET","url":"http://h/a"}` + "\n\n" + `{"method":"POST","url":"/b","header":{"X-A":["1","2"]},"body":"aGk="}`},
	} {
		got, err := ReadTargets(strings.NewReader(c.source), c.format)
		want := []attack.Request{
			{Method: "GET", URL: "http://h/a", Header: http.Header{}},
			{Method: "POST", URL: "/b", Header: http.Header{"X-A": {"1", "2"}}, Body: []byte("hi")},
		}
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, %v", c.format, got, err)
		}
	}
}

func TestReadTargetsExplains(t *testing.T) {
	for _, c := range []struct{ format, source, want string }{
		{"http", "", "no targets"},
		{"http", "GET /a\n@/dev/zero", "line 2: /dev/zero is no regular file"},
		{"http", "GET /a\n@nowhere", "line 2: nowhere is not there"},
		{"http", "GET /a\n\nGET", "target 2: bad target: GET"},
		{"http", "GET /a\nX: " + strings.Repeat("x", 70_000), "line 2 is longer than 64 KiB"},
		{"http", "GET ftp://h/a", "target 1: \"ftp://h/a\" is neither a path"},
		{"http", "GET /a\na b: c", "target 1: \"a b\" is no header's name"},
		{"json", "{", "target 1: "},
		{"json", `{"url":"/"}`, "target 1: target: required method is missing"},
		{"json", `{"method":"GET","url":"/","header":{"A":["a\nb"]}}`, "line breaks"},
		{"xml", "", `"xml" is no format of targets`},
	} {
		if _, err := ReadTargets(strings.NewReader(c.source), c.format); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s %.40q: %v; want %q in it", c.format, c.source, err, c.want)
		}
	}
}

func FuzzReadTargets(f *testing.F) {
	f.Add("GET http://h/a\nA: b\n\nPOST /b\n@body\n", "http")
	f.Add(`{"method":"POST","url":"/b","header":{"X-A":["1","2"]},"body":"aGk="}`, "json")
	f.Fuzz(func(t *testing.T, source, format string) {
		all, err := ReadTargets(strings.NewReader(source), format)
		if err == nil && len(all) == 0 {
			t.Error("neither targets nor an error")
		}
		for _, r := range all {
			if _, err := http.NewRequest(r.Method, r.URL, nil); err != nil {
				t.Errorf("%q can't be sent: %v", r.Label(), err)
			}
		}
	})
}
