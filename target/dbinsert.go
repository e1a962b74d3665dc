package target

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
)

// Bounds of /db/insert.
const (
	insertRows    = 1_000
	insertRowsMax = 20_000
	insertBatch   = 1_000 // rows, as in the guide
	// insertedMost is how many rows a server inserts in all: some hundred
	// megabytes.
	insertedMost = 5_000_000
	// failuresShown bounds the answer.
	failuresShown = 100
	// Ids that a client chooses are below firstOwnID, those of the server's own
	// begin there.
	clientIDs  = 1_000_000_000
	firstOwnID = 1 << 40
)

// dbInsertRoute is the guide's batchProcess: one insert after the other, or
// unordered batches of a thousand.
func dbInsertRoute() Route {
	return Route{
		Path: "/db/insert",
		Does: "inserts rows into a database, one after the other, each a transaction of its own, or in unordered batches of 1000, all at once; says which rows failed",
		Params: []Param{
			{Name: "mode", Means: "how they are inserted", Default: "batch", Choices: []string{"single", "batch"}},
			{Name: "rows", Means: "how many", Default: strconv.Itoa(insertRows), Min: 1, Max: insertRowsMax},
			{Name: "first", Means: "id of the first one, the others count on; 0 for ids that are new. An id that is there already fails", Default: "0", Min: 0, Max: clientIDs},
		},
		Work:   []Work{{Kind: OffLoop}},
		Guide:  guide + "Optimizing Database Queries",
		Handle: insertDocuments,
	}
}

// insertion is a request's way through its rows; it belongs to the loop.
type insertion struct {
	x       *Exchange
	first   int64 // id of row 0
	rows    int
	next    int // row that is not yet under way
	pending int // statements under way

	inserted int
	failures []rowFailure
	err      error // of the database; the rows that it cost are not counted
}

// What an insertion answers.
type (
	insertDocument struct {
		First    int64        `json:"first"` // id of row 0
		Rows     int          `json:"rows"`
		Inserted int          `json:"inserted"` // committed
		Failed   int          `json:"failed"`
		Failures []rowFailure `json:"failures"`          // the first of them, by row
		LeftOut  int          `json:"failures_left_out"` // that were too many to be listed
		Error    string       `json:"error,omitempty"`   // of the database
		Unknown  int          `json:"unknown,omitempty"` // rows of which nobody knows, because of it
	}
	rowFailure struct {
		Row   int    `json:"row"` // from 0
		ID    int64  `json:"id"`
		Error string `json:"error"`
	}
)

func insertDocuments(x *Exchange) {
	d := x.server.database
	n := &insertion{x: x, first: x.Values.Int("first"), rows: int(x.Values.Int("rows"))}
	if d.inserted += int64(n.rows); d.inserted > insertedMost {
		d.inserted -= int64(n.rows)
		x.Reply(http.StatusInsufficientStorage, fmt.Sprintf("this server has inserted nearly %d rows, and takes no more", insertedMost))
		return
	}
	if n.first == 0 {
		n.first = d.nextID
		d.nextID += int64(n.rows)
	}
	if x.Values["mode"] == "single" {
		n.single()
		return
	}
	for n.next < n.rows {
		n.insert(insertBatch, insertMany, n.settle)
	}
}

// single inserts one row, and the next when that is settled.
func (n *insertion) single() {
	if n.next == n.rows || n.err != nil {
		n.reply()
		return
	}
	n.insert(1, insertOne, n.single)
}

// settle waits for all batches, whatever becomes of each.
func (n *insertion) settle() {
	if n.pending == 0 {
		n.reply()
	}
}

// inserter inserts rows and gives the ids of those that went in.
type inserter func(context.Context, *sql.Conn, store, []stored) ([]int64, error)

// insert puts the next rows under way, at most so many.
func (n *insertion) insert(most int, how inserter, then func()) {
	from, end := n.next, min(n.next+most, n.rows)
	n.next = end
	n.pending++
	var in []int64
	n.x.query(func(ctx context.Context, conn *sql.Conn) (err error) {
		store := n.x.server.database.store
		rows := n.documents(from, end)
		return store.write(func() error {
			in, err = how(ctx, conn, store, rows)
			return err
		})
	}, func(err error) {
		n.pending--
		n.count(from, end, in, err)
		then()
	})
}

// documents gives the rows from … end − 1.
func (n *insertion) documents(from, end int) []stored {
	rows := make([]stored, 0, end-from)
	for i := from; i < end; i++ {
		id := n.first + int64(i)
		rows = append(rows, stored{id, fmt.Sprintf(`{"id":%d,"name":"row %d","amount":%d}`, id, i, i%amounts)})
	}
	return rows
}

// insertOne is a statement and a transaction for the one row.
func insertOne(ctx context.Context, conn *sql.Conn, to store, rows []stored) ([]int64, error) {
	result, err := conn.ExecContext(ctx, to.statements().insertOne, rows[0].id, rows[0].document)
	if err != nil {
		return nil, err
	}
	in, err := result.RowsAffected()
	if err != nil || in == 0 {
		return nil, err
	}
	return []int64{rows[0].id}, nil
}

// insertMany is one statement and transaction for all rows, each of which
// succeeds or fails for itself.
func insertMany(ctx context.Context, conn *sql.Conn, to store, rows []stored) ([]int64, error) {
	pairs := make([][2]any, len(rows))
	for i, r := range rows {
		pairs[i] = [2]any{r.id, r.document}
	}
	all, err := json.Marshal(pairs)
	if err != nil {
		return nil, err
	}
	result, err := conn.QueryContext(ctx, to.statements().insertMany, string(all))
	if err != nil {
		return nil, err
	}
	defer result.Close()
	var in []int64
	for result.Next() {
		var id int64
		if err := result.Scan(&id); err != nil {
			return nil, err
		}
		in = append(in, id)
	}
	if err := result.Err(); err != nil {
		return nil, err
	}
	return in, result.Close() // the end of the statement is its commit
}

// count takes what became of the rows from … end − 1.
func (n *insertion) count(from, end int, in []int64, err error) {
	if err != nil {
		n.err = cmp.Or(n.err, err)
		return
	}
	n.inserted += len(in)
	if len(in) == end-from {
		return
	}
	slices.Sort(in)
	for row := from; row < end; row++ {
		id := n.first + int64(row)
		if _, found := slices.BinarySearch(in, id); !found {
			n.failures = append(n.failures, rowFailure{row, id, "duplicate id"})
		}
	}
}

// reply answers 200 when all rows are in, 207 when some are, 409 when none is.
func (n *insertion) reply() {
	slices.SortFunc(n.failures, func(a, b rowFailure) int { return cmp.Compare(a.Row, b.Row) })
	shown := min(len(n.failures), failuresShown)
	d := insertDocument{
		First: n.first, Rows: n.rows, Inserted: n.inserted, Failed: len(n.failures),
		Failures: append([]rowFailure{}, n.failures[:shown]...), LeftOut: len(n.failures) - shown,
	}
	code := http.StatusOK
	switch {
	case n.err != nil:
		code = n.x.databaseCode(n.err)
		d.Error, d.Unknown = n.err.Error(), n.rows-n.inserted-len(n.failures)
	case n.inserted == 0:
		code = http.StatusConflict
	case len(n.failures) > 0:
		code = http.StatusMultiStatus
	}
	body, err := json.Marshal(d)
	if err != nil {
		n.x.Fail(err)
		return
	}
	n.x.ReplyAs(code, "application/json", string(body)+"\n")
}
