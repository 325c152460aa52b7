package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/sortition-dev/sortition/publisher/closest"
	"github.com/sortition-dev/sortition/publisher/config"
	"github.com/sortition-dev/sortition/publisher/control"
)

// Exit statuses. They mean the same for every command.
const (
	statusOK      = 0
	statusFailure = 1
	statusUsage   = 2 // wrong usage or wrong configuration
)

// statuses are the exit statuses of a command that does not say otherwise.
const statuses = "Exit status: 0 done, 1 failed, 2 wrong usage or configuration."

// exitStatus ends a command that has printed everything.
type exitStatus int

func (s exitStatus) Error() string { return fmt.Sprintf("exit status %d", int(s)) }

// usageError is wrong usage that a command finds in its flags and arguments.
type usageError struct{ problem string }

func (e *usageError) Error() string { return e.problem }

// usage makes a [usageError].
func usage(format string, args ...any) error { return &usageError{fmt.Sprintf(format, args...)} }

// commandError is an error of a command that was used rightly as far as its flags and arguments
// tell. Errors that are none come from reading these.
type commandError struct{ error }

func (e *commandError) Unwrap() error { return e.error }

func ran(err error) error {
	if err == nil {
		return nil
	}
	return &commandError{err}
}

// statusOf is the exit status that an error stands for.
func statusOf(err error) int {
	if err == nil {
		return statusOK
	}
	if s, ok := errors.AsType[exitStatus](err); ok {
		return int(s)
	}
	if _, ok := errors.AsType[*commandError](err); !ok || misused(err) {
		return statusUsage
	}
	return statusFailure
}

// misused tells whether who called the command has to mend the usage or the configuration.
func misused(err error) bool {
	_, usage := errors.AsType[*usageError](err)
	_, invalid := errors.AsType[*control.Invalid](err)
	_, misconfigured := errors.AsType[*control.Misconfigured](err)
	_, problems := errors.AsType[config.Problems](err)
	return usage || invalid || misconfigured || problems
}

// report writes an error on standard error: the problems of a project one by one, so that editors
// can jump to them, and what a refused publication was refused for.
func report(cmd *cobra.Command, err error) {
	w := cmd.ErrOrStderr()
	if err == nil {
		return
	}
	if isTerminal(w) {
		fmt.Fprint(w, "\r\033[K") // a step that is counted there
	}
	if _, ok := errors.AsType[exitStatus](err); ok {
		return
	}
	if problems, ok := errors.AsType[config.Problems](err); ok {
		fmt.Fprintf(w, "%v\n%s\n", problems, count(len(problems), "problem"))
		return
	}
	if refused, ok := errors.AsType[*control.Refused](err); ok {
		if refused.Tests != nil {
			_ = writeTests(w, refused.Tests)
		} else if len(refused.Gates) > 0 {
			_ = showPlan(w, refused.Plan)
		}
	}
	fmt.Fprintf(w, "publisher: %s\n", explainError(cmd, err))
}

// interrupted is the text of an error if an interrupt caused it; otherwise it is empty.
func interrupted(err error) string {
	switch {
	case !errors.Is(err, context.Canceled):
		return ""
	case err.Error() == context.Canceled.Error():
		return "interrupted"
	}
	return "interrupted: " + strings.TrimSuffix(err.Error(), ": "+context.Canceled.Error())
}

// flagNames are the flags for fields of inputs that have another name.
var flagNames = map[string]string{
	"validity": "valid-for", "overrides": "override", "per_day": "traffic", "units": "unit", "attributes": "attr", "within": "if-expires-within",
}

// explainError is the text of an error. A field of an input is named by its flag.
func explainError(cmd *cobra.Command, err error) string {
	if text := interrupted(err); text != "" {
		return text
	}
	invalid, ok := errors.AsType[*control.Invalid](err)
	if !ok {
		return err.Error()
	}
	text := invalid.Problem
	name := strings.ReplaceAll(invalid.Field, "_", "-")
	if other := flagNames[invalid.Field]; other != "" {
		name = other
	}
	if cmd.Flags().Lookup(name) != nil {
		text = "--" + name + ": " + text
	}
	if invalid.Hint != "" {
		text += "; " + invalid.Hint
	}
	return text
}

// unknownCommand says that a command has no such command.
func unknownCommand(cmd *cobra.Command, name string) error {
	var names []string
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() {
			names = append(names, c.Name())
		}
	}
	return usage("unknown command %q for %q%s", name, cmd.CommandPath(), hint(name, "commands", names))
}

// flagError explains a flag that does not exist or whose value cannot be read.
func flagError(cmd *cobra.Command, err error) error {
	if unknown, ok := errors.AsType[*pflag.NotExistError](err); ok {
		var names []string
		cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, "--"+f.Name) })
		return usage("%v%s", err, hint("--"+unknown.GetSpecifiedName(), "flags", names))
	}
	if invalid, ok := errors.AsType[*pflag.InvalidValueError](err); ok {
		return usage("--%s %q: %v", invalid.GetFlag().Name, invalid.GetValue(), errors.Unwrap(invalid))
	}
	return usage("%v", err)
}

// hint is what a mistyped word was probably meant to be, as the end of a line.
func hint(word, what string, known []string) string {
	if h := closest.Hint(word, what, known); h != "" {
		return "; " + h
	}
	return ""
}

// count is a number with its noun.
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
