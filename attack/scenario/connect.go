package scenario

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/looptest/looptest/attack"
	"github.com/looptest/looptest/target"
)

// target fills in what is under test, and how it is talked to.
func (b *building) target() {
	spec := b.file.Target
	if spec == nil {
		if b.made.Target.URL = b.soleOrigin(); b.made.Target.URL == "" {
			b.add(b.file.at, "target is missing: the URL of the server, or a command that starts it")
		}
		return
	}
	t := &b.made.Target
	switch {
	case spec.URL != "" && len(spec.Command) > 0:
		b.add(spec.at.child("command"), "there is a url already; a target is one of the two")
	case len(spec.Command) > 0:
		b.command(spec)
	case spec.URL == "" && spec.Socket == "":
		b.add(spec.at, "needs url: http://…, or command: and what starts the server")
	default:
		b.onlyCommands(spec)
		b.url(spec)
	}
	t.Socket = b.world.path(spec.Socket)
	b.transport(spec)
}

// url reads the target's URL. One behind a socket needs none.
func (b *building) url(spec *targetSpec) {
	if spec.URL == "" {
		b.made.Target.URL = "http://localhost"
		return
	}
	at := spec.at
	if at.node.kind == mapping {
		at = at.child("url")
	}
	var err error
	if b.made.Target.URL, err = target.ParseURL(spec.URL); err != nil {
		b.add(at, "%v", hidden(at, err))
	}
}

func (b *building) command(spec *targetSpec) {
	t := &b.made.Target
	t.Command, t.Ready, t.ReadyTimeout = spec.Command, spec.Ready, time.Duration(spec.ReadyTimeout)
	t.Dir = b.world.path(spec.Dir)
	if t.Dir == "" {
		t.Dir = b.world.dir
	}
	if spec.Socket != "" {
		b.add(spec.at.child("socket"), "a command's server listens on its port; leave socket out")
	}
	for _, e := range spec.Env {
		if !variableName.MatchString(e.name) {
			b.add(e.key, "%q is no variable's name", clipped(e.name))
		}
		t.Env = append(t.Env, e.name+"="+e.value)
	}
	if spec.Ready != "" {
		if err := urlError(spec.Ready); err != nil && !strings.Contains(spec.Ready, "{port}") {
			b.add(spec.at.child("ready"), "%v", err)
		}
		return
	}
	t.Ready = b.firstPath()
}

// onlyCommands refuses what a URL has no use for.
func (b *building) onlyCommands(spec *targetSpec) {
	for _, key := range []string{"dir", "env", "ready", "ready_timeout"} {
		if at := spec.at.child(key); at.node != spec.at.node {
			b.add(at, "goes with a command, and this target has none")
		}
	}
}

// firstPath is the first path that is asked for; a server that answers there is
// ready.
func (b *building) firstPath() string {
	for _, s := range b.made.Streams {
		for _, r := range s.Requests {
			if r.Method == "GET" && strings.HasPrefix(r.URL, "/") {
				return r.URL
			}
		}
	}
	return "/"
}

// soleOrigin is the first request's, when every request names its host.
func (b *building) soleOrigin() string {
	first := ""
	for _, s := range b.made.Streams {
		for _, r := range s.Requests {
			o := origin(r.URL)
			if o == "" {
				return ""
			}
			if first == "" {
				first = o
			}
		}
	}
	return first
}

func (b *building) transport(spec *targetSpec) {
	b.made.Transport = attack.Transport{
		Protocol: attack.Protocol(spec.Protocol), Connections: int(spec.Connections),
		Socket: b.made.Target.Socket, Fresh: spec.KeepAlive != nil && !*spec.KeepAlive,
	}
	secure := strings.HasPrefix(b.made.Target.URL, "https://")
	at := spec.at.child("protocol")
	switch {
	case spec.Protocol == string(attack.HTTP2) && !secure:
		b.add(at, "http/2 is spoken over https; without TLS it is h2c")
	case spec.Protocol == string(attack.H2C) && secure:
		b.add(at, "h2c is HTTP/2 without TLS; over https it is http/2")
	case spec.TLS != nil && !secure && !b.somewhereSecure():
		b.add(spec.at.child("tls"), "the target's URL does not begin with https://")
	case spec.TLS != nil:
		b.made.Transport.TLS = b.tls(spec.TLS)
	}
}

func (b *building) somewhereSecure() bool {
	return slices.ContainsFunc(b.made.URLs(), func(u string) bool { return strings.HasPrefix(u, "https://") })
}

// maxPEM bounds a file of certificates.
const maxPEM = 4 << 20

func (b *building) tls(spec *tlsSpec) *tls.Config {
	c := &tls.Config{InsecureSkipVerify: spec.Insecure, ServerName: spec.ServerName}
	if spec.CA != "" {
		at := spec.at.child("ca")
		pem, err := b.world.read(spec.CA, maxPEM)
		if c.RootCAs = x509.NewCertPool(); err == nil && !c.RootCAs.AppendCertsFromPEM(pem) {
			err = fmt.Errorf("%s holds no certificate in PEM form", spec.CA)
		}
		if err != nil {
			b.add(at, "%v", hidden(at, err))
		}
	}
	switch {
	case (spec.Cert == "") != (spec.Key == ""):
		b.add(spec.at, "cert and key go together, and one is missing")
	case spec.Cert != "":
		at := spec.at.child("cert")
		pair, err := b.pair(spec)
		if err != nil {
			b.add(at, "%v", hidden(at, err))
		}
		c.Certificates = []tls.Certificate{pair}
	}
	return c
}

func (b *building) pair(spec *tlsSpec) (tls.Certificate, error) {
	cert, err := b.world.read(spec.Cert, maxPEM)
	if err != nil {
		return tls.Certificate{}, err
	}
	key, err := b.world.read(spec.Key, maxPEM)
	if err != nil {
		return tls.Certificate{}, err
	}
	return tls.X509KeyPair(cert, key)
}
