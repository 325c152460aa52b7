package cli

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/sortition-dev/sortition/publisher/control"
	"github.com/sortition-dev/sortition/publisher/expect"
)

func newTestCommand() *cobra.Command {
	var in control.TestInput
	var format *formatValue
	cmd := &cobra.Command{
		Use:   "test [DIR]",
		Short: "Run the tests that experiments and flags have in their files",
		Long: `Test runs the tests in the files of experiments and flags. A test is a request, and the
variant, the reason, or both that it must get:

  tests:
    - {name: no Americans, unit: u-1, attributes: {country: US}, reason: audience}
    - {unit: u-2, at: 2026-03-01T12:00:00Z, variant: green}

Unit is the id of the unit that the experiment or flag assigns; units has ids of other
types. Without at, the test runs as of now. For a test that fails, test prints what the
core decided and each step that led to it. Tests of experiments and flags that are not
running are skipped.

Test compiles the directory as its first publish would. Where earlier publishes have
allocated slots, give --live: it continues their allocations, as publish does. Kills by
command are ignored.

Publish runs the same tests, and publishes nothing if one fails.

Exit status: 0 all pass, 1 one fails, 2 wrong usage or configuration.`,
		Example: `  publisher test shop
  publisher test shop --run 'checkout_button/' --live
  publisher test shop --format json | jq '.tests[] | select(.outcome == "failed")'`,
		Args: directoryArgument,
		RunE: func(cmd *cobra.Command, args []string) error {
			dir, err := directory(args)
			if err != nil {
				return err
			}
			t, err := workspace(cmd, dir).Test(cmd.Context(), in)
			if err != nil {
				return err
			}
			if err := format.write(cmd.OutOrStdout(), t, func(w io.Writer) error { return writeTests(w, t) }); err != nil {
				return err
			}
			if t.Failed > 0 {
				return exitStatus(statusFailure)
			}
			return nil
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&in.Run, "run", "", "run only the tests whose KEY/NAME, or KEY/NUMBER, matches this regular `expression`")
	addLive(cmd, &in.Live)
	addFresh(cmd)
	format = addFormat(cmd)
	return cmd
}

// addLive adds the flag by which a project is compiled on what is live.
func addLive(cmd *cobra.Command, live *bool) {
	cmd.Flags().BoolVar(live, "live", false, "continue the allocations of the live revision, read from the bucket")
}

// writeTests writes the tests that failed, each with the steps of its decision, and how many there
// are.
func writeTests(w io.Writer, t *control.Tested) error {
	for _, r := range t.Tests {
		if r.Outcome != expect.Failed {
			continue
		}
		fmt.Fprintf(w, "%s: %s/%s: want %s, got %s\n", r.Pos, r.Key, r.Name, r.Want, r.Got)
		for _, line := range r.Why {
			fmt.Fprintf(w, "    %s\n", line)
		}
	}
	_, err := fmt.Fprintf(w, "%s: %d passed, %d failed, %d skipped\n", count(len(t.Tests), "test"), t.Passed, t.Failed, t.Skipped)
	return err
}
