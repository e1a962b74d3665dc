package scenario

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/looptest/looptest/attack"
)

// certificate writes the server's certificate and key where a scenario names
// them.
func certificate(t *testing.T, dir string, of tls.Certificate) {
	t.Helper()
	key, err := x509.MarshalPKCS8PrivateKey(of.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	for name, block := range map[string]*pem.Block{
		"cert.pem": {Type: "CERTIFICATE", Bytes: of.Certificate[0]},
		"key.pem":  {Type: "PRIVATE KEY", Bytes: key},
	} {
		if err := os.WriteFile(filepath.Join(dir, name), pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func TestTLSFiles(t *testing.T) {
	server := httptest.NewTLSServer(http.NotFoundHandler())
	defer server.Close()
	dir := t.TempDir()
	certificate(t, dir, server.TLS.Certificates[0])
	const source = "target: {url: https://localhost, tls: {ca: cert.pem, cert: cert.pem, key: key.pem}}\n" +
		"duration: 1s\nstreams: {a: {load: 1/s, requests: [GET /]}}\n"
	s, err := Parse([]byte(source), filepath.Join(dir, "s.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	c := s.Transport.TLS
	if _, err := server.Certificate().Verify(x509.VerifyOptions{Roots: c.RootCAs}); err != nil || len(c.Certificates) != 1 {
		t.Errorf("%v, %d certificates", err, len(c.Certificates))
	}
}

// A scenario is carried out as it is written.
func TestScenarioRuns(t *testing.T) {
	var asked, posted atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/" || r.URL.Path == "/x" { // and not what the target is looked at with
			asked.Add(1)
		}
		if r.Method == "POST" && r.Header.Get("X-A") == "1" {
			posted.Add(1)
		}
		_, _ = w.Write([]byte("fine"))
	}))
	defer server.Close()
	t.Setenv("LOOPTEST_TEST_URL", server.URL)
	const source = `
target: ${LOOPTEST_TEST_URL}
phases: [{name: one, duration: 100ms}, {name: two, duration: 100ms}]
streams:
  a:
    load: {one: 100/s, two: {burst: {size: 5, every: 50ms}}}
    expect: {codes: 200, body: fine}
    requests: [GET /, {post: /x, weight: 3, headers: {X-A: 1}, body: x}]
`
	s, err := Parse([]byte(source), "s.yaml")
	if err != nil {
		t.Fatal(err)
	}
	runs, err := attack.Execute(context.Background(), s.Plan(), attack.Hooks{})
	if err != nil {
		t.Fatal(err)
	}
	// 100/s · 0.1 s, and two bursts of 5; three in four are posted
	if n := len(runs[0].Samples); n != 20 || asked.Load() != 20 || posted.Load() != 15 || runs[0].Streams[0].Bad != 0 {
		t.Errorf("%d samples, %d asked, %d posted, %+v", n, asked.Load(), posted.Load(), runs[0].Streams[0])
	}
}
