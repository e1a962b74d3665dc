package attack_test

import (
	"context"
	"crypto/sha256"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/looptest/looptest/attack"
	"github.com/looptest/looptest/target"
)

func TestAsk(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/gone":
			w.WriteHeader(http.StatusNotFound)
		case "/broken":
			panic(http.ErrAbortHandler)
		default:
			w.Write([]byte(r.Method + " " + r.URL.Path))
		}
	}))
	server.Config.ErrorLog = silent
	defer server.Close()
	arm := attack.Arm{Name: "base", Target: target.Bare{Address: server.URL}, Streams: []attack.Stream{{
		Name: "all", Schedule: attack.Constant{Rate: 1, Lasts: time.Second},
		Requests: []attack.Request{{URL: "/ok"}, {Method: "POST", URL: "/new", Body: []byte("x")}, {URL: "/gone"}, {URL: "/broken"}},
	}}}
	answers, _, err := attack.Ask(context.Background(), arm)
	if err != nil || len(answers) != 4 {
		t.Fatalf("%+v, %v", answers, err)
	}
	for i, want := range []struct {
		text string
		body string
		good bool
	}{{"200", "GET /ok", true}, {"200", "POST /new", true}, {"404", "", false}, {"no answer (reset)", "", false}} {
		a := answers[i]
		if a.String() != want.text || a.Good() != want.good || a.Size != int64(len(want.body)) || a.Code != 0 && a.Hash != sha256.Sum256([]byte(want.body)) {
			t.Errorf("%s: %s, %+v", a.Request, a, a)
		}
	}
	arm.Target = target.Bare{Address: "http://127.0.0.1:1"}
	if _, _, err := attack.Ask(context.Background(), arm); err != nil && !strings.Contains(err.Error(), `arm "base"`) {
		t.Error(err)
	}
}
