package detect

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/looptest/looptest/analysis"
)

// proxyServers are what proxies call themselves in an answer's Server header;
// proxyHeaders are what only proxies add.
var (
	proxyServers = []string{"nginx", "openresty", "envoy", "cloudflare", "varnish", "haproxy", "caddy", "traefik", "awselb", "squid", "kong", "istio"}
	proxyHeaders = []string{"Via", "X-Cache", "X-Served-By", "X-Envoy-Upstream-Service-Time", "Cf-Ray", "X-Amz-Cf-Id", "X-Kong-Proxy-Latency", "X-Varnish"}
)

// BehindProxy warns when an answer's header shows that a proxy stands in front of
// the server; empty when it shows nothing.
func BehindProxy(h http.Header) analysis.Warning {
	sign := ""
	for _, name := range proxyHeaders {
		if v := h.Get(name); v != "" && sign == "" {
			sign = fmt.Sprintf("%s: %s", name, v)
		}
	}
	for _, server := range proxyServers {
		if v := h.Get("Server"); strings.HasPrefix(strings.ToLower(v), server) {
			sign = "Server: " + v
		}
	}
	if sign == "" {
		return ""
	}
	return analysis.Warning(fmt.Sprintf("a proxy answers (%s): it shares its own connections to the server among requests, may queue and cache them, and times out by itself, so several processes behind it can't be told apart; where you can, ask the server itself", sign))
}
