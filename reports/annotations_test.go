package reports

import (
	"bytes"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestAnnotationsAreEscaped(t *testing.T) {
	for _, c := range []struct{ title, message, want string }{
		{"gate", "p99 +19 %", "::error title=gate::p99 +19 %25\n"},
		{"p99: fail, surely", "a: b, c\r\nd", "::error title=p99%3A fail%2C surely::a: b, c%0D%0Ad\n"},
		{"", "", "::error title=::\n"},
		{"%0A", "%25", "::error title=%250A::%2525\n"},
	} {
		var b bytes.Buffer
		if err := Annotate(&b, []Annotation{{AnnotateError, c.title, c.message}}); err != nil {
			t.Fatal(err)
		}
		if b.String() != c.want {
			t.Errorf("got %q, want %q", b.String(), c.want)
		}
	}
}

// unescaped reads a command as a runner does.
func unescaped(t interface{ Fatalf(string, ...any) }, line string) (kind, title, message string) {
	rest, found := strings.CutPrefix(line, "::")
	head, data, cut := strings.Cut(rest, "::")
	kind, property, spaced := strings.Cut(head, " ")
	name, value, named := strings.Cut(property, "=")
	if !found || !cut || !spaced || !named || name != "title" {
		t.Fatalf("not a command: %q", line)
	}
	common := []string{"%0D", "\r", "%0A", "\n"}
	return kind, strings.NewReplacer(append(common, "%3A", ":", "%2C", ",", "%25", "%")...).Replace(value),
		strings.NewReplacer(append(common, "%25", "%")...).Replace(data)
}

func FuzzAnnotations(f *testing.F) {
	f.Add("p99: fail", "a\r\n::error::b,%0A")
	f.Add("::", ":: ::")
	f.Add("%3A%2C", "\xff\x00%")
	f.Fuzz(func(t *testing.T, title, message string) {
		if len(title) > annotationLong || len(message) > annotationLong {
			t.Skip("would be clipped")
		}
		var b bytes.Buffer
		if err := Annotate(&b, []Annotation{{AnnotateNotice, title, message}}); err != nil {
			t.Fatal(err)
		}
		line, ended := strings.CutSuffix(b.String(), "\n")
		if !ended || strings.ContainsAny(line, "\r\n") {
			t.Fatalf("not one line: %q", b.String())
		}
		kind, gotTitle, gotMessage := unescaped(t, line)
		if kind != "notice" || gotTitle != title || gotMessage != message {
			t.Fatalf("got %q, %q, %q, want %q, %q", kind, gotTitle, gotMessage, title, message)
		}
	})
}

// GitHub shows ten of each kind: of more, the tenth says how many there are.
func TestAnnotationsAreBounded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var all []Annotation
		of := map[string]int{}
		for _, kind := range rapid.SliceOfN(rapid.SampledFrom([]AnnotationKind{AnnotateError, AnnotateWarning, AnnotateNotice}), 0, 60).Draw(t, "kinds") {
			all = append(all, Annotation{kind, "title", "message"})
			of[string(kind)]++
		}
		var b bytes.Buffer
		if err := Annotate(&b, all); err != nil {
			t.Fatal(err)
		}
		shown := map[string]int{}
		for line := range strings.Lines(b.String()) {
			kind, title, message := unescaped(t, strings.TrimSuffix(line, "\n"))
			shown[kind]++
			if title == "and more" {
				n, _, _ := strings.Cut(message, " ")
				more, err := strconv.Atoi(n)
				if err != nil || shown[kind] != AnnotationsMost || of[kind] != AnnotationsMost-1+more {
					t.Fatalf("%q as number %d of %d", message, shown[kind], of[kind])
				}
			}
		}
		for kind, n := range of {
			if shown[kind] != min(n, AnnotationsMost) {
				t.Fatalf("%d of %d shown of %s", shown[kind], n, kind)
			}
		}
	})
}

func TestLongAnnotationsAreClipped(t *testing.T) {
	if got := annotationData(strings.Repeat("é", annotationLong)); len(got) > annotationLong+len("…") || !strings.HasSuffix(got, "é…") {
		t.Errorf("%d bytes, ending in %q", len(got), got[len(got)-8:])
	}
}
