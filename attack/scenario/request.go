package scenario

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"

	"github.com/looptest/looptest/attack"
)

// requests are those of the list and then those of the targets' file.
func (b *building) requests(s streamSpec) []attack.Request {
	var all []attack.Request
	for _, r := range s.Requests {
		all = append(all, b.request(r, s.Headers))
	}
	if s.Targets != nil {
		all = append(all, b.targets(s.Targets, s.Headers)...)
	}
	if len(all) == 0 && s.Targets == nil {
		b.add(s.at, "has no requests; list them under requests, as GET /path, or name a file under targets")
	}
	return all
}

func (b *building) request(spec requestSpec, base headers) attack.Request {
	r := attack.Request{Name: spec.Name, Weight: int(spec.Weight), Header: spec.Headers.over(base)}
	at, written := b.methodOf(spec, &r)
	if err := methodError(r.Method); err != nil {
		if spec.Method != "" && at.node != spec.at.node {
			at = spec.at.child("method")
		}
		b.add(at, "%v", hidden(at, err))
	} else if err := urlError(r.URL); err != nil {
		b.add(at, "%v", hidden(at, err))
	}
	// A variable of the environment may be a secret: reports don't get its value.
	if r.Name == "" && strings.Contains(written, "${") {
		r.Name = attack.Request{Method: r.Method, URL: written}.Label()
	}
	r.Body = b.body(spec)
	return r
}

// hidden leaves an error out that could show a variable's value.
func hidden(at place, err error) error {
	if at.node != nil && at.node.text != at.node.written {
		return fmt.Errorf("with the environment's values, %s is no request", clipped(at.node.written))
	}
	return err
}

// methodOf gives the request its method and URL. It returns where the URL stands,
// and how.
func (b *building) methodOf(spec requestSpec, r *attack.Request) (place, string) {
	if spec.at.node.kind == scalar {
		r.Method, r.URL = spec.Method, spec.URL
		_, written := methodAndURL(spec.at.node.written)
		return spec.at, written
	}
	given := 0
	at := spec.at
	for key, url := range spec.short() {
		if url != "" {
			r.Method, r.URL, at = strings.ToUpper(key), url, spec.at.child(key)
			given++
		}
	}
	switch {
	case given == 1 && spec.Method == "" && spec.URL == "":
	case given == 0 && spec.URL != "":
		if r.Method, r.URL, at = spec.Method, spec.URL, spec.at.child("url"); r.Method == "" {
			r.Method = "GET"
		}
	case given == 0:
		b.add(spec.at, "names nothing to send; write get: /path, or method and url")
		r.Method, r.URL = "GET", "/"
	default:
		b.add(spec.at, "names more than one thing to send; each request is an item of its own")
	}
	return at, at.node.written
}

// short are the keys that are methods.
func (r requestSpec) short() map[string]string {
	return map[string]string{"get": r.Get, "post": r.Post, "put": r.Put, "patch": r.Patch, "delete": r.Delete, "head": r.Head}
}

var methodForm = regexp.MustCompile("^[-!#$%&'*+.^_`|~0-9A-Za-z]{1,32}$")

func methodError(method string) error {
	if !methodForm.MatchString(method) {
		return fmt.Errorf("%q is no method; write a request as GET /path", clipped(method))
	}
	return nil
}

// urlError says why a text is neither a path nor a URL.
func urlError(text string) error {
	u, err := url.Parse(text)
	switch {
	case err != nil || strings.ContainsAny(text, " \t\r\n"):
		return fmt.Errorf("%q is no path and no URL: blanks and signs in it have to be escaped, as %%20", clipped(text))
	case strings.HasPrefix(text, "/"):
		return nil
	case u.Scheme != "http" && u.Scheme != "https" || u.Host == "":
		return fmt.Errorf("%q is neither a path, which begins with /, nor a URL, which begins with http://", clipped(text))
	case u.User != nil:
		return fmt.Errorf("a URL holds no user name and password here; send a header: Authorization")
	}
	return nil
}

func (b *building) body(spec requestSpec) []byte {
	if spec.BodyFile == "" {
		if spec.Body == "" {
			return nil
		}
		return []byte(spec.Body)
	}
	at := spec.at.child("body_file")
	if spec.Body != "" {
		b.add(at, "there is a body already; leave one of the two out")
		return nil
	}
	content, err := b.world.read(spec.BodyFile, maxBodyFile)
	if err != nil {
		b.add(at, "%v", hidden(at, err))
	}
	return content
}

// origin is the scheme and host of a URL; empty for a path.
func origin(text string) string {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" {
		return ""
	}
	return u.Scheme + "://" + u.Host
}
