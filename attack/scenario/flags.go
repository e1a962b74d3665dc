package scenario

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/looptest/looptest/target"
)

// Flags are a scenario of one stream as a command line gives it. What is empty
// or zero was not given.
type Flags struct {
	URLs     []string // asked for in turn; paths of the command's server, when there is one
	Targets  string   // file of requests in vegeta's formats
	Format   string   // of Targets: http or json
	Method   string   // GET when empty
	Headers  []string // "Name: value"
	Body     string
	BodyFile string

	Rate     string // requests per second, or as in a scenario: "12/m", "100/s..500/s"
	Duration time.Duration
	Warmup   time.Duration
	Timeout  time.Duration

	Codes   []string // that are expected: "200", "2xx"
	Match   string   // regular expression for the body
	MaxBody string   // "1MiB"
	Budgets []string // "p99 < 50ms"
	Abort   bool     // on a broken budget

	Protocol    string
	Connections int
	Fresh       bool // a new connection for each request
	Socket      string
	Insecure    bool
	CA          string
	Cert, Key   string
	ServerName  string

	Command      []string // starts the target
	Ready        string
	ReadyTimeout time.Duration
}

// FlagsStream is the name of the stream that flags make.
const FlagsStream = "attack"

// FromFlags makes the scenario that the flags stand for, by way of its file: it
// is what a user would have written, and can be run again from its Source. There,
// secrets in headers are variables of the environment.
func FromFlags(f Flags) (*Scenario, error) {
	base, requests, err := f.split()
	if err != nil {
		return nil, err
	}
	headers, err := f.headers()
	if err != nil {
		return nil, err
	}
	s, err := Parse(f.write(base, requests, headers, false), "")
	if err != nil {
		return nil, byFlag(err)
	}
	s.Source = f.write(base, requests, headers, true)
	return s, nil
}

// split gives the target's URL and what is asked of it: paths, and whole URLs
// for the other hosts.
func (f Flags) split() (base string, requests []string, err error) {
	if len(f.URLs) == 0 && f.Targets == "" {
		return "", nil, fmt.Errorf("no URL is given")
	}
	if len(f.Command) > 0 {
		for _, u := range f.URLs {
			if !strings.HasPrefix(u, "/") && !strings.Contains(u, "://") {
				u = "/" + u
			}
			requests = append(requests, u)
		}
		return "", requests, nil
	}
	for _, given := range f.URLs {
		origin, path, err := cut(given, f.Socket != "")
		if err != nil {
			return "", nil, err
		}
		if base == "" {
			base = origin
		}
		if origin != base {
			path = origin + path
		}
		requests = append(requests, path)
	}
	return base, requests, nil
}

// cut parts a URL into its origin and its path. The scheme may be left out, and
// the host of a socket's.
func cut(given string, socket bool) (origin, path string, err error) {
	switch {
	case socket && strings.HasPrefix(given, "/"):
		given = "http://localhost" + given
	case strings.HasPrefix(given, "/"):
		return "", "", fmt.Errorf("%q has no host; write http://localhost:3000%[1]s, or give a command after --", clipped(given))
	case !strings.Contains(given, "://"):
		given = "http://" + given
	}
	u, err := url.Parse(given)
	if err != nil || u.User != nil {
		_, err = target.ParseURL(given)
		return "", "", err
	}
	path = u.RequestURI()
	if origin, err = target.ParseURL(u.Scheme + "://" + u.Host); err != nil {
		return "", "", err
	}
	if !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	return origin, path, nil
}

// headers parts "Name: value".
func (f Flags) headers() ([][2]string, error) {
	var all [][2]string
	for _, h := range f.Headers {
		name, value, found := strings.Cut(h, ":")
		if name = strings.TrimSpace(name); !found || headerName(name) != nil {
			return nil, fmt.Errorf("--header %q is no header; write it as 'Name: value'", clipped(name))
		}
		all = append(all, [2]string{http.CanonicalHeaderKey(name), strings.TrimSpace(value)})
	}
	return all, nil
}
