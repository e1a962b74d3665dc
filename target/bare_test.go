package target_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/looptest/looptest/target"
)

func TestParseURL(t *testing.T) {
	for _, c := range []struct{ address, want, says string }{
		{"http://localhost:3000", "http://localhost:3000", ""},
		{"http://localhost:3000/", "http://localhost:3000", ""},
		{"localhost:3000", "http://localhost:3000", ""},
		{"localhost", "http://localhost", ""},
		{":3000", "http://localhost:3000", ""},
		{"127.0.0.1:80/api/v1/", "http://127.0.0.1:80/api/v1", ""},
		{"https://example.org/api", "https://example.org/api", ""},
		{"HTTPS://example.org", "https://example.org", ""},
		{"http://[::1]:3000", "http://[::1]:3000", ""},
		{"[::1]:3000", "http://[::1]:3000", ""},
		{"http://example.org:", "http://example.org", ""},
		{"", "", "names no host"},
		{"http://", "", "names no host"},
		{"http:///path", "", "names no host"},
		{"ftp://example.org", "", "it must begin with http:// or https://"},
		{"http://u:secret@example.org", "", "give it as a header"},
		{"http://example.org/?a=b", "", "belong to its requests"},
		{"http://example.org/#a", "", "belong to its requests"},
		{"http://example.org:0", "", "from 1 to 65535"},
		{"http://example.org:65536", "", "from 1 to 65535"},
		{"http://example.org:http", "", "can't be read"},
		{"http://exa mple.org", "", "can't be read"},
	} {
		got, err := target.ParseURL(c.address)
		if got != c.want || (err == nil) != (c.says == "") {
			t.Errorf("%q: got %q, %v; want %q", c.address, got, err, c.want)
		}
		if c.says != "" {
			says(t, err, c.says)
		}
	}
	if _, err := target.ParseURL("http://u:secret@example.org"); err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("the password is shown: %v", err)
	}
}

func TestBare(t *testing.T) {
	address := answering(t, hello)
	bare := target.Bare{Address: address + "/api/"}
	if bare != (target.Bare{Address: bare.Address}) || target.Starter(bare) != target.Starter(target.Bare{Address: bare.Address}) {
		t.Error("equal values aren't equal")
	}
	running, err := bare.Start(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if got, want := running.URL(), "http://"+address+"/api"; got != want {
		t.Errorf("URL %s, want %s", got, want)
	}
	if running.Observer() != nil || running.Gone() != nil || running.Err() != nil || running.Stop() != nil {
		t.Error("a server that isn't ours says something of itself")
	}
	if code, _ := get(t, running.URL()); code != http.StatusOK {
		t.Error("it was stopped")
	}
}

func TestBareOnASocket(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	listener, err := net.Listen("unix", path)
	if err != nil {
		t.Skip(err)
	}
	running, err := target.Bare{Socket: path}.Start(context.Background())
	if err != nil || running.URL() != "http://localhost" || running.Observer() != nil {
		t.Errorf("%v, %v", running, err)
	}
	listener.Close()
	running, err = target.Bare{Socket: path}.Start(context.Background())
	says(t, err, "no connection to "+path, "there is no such socket")
	if running != nil {
		t.Error("it started")
	}
}

func TestBareThatCannotBeReached(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	listener.Close()
	_, err = target.Bare{Address: address}.Start(context.Background())
	says(t, err, "no connection to "+address, "it refuses connections; does the server run")
	_, err = target.Bare{Address: "nowhere.invalid:3000"}.Start(context.Background())
	says(t, err, "no connection to nowhere.invalid:3000", `the host "nowhere.invalid"`)
	_, err = target.Bare{Address: "ftp://x"}.Start(context.Background())
	says(t, err, "must begin with http://")

	interrupted := errors.New("interrupted")
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(interrupted)
	if _, err := (target.Bare{Address: address}).Start(ctx); !errors.Is(err, interrupted) {
		t.Errorf("error %v", err)
	}
}

// What a dialer reports is told in words; the real errors come from elsewhere.
func TestConnectionAdvice(t *testing.T) {
	for _, c := range []struct {
		network string
		err     error
		says    string
	}{
		{"tcp", &net.DNSError{Name: "x", IsNotFound: true}, `no address is known for the host "x"`},
		{"tcp", &net.DNSError{Name: "x", IsTimeout: true}, "is the network up?"},
		{"tcp", &net.OpError{Op: "dial", Err: os.ErrDeadlineExceeded}, "is the host up"},
		{"tcp", context.DeadlineExceeded, "did not answer within 5s"},
		{"unix", &net.OpError{Op: "dial", Err: os.ErrNotExist}, "no such socket"},
		{"unix", &net.OpError{Op: "dial", Err: os.ErrPermission}, "may not be connected to"},
		{"tcp", errors.New("odd"), "is the address right?"},
	} {
		says(t, errors.New(target.Advice(c.network, c.err)), c.says)
	}
}

func TestIsLoopback(t *testing.T) {
	for _, c := range []struct {
		url  string
		want bool
	}{
		{"http://127.0.0.1:3000/x?y=z", true},
		{"http://127.9.8.7", true},
		{"http://[::1]:3000", true},
		{"http://[::ffff:127.0.0.1]:3000", true},
		{"http://localhost:3000/a#b", true},
		{"localhost:3000", true},
		{":3000", true},
		{"http://0.0.0.0:3000", true}, // a connection to it stays here
		{"unix:///run/app.sock", true},
		{"http://192.0.2.1", false},
		{"https://[2001:db8::1]/", false},
		{"10.0.0.1:80", false},
		{"http://169.254.1.1", false},
		{"http://[::ffff:192.0.2.1]", false},
		{"http://127.0.0.1@192.0.2.1/", false},
	} {
		got, err := target.IsLoopback(c.url)
		if got != c.want || err != nil && c.want {
			t.Errorf("%s: got %v, %v", c.url, got, err)
		}
	}
	for _, wrong := range []string{"", "http://nowhere.invalid", "ftp://127.0.0.1"} {
		if here, err := target.IsLoopback(wrong); here || err == nil {
			t.Errorf("%q: got %v, %v", wrong, here, err)
		}
	}
}

// A server that runs already and is a reference server shows its loop.
func TestBareReferenceServer(t *testing.T) {
	for _, observeAddr := range []string{"", "0.0.0.0:0"} {
		s := serve(t, target.Config{ObserveAddr: observeAddr})
		running, err := target.Bare{Address: s.URL}.Start(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		observer := running.Observer()
		if observer == nil {
			t.Fatal("its loop can't be seen")
		}
		showsItsLoop(t, observer)
		running.Stop()
	}
}

// answering is a server on this machine.
func answering(t *testing.T, handle http.HandlerFunc) (address string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: handle}
	go server.Serve(l)
	t.Cleanup(func() { server.Close() })
	return l.Addr().String()
}

// An announcement is followed to a loopback address alone, and only to what is
// an observation; no redirection is followed.
func TestAnnouncementsThatAreNotFollowed(t *testing.T) {
	var asked []string
	redirecting := answering(t, func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.URL.Path)
		http.Redirect(w, r, "/elsewhere", http.StatusFound)
	})
	_, observing, _ := net.SplitHostPort(strings.TrimPrefix(serve(t, target.Config{}).ObserveURL, "http://"))
	for _, answer := range []string{
		`{"observe_url":"http://localhost:` + observing + `"}`, // a name may lead anywhere, later
		`{"observe_url":"http://127.0.0.1:` + observing + `/"}`,
		`{"observe_url":"http://192.0.2.1:80"}`, `{"observe_url":"http://127.0.0.1:1"}`,
		`{"observe_url":"http://` + redirecting + `"}`, `{}`, `hello`, ``,
	} {
		at := answering(t, func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte(answer)) })
		if target.FindObserver(context.Background(), "http://"+at) != nil {
			t.Errorf("%s was followed", answer)
		}
	}
	for _, base := range []string{"http://" + redirecting, "http://192.0.2.1", "https://127.0.0.1", "http://nowhere.invalid", ":"} {
		if target.FindObserver(context.Background(), base) != nil {
			t.Errorf("%s was followed", base)
		}
	}
	if len(asked) != 2 || asked[0] != "/stats" || asked[1] == "/elsewhere" {
		t.Errorf("asked for %v", asked)
	}
}

func TestIsLoopbackLiteral(t *testing.T) {
	for url, want := range map[string]bool{
		"http://127.0.0.1:80": true, "http://[::1]:80": true,
		"https://127.0.0.1:80": false, "http://127.0.0.1": false, "http://127.0.0.1:80/": false, "http://127.0.0.1:80?a": false,
		"http://u@127.0.0.1:80": false, "http://localhost:80": false, "http://192.0.2.1:80": false, "http://0.0.0.0:80": false, "": false,
	} {
		if got := target.IsLoopbackLiteral(url); got != want {
			t.Errorf("%s: got %v", url, got)
		}
	}
}
