package scenario

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// writer writes a scenario's file, one line a key.
type writer struct{ strings.Builder }

// text writes a key with a text that stands for itself.
func (w *writer) text(indent int, key, value string) {
	if value != "" {
		w.line(indent, key, quoted(escape(value)))
	}
}

// lasts writes a duration; a negative one, too, for the parser to refuse.
func (w *writer) lasts(indent int, key string, d time.Duration) {
	if d != 0 {
		w.line(indent, key, formatDuration(d))
	}
}

func (w *writer) line(indent int, key, value string) {
	fmt.Fprintf(w, "%*s%s: %s\n", indent, "", key, value)
}

// quoted is a text in double quotes, as JSON and YAML both read it.
func quoted(text string) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(text) // a string always has a form
	return strings.TrimSuffix(b.String(), "\n")
}

func quotedList(texts []string) string {
	all := make([]string, len(texts))
	for i, t := range texts {
		all[i] = quoted(escape(t))
	}
	return "[" + strings.Join(all, ", ") + "]"
}

// write writes the flags as a scenario.
func (f Flags) write(base string, requests []string, headers [][2]string, hideSecrets bool) []byte {
	w := &writer{}
	f.writeTarget(w, base)
	w.lasts(0, "warmup", f.Warmup)
	w.lasts(0, "duration", f.Duration)
	fmt.Fprintf(w, "streams:\n  %s:\n", FlagsStream)
	w.text(4, "load", f.Rate)
	w.lasts(4, "timeout", f.Timeout)
	w.text(4, "max_body", f.MaxBody)
	f.writeExpect(w)
	writeHeaders(w, headers, hideSecrets)
	if f.Targets != "" {
		w.WriteString("    targets:\n")
		w.text(6, "file", f.Targets)
		w.text(6, "format", f.Format)
	}
	if len(requests) > 0 {
		w.WriteString("    requests:\n")
	}
	for _, r := range requests {
		f.writeRequest(w, r)
	}
	if len(f.Budgets) > 0 {
		w.WriteString("budgets:\n")
	}
	for _, b := range f.Budgets {
		text := quoted(escape(b))
		if f.Abort {
			text = "{assert: " + text + ", abort: true}"
		}
		w.WriteString("  - " + text + "\n")
	}
	return []byte(w.String())
}

func (f Flags) writeTarget(w *writer, base string) {
	inner := &writer{}
	inner.text(2, "url", base)
	if len(f.Command) > 0 {
		inner.line(2, "command", quotedList(f.Command))
	}
	inner.text(2, "ready", f.Ready)
	inner.lasts(2, "ready_timeout", f.ReadyTimeout)
	inner.text(2, "protocol", f.Protocol)
	if f.Connections != 0 {
		inner.line(2, "connections", fmt.Sprint(f.Connections))
	}
	if f.Fresh {
		inner.line(2, "keep_alive", "false")
	}
	inner.text(2, "socket", f.Socket)
	secure := &writer{}
	if f.Insecure {
		secure.line(4, "insecure", "true")
	}
	secure.text(4, "ca", f.CA)
	secure.text(4, "cert", f.Cert)
	secure.text(4, "key", f.Key)
	secure.text(4, "server_name", f.ServerName)
	if secure.Len() > 0 {
		inner.WriteString("  tls:\n" + secure.String())
	}
	if inner.Len() > 0 {
		w.WriteString("target:\n" + inner.String())
	}
}

func (f Flags) writeExpect(w *writer) {
	if len(f.Codes) == 0 && f.Match == "" {
		return
	}
	w.WriteString("    expect:\n")
	if len(f.Codes) > 0 {
		w.line(6, "codes", quotedList(f.Codes))
	}
	w.text(6, "body", f.Match)
}

func (f Flags) writeRequest(w *writer, url string) {
	method := f.Method
	if method == "" {
		method = "GET"
		if f.Body != "" || f.BodyFile != "" {
			method = "POST"
		}
	}
	w.WriteString("      - method: " + quoted(escape(method)) + "\n")
	w.text(8, "url", url)
	w.text(8, "body", f.Body)
	w.text(8, "body_file", f.BodyFile)
}

// writeHeaders writes each name once, with its values.
func writeHeaders(w *writer, headers [][2]string, hideSecrets bool) {
	var names []string
	values := map[string][]string{}
	for _, h := range headers {
		name, value := h[0], escape(h[1])
		if hideSecrets && secret(name) {
			value = "${" + strings.ToUpper(notInVariable.ReplaceAllString(name, "_")) + "}"
		}
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
		values[name] = append(values[name], quoted(value))
	}
	if len(names) > 0 {
		w.WriteString("    headers:\n")
	}
	for _, name := range names {
		w.line(6, quoted(name), "["+strings.Join(values[name], ", ")+"]")
	}
}

// flagOf gives the flag that a place of the written file comes from.
var flagOf = []struct{ path, flag string }{
	{"target.command", "the command"},
	{"target.ready_timeout", "--ready-timeout"},
	{"target.ready", "--ready"},
	{"target.protocol", "--protocol"},
	{"target.connections", "--connections"},
	{"target.socket", "--socket"},
	{"target.tls.ca", "--ca"},
	{"target.tls.cert", "--cert"},
	{"target.tls.key", "--key"},
	{"target.tls.server_name", "--server-name"},
	{"target.tls", "--ca, --cert, --key, --insecure, --server-name"},
	{"target", "the URL"},
	{"warmup", "--warmup"},
	{"duration", "--duration"},
	{"budgets", "--budget"},
	{"streams.attack.load", "--rate"},
	{"streams.attack.timeout", "--timeout"},
	{"streams.attack.max_body", "--max-body"},
	{"streams.attack.expect.codes", "--expect"},
	{"streams.attack.expect.body", "--match"},
	{"streams.attack.headers", "--header"},
	{"streams.attack.targets.format", "--targets-format"},
	{"streams.attack.targets", "--targets"},
}

// byFlag tells mistakes of the written file as mistakes of the flags.
func byFlag(err error) error {
	var all Mistakes
	if !errors.As(err, &all) {
		return err
	}
	var of []error
	seen := map[string]bool{}
	for _, m := range all {
		text := flagFor(m.Path) + ": " + m.Message
		if !seen[text] {
			seen[text] = true
			of = append(of, errors.New(text))
		}
	}
	return errors.Join(of...)
}

func flagFor(path string) string {
	for _, f := range flagOf {
		if strings.HasPrefix(path, f.path) {
			return f.flag
		}
	}
	switch {
	case strings.HasSuffix(path, ".method"):
		return "--method"
	case strings.Contains(path, ".body_file"):
		return "--body-file"
	case strings.Contains(path, ".body"):
		return "--body"
	}
	return "the URL"
}
