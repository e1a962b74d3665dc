package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/looptest/looptest/attack"
	"github.com/looptest/looptest/attack/scenario"
)

func newAttack() *cobra.Command {
	var f loadFlags
	var s scenario.Flags
	var save bool
	cmd := &cobra.Command{
		Use:   "attack URL... [flags] [-- COMMAND...]",
		Short: "Send load to a server and say how long its users wait",
		Long: `Send load to a server at a fixed rate, whatever the server does ("open loop"),
and say how long its users wait.

Latency is response time, counted from the moment a request was meant to be
sent, beside service time, counted from the moment it was sent. A server that
stalls makes the first one grow; other tools show only the second.

After -- stands a command that starts the server. It gets a free port in the
environment variable PORT, {port} in its arguments is replaced by it, and URLs
may then be plain paths.

Ctrl-C stops, saves and reports; a second Ctrl-C leaves at once.

Exit codes: 0 all budgets held, 1 a budget is broken or every request failed,
2 usage, 3 inconclusive, 4 invalid or could not run, 130 interrupted.`,
		Example: `  looptest attack http://127.0.0.1:8080/ --rate 200 --duration 30s
  looptest attack http://127.0.0.1:8080/ --budget 'p99 < 50ms' --budget 'error_rate < 0.1%'
  looptest attack http://127.0.0.1:8080/ --rate 100/s..2000/s --duration 1m   # a ramp
  looptest attack /orders --method POST --header 'Content-Type: application/json' \
      --body '{"item": 1}' -- node server.js
  looptest attack --targets requests.http --json   # vegeta's target format
  looptest attack http://127.0.0.1:8080/ --scenario > scenario.yaml  # and go on with run`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := checkRequestFlags(cmd.Flags(), s); err != nil {
				return err
			}
			s.URLs, s.Command = splitAtDash(cmd, args)
			if len(s.URLs) == 0 && s.Targets == "" {
				if len(s.Command) == 0 {
					return errNothingToAttack
				}
				s.URLs = []string{"/"}
			}
			made, err := scenario.FromFlags(s)
			if err != nil {
				return err
			}
			if save {
				return printed(cmd.OutOrStdout().Write(made.Source))
			}
			return startAttacking(cmd, f, made)
		},
	}
	addLoadFlags(cmd.Flags(), &s)
	addRequestFlags(cmd.Flags(), &s)
	addConnectionFlags(cmd.Flags(), &s)
	f.add(cmd)
	cmd.Flags().BoolVar(&save, "scenario", false, "print these flags as a scenario for run, and send nothing")
	return cmd
}

// checkRequestFlags finds what a scenario would take for a flag that isn't given.
func checkRequestFlags(flags *pflag.FlagSet, s scenario.Flags) error {
	for name, d := range map[string]time.Duration{"duration": s.Duration, "timeout": s.Timeout, "ready-timeout": s.ReadyTimeout} {
		if flags.Changed(name) && d <= 0 {
			return fmt.Errorf("--%s %s: must be more than zero, such as 30s or 2m", name, d)
		}
	}
	if flags.Changed("connections") && s.Connections < 1 {
		return fmt.Errorf("--connections %d: must be at least 1", s.Connections)
	}
	if s.Format != "" && s.Targets == "" {
		return fmt.Errorf("--targets-format %q goes with --targets FILE", s.Format)
	}
	return excludeEachOther(flags, "body", "body-file")
}

// splitAtDash parts the arguments before -- from the command after it.
func splitAtDash(cmd *cobra.Command, args []string) (before, command []string) {
	if dash := cmd.ArgsLenAtDash(); dash >= 0 {
		return args[:dash], args[dash:]
	}
	return args, nil
}

func addLoadFlags(flags *pflag.FlagSet, s *scenario.Flags) {
	flags.StringVar(&s.Rate, "rate", "50/s", "requests a second, all URLs together in turn; also 12/m, or 100/s..500/s for a ramp")
	flags.DurationVar(&s.Duration, "duration", 10*time.Second, "how long to send")
	flags.DurationVar(&s.Warmup, "warmup", time.Second, "how long to warm the target up before; left out of every number")
	flags.StringArrayVar(&s.Budgets, "budget", nil, "what has to hold, such as 'p99 < 50ms', 'error_rate < 0.1%', 'throughput > 900/s', 'lag.p99 < 20ms' (may be given several times)")
	flags.BoolVar(&s.Abort, "abort-on-budget", false, "stop as soon as a budget can't be kept any more")
}

func addRequestFlags(flags *pflag.FlagSet, s *scenario.Flags) {
	flags.StringVar(&s.Method, "method", "GET", "method of the requests")
	flags.StringArrayVar(&s.Headers, "header", nil, "header of the requests, 'Name: value' (may be given several times)")
	flags.StringVar(&s.Body, "body", "", "body of the requests")
	flags.StringVar(&s.BodyFile, "body-file", "", "file with the body of the requests")
	flags.StringVar(&s.Targets, "targets", "", "file of requests in vegeta's HTTP or JSON target format")
	flags.StringVar(&s.Format, "targets-format", "", "format of that file: http or json (default: by its content)")
	flags.DurationVar(&s.Timeout, "timeout", attack.DefaultTimeout, "how long a request may take")
	flags.StringSliceVar(&s.Codes, "expect", nil, "expected codes, such as 200 or 2xx,304 (default 2xx and 3xx)")
	flags.StringVar(&s.Match, "match", "", "regular expression that the body has to match")
	flags.StringVar(&s.MaxBody, "max-body", "", "longest body that is read, such as 1MiB (default 64MiB)")
}

func addConnectionFlags(flags *pflag.FlagSet, s *scenario.Flags) {
	flags.StringVar(&s.Protocol, "protocol", "", "http/1.1, http/2 (over TLS) or h2c (default http/1.1)")
	flags.IntVar(&s.Connections, "connections", 0, "connections at most; requests then wait for one, and their response time says so (default: as many as needed)")
	flags.BoolVar(&s.Fresh, "fresh-connections", false, "a new connection for each request")
	flags.StringVar(&s.Socket, "socket", "", "Unix socket that the target listens on")
	flags.BoolVar(&s.Insecure, "insecure", false, "don't verify the target's certificate")
	flags.StringVar(&s.CA, "ca", "", "file of certificates that sign the target's, PEM")
	flags.StringVar(&s.Cert, "cert", "", "file with a client certificate, PEM")
	flags.StringVar(&s.Key, "key", "", "file with its key, PEM")
	flags.StringVar(&s.ServerName, "server-name", "", "name that the target's certificate is for, when it isn't the URL's host")
	flags.StringVar(&s.Ready, "ready", "", "path that answers once the started command is ready (default: the first URL)")
	flags.DurationVar(&s.ReadyTimeout, "ready-timeout", 0, "how long the started command may take to be ready (default 30s)")
}
