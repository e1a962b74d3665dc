package target

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// The documents that /db/scan reads: document i of 1 to documents has the amount
// i modulo amounts, and some 400 bytes.
const (
	documents = 50_000
	amounts   = 1_000
	dbChunk   = 1_000 // rows, as in the guide
	dbHoldMax = 10_000
)

var documentNote = strings.Repeat("a note that makes the document longer; ", 8)

// dbScanRoute is the guide's streamLargeDataset: a cursor that pauses at a
// thousand rows until they are processed, or all rows at once.
func dbScanRoute() Route {
	return Route{
		Path: "/db/scan",
		Does: "reads documents from a database off the loop and works on them on the loop: all in one go, or as a cursor that pauses at a chunk until it is processed",
		Params: []Param{
			{Name: "mode", Means: "how they are read", Default: "cursor", Choices: []string{"all", "cursor"}},
			{Name: "rows", Means: "how many are read", Default: strconv.Itoa(documents), Min: 1, Max: documents},
			{Name: "chunk", Means: "rows after which the cursor pauses", Default: strconv.Itoa(dbChunk), Min: 1, Max: documents},
			{Name: "hold_ms", Means: "how long the query holds its connection before its first row, in milliseconds, as one does that a server works on", Default: "0", Min: 0, Max: dbHoldMax},
		},
		Work:   []Work{{"mode=all", Blocking}, {"mode=cursor", Cooperative}},
		Guide:  guide + "Optimizing Database Queries",
		Handle: scanDocuments,
	}
}

// stored is a row.
type stored struct {
	id       int64
	document string
}

// scan is a request's way through the documents. Its sums are the loop's own.
type scan struct {
	x           *Exchange
	rows, turns int // so far: rows processed, turns of the loop that took
	amount      int64
}

func scanDocuments(x *Exchange) {
	s := &scan{x: x}
	if x.Values["mode"] == "all" {
		s.all()
		return
	}
	s.cursor()
}

// all reads every row into memory and processes them in one turn of the loop.
func (s *scan) all() {
	var rows []stored
	s.x.query(func(ctx context.Context, conn *sql.Conn) error {
		return s.read(ctx, conn, func(r stored) error {
			rows = append(rows, r)
			return nil
		})
	}, func(err error) {
		if err == nil {
			err = s.process(rows)
		}
		s.reply(err)
	})
}

// cursor hands a chunk over to the loop, and reads on when it was processed.
func (s *scan) cursor() {
	size := int(s.x.Values.Int("chunk"))
	s.x.query(func(ctx context.Context, conn *sql.Conn) error {
		chunk := make([]stored, 0, size)
		process := func() error {
			rows := chunk // the loop may still come to them when this has given up
			chunk = chunk[:0]
			return s.x.onLoop(ctx, func() error { return s.process(rows) })
		}
		err := s.read(ctx, conn, func(r stored) error {
			if chunk = append(chunk, r); len(chunk) < size {
				return nil
			}
			return process()
		})
		if err == nil && len(chunk) > 0 {
			err = process()
		}
		return err
	}, s.reply)
}

// read gives the rows one by one, and no further than each is taken.
func (s *scan) read(ctx context.Context, conn *sql.Conn, each func(stored) error) error {
	d, many := s.x.server.database, s.x.Values.Int("rows")
	if err := d.fill(ctx, conn, many); err != nil {
		return err
	}
	if hold := time.Duration(s.x.Values.Int("hold_ms")) * time.Millisecond; hold > 0 {
		if err := d.store.hold(ctx, conn, hold); err != nil {
			return err
		}
	}
	rows, err := conn.QueryContext(ctx, d.store.statements().scan, many)
	if err != nil {
		return err
	}
	defer rows.Close()
	return eachRow(rows, each)
}

func eachRow(rows *sql.Rows, each func(stored) error) error {
	for rows.Next() {
		var r stored
		if err := rows.Scan(&r.id, &r.document); err != nil {
			return err
		}
		if err := each(r); err != nil {
			return err
		}
	}
	return rows.Err()
}

// process is a turn of the loop: it unpacks the documents, as a driver does in
// Node, and adds their amounts up.
func (s *scan) process(rows []stored) error {
	s.turns++
	for _, r := range rows {
		var d struct {
			ID     int64
			Name   string
			Amount int64
			Note   string
		}
		if err := json.Unmarshal([]byte(r.document), &d); err != nil {
			return fmt.Errorf("document %d: %w", r.id, err)
		}
		s.rows++
		s.amount += d.Amount
	}
	return nil
}

func (s *scan) reply(err error) {
	if err != nil {
		s.x.Reply(s.x.databaseCode(err), "the documents can't be read: "+err.Error())
		return
	}
	s.x.Reply(http.StatusOK, fmt.Sprintf("Rows=%d Amount=%d Turns=%d", s.rows, s.amount, s.turns))
}
