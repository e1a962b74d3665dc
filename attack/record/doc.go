// Package record keeps a run on disk, in a form that other tools read, and
// reads it back fast.
//
// The path of a sample:
//
//  1. [Create] makes a run folder with a head, run.json, marked unfinished.
//  2. [Writer.Sample] puts samples into a bounded queue; a goroutine writes them
//     as Parquet, in part files (samples-00001.parquet, …) that are closed about
//     every second. A killed run loses at most the part under way.
//  3. [Writer.Close] joins the parts into samples.parquet and lag.parquet and
//     replaces run.json.
//  4. [Open] reads such a folder, finished or not, a single .parquet file,
//     vegeta's gob, JSON and CSV, looptest's own CSV, and HDR percentile files.
//     [Merge] makes one recording of several.
//  5. [WriteVegeta], [WriteCSV] and [WriteHistogram] turn any of these into what
//     other tools take.
//
// # samples.parquet
//
// One row for each request, in the order in which they were done. No column has
// nulls; times are whole nanoseconds since the measured part began.
//
//	column         type            meaning
//	stream         string          name of the stream
//	request        string          label of the request: its name, or method and path
//	stream_index   int32           of the stream among those of run.json, from 0
//	request_index  int32           of the request among its stream's labels, from 0
//	seq            int64           which request of its stream, from 0
//	intended_ns    int64           when the schedule wanted the request sent
//	send_lag_ns    int64           sent − intended: the generator's own lateness
//	service_ns     int64           done − sent
//	code           int32           HTTP status, 0 without an answer
//	bytes          int64           size of the response's body
//	error          string          what was wrong, an attack.ErrorKind; else empty
//
// So the response time, free of coordinated omission, is send_lag_ns +
// service_ns, and the answer was complete at intended_ns + that.
//
// # lag.parquet
//
// One row for each heartbeat of the target's event loop: due_ns and ran_ns
// (int64, on the samples' time axis), and phase and label (string) of what held
// the loop, empty when nothing did for long.
//
// Both files carry the head, without the scenario and the summary, as JSON under
// the key "looptest" of their footer: each can be read without its folder. Whole
// numbers are delta-encoded and pages aren't compressed: bit-packed times are
// noise, and reading is faster without.
package record
