package main

import (
	"fmt"
	"io"
	"net"
	"net/http"

	"github.com/looptest/looptest/target/loop"
)

const greeting = "Hello World\n"

// serve is a server that says hello, until stdin closes. Its first line of
// output is its URL.
func serve(kind string, stdin io.Reader, stdout io.Writer) error {
	handlers := map[string]http.HandlerFunc{"plain": plain, "loop": throughLoop(loop.New())}
	handler, known := handlers[kind]
	if !known {
		return fmt.Errorf("-serve %q: must be plain or loop", kind)
	}
	at, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "http://%s\n", at.Addr())
	server := &http.Server{Handler: handler}
	go func() {
		io.Copy(io.Discard, stdin)
		server.Close()
	}()
	if err := server.Serve(at); err != http.ErrServerClosed {
		return err
	}
	return nil
}

// plain answers from net/http's own goroutine.
func plain(w http.ResponseWriter, _ *http.Request) { answer(w, greeting) }

// throughLoop has the loop answer: nothing but the way there and back is added.
func throughLoop(l *loop.Loop) http.HandlerFunc {
	l.Open("server")
	go l.Run(nil)
	return func(w http.ResponseWriter, r *http.Request) {
		reply := make(chan string, 1)
		l.Post(r.URL.Path, func() { reply <- greeting })
		select {
		case text := <-reply:
			answer(w, text)
		case <-r.Context().Done():
		}
	}
}

func answer(w http.ResponseWriter, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	io.WriteString(w, text)
}
