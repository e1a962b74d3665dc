package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/attack/record"
	"github.com/looptest/looptest/attack/scenario"
)

// convertFlags is what the user asked for.
type convertFlags struct {
	to, output, latency, stream string
	force, quiet, asJSON        bool
}

func newConvert() *cobra.Command {
	var f convertFlags
	cmd := &cobra.Command{
		Use:   "convert [FOLDER|FILE]... --output FILE",
		Short: "Turn records into those of other tools, and back",
		Long: `Turn what was recorded into another format. Several recordings become one.

` + readable + `

What it can become (--to, or by how the output's name ends):

` + formatsHelp() + `
An output is there whole or not at all.

Exit codes: 0 converted, 2 usage, 4 it can't be done, 130 interrupted.`,
		Example: `  looptest convert results --to vegeta-gob | vegeta report
  looptest convert results --output waits.hgrm             # response times
  looptest convert results --output service.hgrm --latency service --stream orders
  looptest convert vegeta.gob --to folder --output results # then report, plot, compare
  looptest convert results --output samples.csv`,
		RunE: func(cmd *cobra.Command, args []string) error { return convert(cmd, f, args) },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.to, "to", "", "format: "+enumerate(formatNames()))
	flags.StringVar(&f.output, "output", "-", `file or, with --to folder, the folder to write; "-" is standard output`)
	flags.StringVar(&f.latency, "latency", "", "what becomes the latency, where the format has only one: response or service (default: response in hgrm, service in vegeta's, as vegeta means it)")
	flags.StringVar(&f.stream, "stream", "", "only this stream")
	flags.BoolVar(&f.force, "force", false, "replace a file that is there")
	flags.BoolVar(&f.asJSON, "json", false, "print what was written as one JSON object; needs --output")
	flags.BoolVar(&f.quiet, "quiet", false, "don't say what was written")
	_ = cmd.RegisterFlagCompletionFunc("to", cobra.FixedCompletions(formatNames(), cobra.ShellCompDirectiveNoFileComp))
	_ = cmd.RegisterFlagCompletionFunc("latency", cobra.FixedCompletions([]string{string(record.Response), string(record.Service)}, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

// conversion is a conversion under way.
type conversion struct {
	format  recordFormat
	latency record.Measure
	reader  *record.Reader
}

func convert(cmd *cobra.Command, f convertFlags, args []string) error {
	format, err := f.choose()
	if err != nil {
		return err
	}
	if err := f.mayWrite(format, cmd.OutOrStdout()); err != nil {
		return err
	}
	in, err := openInput(cmd, args)
	if err != nil {
		return err
	}
	defer in.close()
	c := conversion{format: format, latency: record.Measure(f.latency), reader: in.all}
	if err := c.prepare(in, cmd.Flags().Changed("stream"), f.stream); err != nil {
		return err
	}
	if err := c.write(cmd.Context(), f, cmd.OutOrStdout()); err != nil {
		return in.failedOr(cmd.Context(), err)
	}
	if err := c.say(cmd, f, in); err != nil {
		return unable(err)
	}
	return nil
}

// choose gives the format that --to names, or that the output's name ends with.
func (f convertFlags) choose() (recordFormat, error) {
	format, err := f.formatAsked()
	if err != nil {
		return format, err
	}
	switch record.Measure(f.latency) {
	case "":
	case record.Response, record.Service:
		if format.latency == "" {
			return format, fmt.Errorf("--latency %s: %s has both times; leave it out", f.latency, format.name)
		}
	default:
		return format, fmt.Errorf("--latency %q: must be response or service", f.latency)
	}
	return format, nil
}

func (f convertFlags) formatAsked() (recordFormat, error) {
	if f.to == "" {
		if format, ok := formatByName(f.output); ok {
			return format, nil
		}
		if f.output == "-" {
			return recordFormat{}, fmt.Errorf("--to is missing: one of %s", enumerate(formatNames()))
		}
		return recordFormat{}, fmt.Errorf("--output %q doesn't tell the format; add --to with one of %s", f.output, enumerate(formatNames()))
	}
	for _, format := range recordFormats {
		if format.name == f.to {
			return format, nil
		}
	}
	if near := scenario.Nearest(f.to, formatNames()); near != "" {
		return recordFormat{}, fmt.Errorf("--to %q: did you mean %s?", f.to, near)
	}
	return recordFormat{}, fmt.Errorf("--to %q: must be one of %s", f.to, enumerate(formatNames()))
}

// mayWrite finds what is wrong with the output before anything is read.
func (f convertFlags) mayWrite(format recordFormat, stdout io.Writer) error {
	switch {
	case f.output == "-" && f.asJSON:
		return errors.New("--json: standard output can't hold both; name a file with --output")
	case f.output == "-" && format.write == nil:
		return errors.New("a folder can't go to standard output; name it with --output")
	case f.output == "-" && format.binary && isTerminal(stdout):
		return fmt.Errorf("%s is nothing for a terminal; name a file with --output, or pipe it on", format.name)
	case f.output == "-":
		return nil
	case format.write == nil:
		return vacant(f.output)
	case f.force:
		return nil
	}
	return notThere(f.output)
}

// prepare takes the stream that is wanted, and refuses what the records don't
// hold.
func (c *conversion) prepare(in *input, oneStream bool, stream string) error {
	h := c.reader.Head()
	if oneStream {
		only, ok := c.reader.Only(stream)
		if !ok {
			return fmt.Errorf("--stream %q: there is no such stream; %s has %s", stream, in.title(), streamsOf(h))
		}
		c.reader = only
	}
	if h.NoTimes && !c.format.timeless {
		return unable(fmt.Errorf("%s is a distribution: the moments that %s needs are not in it; it can become hgrm, parquet or a folder", in.title(), c.format.name))
	}
	if h.NoIntended && c.format.latency != "" {
		if c.latency == record.Response {
			return unable(fmt.Errorf("--latency response: %s doesn't say when requests were meant to be sent, so there is the service time only", in.title()))
		}
		c.latency = record.Service
	}
	if c.latency == "" {
		c.latency = c.format.latency // none where it has both
	}
	return nil
}

func streamsOf(h record.Head) string {
	var names []string
	for _, s := range h.Streams {
		names = append(names, fmt.Sprintf("%q", s.Name))
	}
	return enumerate(names)
}

func (c *conversion) write(ctx context.Context, f convertFlags, stdout io.Writer) error {
	fill := func(w io.Writer) error { return c.format.write(interruptible{ctx, w}, c.reader, c.latency) }
	switch {
	case c.format.write == nil:
		return writeRunFolder(ctx, f.output, c.reader)
	case f.output == "-":
		return buffered(stdout, fill)
	}
	return writeLong(f.output, f.force, fill)
}

// notes are what a reader of the output has to know.
func (c *conversion) notes() []analysis.Warning {
	var notes []analysis.Warning
	h := c.reader.Head()
	if h.NoIntended && c.format.latency == "" {
		notes = append(notes, "it has the service time only: when requests were meant to be sent isn't known")
	}
	if c.format.name == "hgrm" {
		notes = append(notes, "requests without an answer are not in it")
	}
	for _, w := range c.reader.Warnings() {
		notes = append(notes, analysis.Warning(w))
	}
	if h.Lost > 0 {
		notes = append(notes, analysis.Warning(fmt.Sprintf("%s could not be recorded, and are missing", analysis.Count(h.Lost, "sample"))))
	}
	return notes
}

// say tells what was written, what its latency means, and what was left out.
func (c *conversion) say(cmd *cobra.Command, f convertFlags, in *input) error {
	if f.asJSON {
		d := newDone("convert", c.notes())
		d.Inputs, d.Output, d.Format, d.Latency = in.names, f.output, c.format.name, string(c.latency)
		return d.write(cmd.OutOrStdout())
	}
	if f.quiet {
		return nil
	}
	text := in.title() + " → " + c.format.name
	if f.output != "-" {
		text += " in " + f.output
	}
	if c.format.latency != "" {
		text += fmt.Sprintf("; its latency is the %s time", c.latency)
	}
	for _, note := range c.notes() {
		text += "\n! " + string(note)
	}
	_, err := fmt.Fprintln(cmd.ErrOrStderr(), text)
	return err
}

// failedOr gives an error its exit code: what was there already is a wrong
// argument.
func (in *input) failedOr(ctx context.Context, err error) error {
	var there thereAlready
	switch {
	case ctx.Err() != nil:
		return failure{exitInterrupted, errors.New("interrupted; nothing was written")}
	case errors.As(err, &there):
		return err
	}
	return unable(err)
}
