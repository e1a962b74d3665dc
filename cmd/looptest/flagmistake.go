package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/looptest/looptest/attack/scenario"
)

// flagMistake adds to an unknown flag the one that was probably meant.
func flagMistake(cmd *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	if !errors.As(err, &unknown) || unknown.GetSpecifiedShortnames() != "" {
		return err
	}
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	if near := scenario.Nearest(unknown.GetSpecifiedName(), names); near != "" {
		return fmt.Errorf("%w; did you mean --%s?", err, near)
	}
	return err
}

// excludeEachOther allows one of the flags at most.
func excludeEachOther(flags *pflag.FlagSet, names ...string) error {
	given := ""
	for _, name := range names {
		switch {
		case !flags.Changed(name):
		case given != "":
			return fmt.Errorf("--%s and --%s exclude each other; give one of them", given, name)
		default:
			given = name
		}
	}
	return nil
}
