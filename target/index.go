package target

import (
	"bytes"
	"html/template"
	"net/http"
	"strings"
)

// Names of the two guides that the routes come from.
const (
	guide   = "Event Loop Optimization in Node.js: "
	chapter = "Chapter 22, The Event Loop: "
)

// indexRoute lists the other routes, as a page or as JSON for who asks for it.
func indexRoute(routes []Route) Route {
	return Route{
		Path:  "/",
		Does:  "lists the routes, as a page or (Accept: application/json) as JSON",
		Work:  []Work{{Kind: Trivial}},
		Guide: "",
		Handle: func(x *Exchange) {
			document := describeRoutes(routes)
			if strings.Contains(x.Accept, "application/json") {
				x.ReplyJSON(document)
				return
			}
			var page bytes.Buffer
			if err := indexPage.Execute(&page, document); err != nil {
				x.Fail(err)
				return
			}
			x.ReplyAs(http.StatusOK, "text/html", page.String())
		},
	}
}

// The index's shape, as JSON and for the page.
type (
	indexDocument struct {
		Routes []routeDocument `json:"routes"`
	}
	routeDocument struct {
		Path   string          `json:"path"`
		Does   string          `json:"does"`
		Params []paramDocument `json:"params"`
		Work   []workDocument  `json:"work"`
		Guide  string          `json:"guide"`
	}
	paramDocument struct {
		Name    string   `json:"name"`
		Means   string   `json:"means"`
		Default string   `json:"default"`
		Choices []string `json:"choices,omitempty"`
		Min     *int64   `json:"min,omitempty"`
		Max     *int64   `json:"max,omitempty"`
	}
	workDocument struct {
		When string `json:"when,omitempty"`
		Kind Kind   `json:"kind"`
	}
)

func describeRoutes(routes []Route) indexDocument {
	var d indexDocument
	for _, r := range routes {
		route := routeDocument{Path: r.Path, Does: r.Does, Guide: r.Guide, Params: []paramDocument{}}
		for _, p := range r.Params {
			param := paramDocument{Name: p.Name, Means: p.Means, Default: p.Default, Choices: p.Choices}
			if p.Choices == nil && p.Check == nil {
				param.Min, param.Max = &p.Min, &p.Max
			}
			route.Params = append(route.Params, param)
		}
		for _, w := range r.Work {
			route.Work = append(route.Work, workDocument(w))
		}
		d.Routes = append(d.Routes, route)
	}
	return d
}

var indexPage = template.Must(template.New("index").Parse(`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>looptest reference server</title>
<style>
body { font: 16px/1.5 sans-serif; margin: 2em auto; max-width: 60em; padding: 0 1em }
table { border-collapse: collapse }
td, th { text-align: left; vertical-align: top; padding: .3em 1em .3em 0; border-bottom: 1px solid #ddd }
code { white-space: nowrap }
</style>
<h1>looptest reference server</h1>
<p>An event loop with Node's semantics. Every request runs on the loop.</p>
<table>
<tr><th>route<th>what it does<th>parameters<th>kind of work
{{range .Routes}}<tr>
<td><a href="{{.Path}}"><code>{{.Path}}</code></a>
<td>{{.Does}}<br><small>{{.Guide}}</small>
<td>{{range .Params}}<code>{{.Name}}</code> ({{if .Choices}}{{range $i, $c := .Choices}}{{if $i}}, {{end}}{{$c}}{{end}}; {{else if .Min}}{{.Min}} to {{.Max}}; {{end}}default {{or .Default "none"}}): {{.Means}}<br>{{end}}
<td>{{range .Work}}{{.Kind}}{{with .When}} (<code>{{.}}</code>){{end}}<br>{{end}}
{{end}}</table>
</html>
`))
