package target

import (
	"encoding/json"
	"net/http"
	"time"

	"github.com/looptest/looptest/target/loop"
)

// Exchange is one request under way. Its handler runs on the loop and answers
// at once, or keeps the exchange and answers from a later callback.
type Exchange struct {
	Values Values
	Accept string // the media types that the client asks for

	loop    *loop.Loop
	server  *Server
	served  Served
	answer  chan answer
	onClose func() // nil for nothing

	measured bool
	began    entry // the mark at the handler's beginning, of a request that is measured
}

type answer struct {
	code      int
	mediaType string
	body      string
}

// Reply answers the request with text. Only the first answer counts.
func (x *Exchange) Reply(code int, body string) { x.ReplyAs(code, "text/plain", body) }

// ReplyAs answers the request with a body of that media type.
func (x *Exchange) ReplyAs(code int, mediaType, body string) {
	if x.served.Code != 0 {
		return
	}
	x.served.Code = code
	x.served.Answered = x.server.sinceStart()
	x.server.log.add(x.served)
	x.server.metrics.served(x.served)
	x.endOperation()
	x.server.inFlight.Add(-1)
	x.answer <- answer{code, mediaType, body}
}

// ReplyJSON answers the request with a document.
func (x *Exchange) ReplyJSON(document any) {
	body, err := json.MarshalIndent(document, "", "  ")
	if err != nil {
		x.Fail(err)
		return
	}
	x.ReplyAs(http.StatusOK, "application/json", string(body)+"\n")
}

// Fail answers 500 with the error.
func (x *Exchange) Fail(err error) { x.Reply(http.StatusInternalServerError, err.Error()) }

// Result answers with what a job gave: its result, or 500 with its error.
func (x *Exchange) Result(result string, err error) {
	if err != nil {
		x.Fail(err)
		return
	}
	x.Reply(http.StatusOK, result)
}

// OnClose sets what runs, on the loop, when the client goes away before it is
// answered.
func (x *Exchange) OnClose(fn func()) { x.onClose = fn }

// closed is the callback that the loop runs when the client has gone.
func (x *Exchange) closed() {
	if x.onClose != nil && x.served.Code == 0 {
		guard(x, x.onClose)
	}
}

// run is the callback that the loop runs for the request.
func (x *Exchange) run(handle func(*Exchange)) {
	x.served.Started = x.server.sinceStart()
	x.beginOperation()
	guard(x, func() { handle(x) })
}

// Served is what the server itself recorded of a request, on the loop's clock:
// when it arrived at the loop's door, when its handler began and when it was
// answered. Requests are kept in the order of their answers.
type Served struct {
	Path     string
	Query    string
	Seq      string // the generator's sequence number, where it sends one
	Arrived  time.Duration
	Started  time.Duration
	Answered time.Duration
	Code     int
}
