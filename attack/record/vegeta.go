package record

import (
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"

	"github.com/looptest/looptest/attack"
)

// Format is one of vegeta's.
type Format string

// Vegeta's formats.
const (
	Gob  Format = "gob"
	JSON Format = "json"
	CSV  Format = "csv"
)

// longest bounds the times of a foreign record: beyond it, sums would overflow.
const longest = 10 * 365 * 24 * time.Hour

// decodeVegeta reads vegeta's results: a stream for each attack's name, and in
// it a request for each method and URL. They don't tell when a request was meant
// to be sent.
func decodeVegeta(in io.Reader, f Format) (*Reader, error) {
	g := &guard{in: in}
	var next vegeta.Decoder
	switch f {
	case JSON:
		next = vegeta.NewJSONDecoder(&endLine{in: g})
	case CSV:
		next = vegeta.NewCSVDecoder(g)
	default:
		next = vegeta.NewDecoder(g)
	}
	v := vegetaReading{decoder: next}
	r := &Reader{}
	if err := eachRecord(r, g, v.next); err != nil {
		v.spool.giveUp()
		return nil, fmt.Errorf("%w (read as vegeta's %s)", err, f)
	}
	began := v.first.Add(v.spool.earliest)
	read, err := v.spool.reader(Head{Command: "vegeta", Began: began, NoIntended: true}, -v.spool.earliest)
	if err != nil {
		return nil, err
	}
	read.warnings = r.warnings
	return read, nil
}

type vegetaReading struct {
	decoder vegeta.Decoder
	result  vegeta.Result
	first   time.Time // the moment that offsets count from
	spool   spool
}

func (v *vegetaReading) next() error {
	v.result = vegeta.Result{} // gob and JSON leave fields that aren't there as they were
	if err := v.decoder.Decode(&v.result); err != nil {
		return err
	}
	r := &v.result
	if r.Timestamp.IsZero() {
		return errors.New("no timestamp: not a result of an attack")
	}
	if !v.spool.any {
		v.first = r.Timestamp
	}
	at := r.Timestamp.Sub(v.first)
	if at > longest || at < -longest || r.Latency < 0 || r.Latency > longest {
		return fmt.Errorf("sent %v after the first one, and answered after %v", at, r.Latency)
	}
	stream, request := v.spool.name(r.Attack, strings.TrimSpace(r.Method+" "+r.URL))
	return v.spool.add(attack.Sample{
		Stream: stream, Request: request, Seq: int(r.Seq & math.MaxInt64),
		Intended: at, Sent: at, Done: at + r.Latency,
		Code: int(r.Code), Bytes: int64(r.BytesIn & math.MaxInt64), Err: vegetaKind(r.Code, r.Error),
	})
}

// vegetaPhrases tells a failure's kind from vegeta's message; the first that
// fits counts.
var vegetaPhrases = []struct {
	phrase string
	kind   attack.ErrorKind
}{
	{"context canceled", attack.ErrCanceled},
	{"too many open files", attack.ErrFiles},
	{"cannot assign requested address", attack.ErrPorts},
	{"no such host", attack.ErrName},
	{"x509: ", attack.ErrTLS},
	{"tls: ", attack.ErrTLS},
	{"malformed", attack.ErrGarbage},
	{"Client.Timeout", attack.ErrTimeout},
	{"timeout", attack.ErrTimeout},
	{"deadline exceeded", attack.ErrTimeout},
	{"connection refused", attack.ErrRefused},
	{"no route to host", attack.ErrUnreachable},
	{"network is unreachable", attack.ErrUnreachable},
	{"connection reset", attack.ErrReset},
	{"broken pipe", attack.ErrReset},
	{"EOF", attack.ErrReset},
	{"closed network connection", attack.ErrReset},
	{"server closed idle connection", attack.ErrReset},
}

// ownKinds are those that WriteVegeta puts where there is no status.
var ownKinds = map[string]attack.ErrorKind{}

func init() {
	for _, k := range []attack.ErrorKind{
		attack.ErrStatus, attack.ErrBody, attack.ErrTimeout, attack.ErrRefused, attack.ErrReset, attack.ErrCanceled, attack.ErrFiles,
		attack.ErrPorts, attack.ErrName, attack.ErrUnreachable, attack.ErrTLS, attack.ErrGarbage, attack.ErrTooLarge, attack.ErrOther,
	} {
		ownKinds[string(k)] = k
	}
}

func vegetaKind(code uint16, message string) attack.ErrorKind {
	if message == "" {
		return ""
	}
	if kind, own := ownKinds[message]; own {
		return kind
	}
	if code != 0 && strings.HasPrefix(message, strconv.Itoa(int(code))) {
		return attack.ErrStatus
	}
	for _, p := range vegetaPhrases {
		if strings.Contains(message, p.phrase) {
			return p.kind
		}
	}
	return attack.ErrOther
}

// VegetaOptions is how samples become vegeta's results.
type VegetaOptions struct {
	Format Format
	// Response makes the latency the response time, from the intended moment.
	// Without it the latency is the service time, from the send: what vegeta itself
	// means by it, and what hides how long requests waited.
	Response bool
}

// WriteVegeta writes a recording as vegeta's results, which its commands read.
// The attack's name is the stream's; method and URL come from the request's
// label; an error is the status line, or the kind. Where the recording does not
// say when it began, times count from 1970.
func WriteVegeta(w io.Writer, r *Reader, o VegetaOptions) error {
	var encode vegeta.Encoder
	switch o.Format {
	case Gob:
		encode = vegeta.NewEncoder(w)
	case JSON:
		encode = vegeta.NewJSONEncoder(w)
	case CSV:
		encode = vegeta.NewCSVEncoder(w)
	default:
		return fmt.Errorf("format %q: vegeta has gob, json and csv", o.Format)
	}
	head := r.Head()
	began := head.Began
	if began.IsZero() {
		began = time.Unix(0, 0)
	}
	return r.Samples(func(batch []attack.Sample) error {
		for _, s := range batch {
			result := vegetaResult(s, head.Streams, began, o.Response)
			if err := encode(&result); err != nil {
				return err
			}
		}
		return nil
	})
}

func vegetaResult(s attack.Sample, streams []Stream, began time.Time, response bool) vegeta.Result {
	stream, label := names(streams, s)
	method, url := "", label
	if before, after, found := strings.Cut(label, " "); found && before == strings.ToUpper(before) {
		method, url = before, after
	}
	at, latency := s.Sent, s.Service()
	if response {
		at, latency = s.Intended, s.Response()
	}
	return vegeta.Result{
		Attack: stream, Seq: uint64(s.Seq), Code: uint16(s.Code), Timestamp: began.Add(at), Latency: latency,
		BytesIn: uint64(s.Bytes), Error: vegetaError(s), Method: method, URL: url,
	}
}

func vegetaError(s attack.Sample) string {
	if s.Err == attack.ErrStatus && s.Code != 0 {
		return strings.TrimSpace(strconv.Itoa(s.Code) + " " + http.StatusText(s.Code))
	}
	return string(s.Err)
}
