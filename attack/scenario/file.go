package scenario

// The types of this file are the format. Each key's meaning is its doc tag.

type file struct {
	spot
	Name     string            `key:"name" doc:"what reports call this scenario"`
	Target   *targetSpec       `key:"target" doc:"what is under test: a URL, or a mapping"`
	Warmup   lasting           `key:"warmup" doc:"how long load is sent beforehand, which is not measured"`
	Duration lasting           `key:"duration" doc:"how long the measured part lasts; or name phases"`
	Phases   []phaseSpec       `key:"phases" doc:"named pieces of the measured part, one after the other"`
	Streams  named[streamSpec] `key:"streams" required:"true" doc:"named flows of requests, each with its own load"`
	Budgets  []budgetSpec      `key:"budgets" doc:"bounds that the load has to keep, as p99 < 50ms"`
}

// targetSpec is a URL, or a mapping.
type targetSpec struct {
	spot
	URL          string        `key:"url" doc:"where requests go"`
	Command      words         `key:"command" doc:"starts the server; {port} stands for a free port, which is in PORT too"`
	Dir          string        `key:"dir" doc:"the folder that the command is run in"`
	Env          named[string] `key:"env" doc:"variables that are added to the command's environment"`
	Ready        string        `key:"ready" doc:"the path that answers once the command's server is ready"`
	ReadyTimeout lasting       `key:"ready_timeout" doc:"how long the command's server may take until then"`
	Protocol     string        `key:"protocol" enum:"http/1.1|http/2|h2c" doc:"version of HTTP; h2c is HTTP/2 without TLS"`
	Connections  number        `key:"connections" least:"1" most:"100000" doc:"how many connections may be open at once; as many as the load needs when it is left out"`
	KeepAlive    *bool         `key:"keep_alive" doc:"false opens a new connection for each request"`
	Socket       string        `key:"socket" doc:"the Unix socket to connect to, whatever the URL's host"`
	TLS          *tlsSpec      `key:"tls" doc:"how an https target is trusted"`
}

type tlsSpec struct {
	spot
	Insecure   bool   `key:"insecure" doc:"true accepts any certificate"`
	CA         string `key:"ca" doc:"file of the certificates (PEM) that are trusted, instead of the system's"`
	Cert       string `key:"cert" doc:"file of the client's certificate (PEM)"`
	Key        string `key:"key" doc:"file of the client's key (PEM)"`
	ServerName string `key:"server_name" doc:"the name that the certificate has to be for"`
}

type phaseSpec struct {
	spot
	Name     string       `key:"name" required:"true" doc:"what streams and budgets call the phase"`
	Duration lasting      `key:"duration" required:"true" doc:"how long it lasts"`
	Budgets  []budgetSpec `key:"budgets" doc:"bounds that the load has to keep in this phase"`
}

type streamSpec struct {
	spot
	Role     string        `key:"role" enum:"probe|offender" doc:"a probe is cheap and feels the stalls that an offender causes; probe when it is left out"`
	Load     loadSpec      `key:"load" required:"true" doc:"when requests are sent: 200/s, or a shape, or one of them for each phase"`
	Timeout  lasting       `key:"timeout" doc:"how long a request may take; 30s when it is left out"`
	Expect   *expectSpec   `key:"expect" doc:"which answers are good; 2xx and 3xx when it is left out"`
	MaxBody  size          `key:"max_body" doc:"how much of an answer's body is read; a longer one is an error"`
	Headers  headers       `key:"headers" doc:"headers of every request of this stream"`
	Requests []requestSpec `key:"requests" doc:"what is sent, in turn: GET /path, or a mapping"`
	Targets  *targetsSpec  `key:"targets" doc:"a file of requests in vegeta's http or json format"`
	Budgets  []budgetSpec  `key:"budgets" doc:"bounds that this stream has to keep"`
}

type expectSpec struct {
	spot
	Codes codes   `key:"codes" doc:"a status, or a list of them: 200, 2xx"`
	Body  pattern `key:"body" doc:"a regular expression that the body has to match"`
}

// targetsSpec is a path, or a mapping.
type targetsSpec struct {
	spot
	File   string `key:"file" required:"true" doc:"the file"`
	Format string `key:"format" enum:"http|json" doc:"its format; json for .json, .jsonl and .ndjson, else http"`
}

// requestSpec is "GET /path", or a mapping.
type requestSpec struct {
	spot
	Get      string  `key:"get" doc:"the path or URL to GET"`
	Post     string  `key:"post" doc:"the path or URL to POST to"`
	Put      string  `key:"put" doc:"the path or URL to PUT to"`
	Patch    string  `key:"patch" doc:"the path or URL to PATCH"`
	Delete   string  `key:"delete" doc:"the path or URL to DELETE"`
	Head     string  `key:"head" doc:"the path or URL to ask for the HEAD of"`
	Method   string  `key:"method" doc:"any other method, with url"`
	URL      string  `key:"url" doc:"the path or URL, with method"`
	Name     string  `key:"name" doc:"what reports call the request; method and path when it is left out"`
	Weight   number  `key:"weight" least:"1" most:"10000" doc:"how often it is sent among the stream's requests; 1 when it is left out"`
	Headers  headers `key:"headers" doc:"headers of this request, over the stream's"`
	Body     string  `key:"body" doc:"the body, as text"`
	BodyFile string  `key:"body_file" doc:"the file that holds the body"`
}

// budgetSpec is "p99 < 50ms", or a mapping.
type budgetSpec struct {
	spot
	Assert budgetText `key:"assert" required:"true" doc:"the bound: p99 < 50ms"`
	Stream string     `key:"stream" doc:"the stream that it is about; all when it is left out"`
	Phase  string     `key:"phase" doc:"the phase that it is about; all when it is left out"`
	Abort  bool       `key:"abort" doc:"true ends the run as soon as the bound is broken"`
}

// shapeSpec is a rate, "100/s..500/s", "off", or a mapping with one key.
type shapeSpec struct {
	spot
	Rate  rate // of a constant load
	Off   bool
	Ramp  *rampSpec  `key:"ramp" doc:"from one rate evenly to another"`
	Steps *stepsSpec `key:"steps" doc:"from one rate to another in equal steps"`
	Sine  *sineSpec  `key:"sine" doc:"a rate that swings about its mean"`
	Burst *burstSpec `key:"burst" doc:"many requests at once, again and again"`
}

type rampSpec struct {
	spot
	From rate `key:"from" required:"true" doc:"the rate at the beginning"`
	To   rate `key:"to" required:"true" doc:"the rate at the end"`
}

type stepsSpec struct {
	spot
	From  rate   `key:"from" required:"true" doc:"the rate of the first step"`
	To    rate   `key:"to" required:"true" doc:"the rate of the last step"`
	Count number `key:"count" required:"true" least:"2" most:"1000" doc:"how many steps there are"`
}

type sineSpec struct {
	spot
	Mean      rate    `key:"mean" required:"true" doc:"the rate in the middle"`
	Amplitude rate    `key:"amplitude" required:"true" doc:"how far the rate goes up and down"`
	Period    lasting `key:"period" required:"true" doc:"how long one swing takes"`
}

type burstSpec struct {
	spot
	Size  number  `key:"size" required:"true" least:"1" most:"100000" doc:"how many requests are sent at once"`
	Every lasting `key:"every" required:"true" doc:"the time from one burst to the next"`
}
