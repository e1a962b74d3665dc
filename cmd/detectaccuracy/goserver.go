package main

import (
	"fmt"
	"net/http"
	"os"
	"strconv"
	"sync"
	"time"
)

// serveGo is a plain net/http server, which has no loop: what looks like one is a
// mutex that all requests of a kind take.
func serveGo() error {
	var mu sync.Mutex
	ms := func(r *http.Request) time.Duration {
		n, _ := strconv.ParseFloat(r.URL.Query().Get("ms"), 64)
		return time.Duration(min(n, 10_000) * float64(time.Millisecond))
	}
	burn := func(d time.Duration) {
		for until := time.Now().Add(d); time.Now().Before(until); {
		}
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/ok", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "done") })
	mux.HandleFunc("/locked", func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		fmt.Fprintln(w, "done")
	})
	mux.HandleFunc("/mutex", func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		time.Sleep(ms(r))
		fmt.Fprintln(w, "done")
	})
	mux.HandleFunc("/burn", func(w http.ResponseWriter, r *http.Request) {
		burn(ms(r))
		fmt.Fprintln(w, "done")
	})
	mux.HandleFunc("/wait", func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(ms(r))
		fmt.Fprintln(w, "done")
	})
	return http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), mux)
}
