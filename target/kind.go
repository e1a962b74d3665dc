package target

// Kind says how a request works, seen from outside.
type Kind string

// The kinds of work. The reference server's routes do the first four and Waiting;
// the others are what else a server can look like.
const (
	Blocking       Kind = "blocking"        // holds the loop to its end
	Cooperative    Kind = "cooperative"     // gives the loop back between chunks
	OffLoop        Kind = "off-loop"        // on the pool or a worker
	Trivial        Kind = "trivial"         // hardly any
	Waiting        Kind = "waiting"         // for a timer or another machine
	PartlyBlocking Kind = "partly-blocking" // holds the loop for a part of its time
	Sheds          Kind = "sheds"           // turned away when there is too much of it
	Processes      Kind = "processes"       // holds the loop of one of several processes
	Unsure         Kind = "unsure"          // can't be told
)
