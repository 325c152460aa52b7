package cli

import (
	"fmt"
	"io"
	"regexp"
	"time"

	"github.com/spf13/cobra"

	"github.com/sortition-dev/sortition/publisher/compile"
	"github.com/sortition-dev/sortition/publisher/config"
	"github.com/sortition-dev/sortition/publisher/expect"
)

type testOptions struct {
	run    string
	format string
	live   bool
}

func newTestCommand() *cobra.Command {
	var o testOptions
	cmd := &cobra.Command{
		Use:   "test DIR",
		Short: "Try what the files promise certain requests",
		Long: `Test tries the tests that experiments and flags have in their files: a request, and the
variant, the reason, or both that it must be given:

  tests:
    - {name: no Americans, unit: u-1, attributes: {country: US}, reason: audience}
    - {unit: u-2, at: 2026-03-01T12:00:00Z, variant: green}

Unit is the id of the unit that the experiment or flag draws, units has those of other
types; without at, the test is as of now. The native core decides. For a test that fails,
test shows what came and each step that led to it. Those of experiments and flags that
are not running are skipped.

The directory is compiled as its first publish would be. Where earlier publishes have
allocated slots, give --live: it continues their allocations, as publish does. What was
killed by command counts as not killed.

Publish tries the same tests, and publishes nothing if one fails.

Exit status: 0 all pass, 1 one fails, 2 wrong usage or configuration.`,
		Example: `  publisher test shop
  publisher test shop --run 'checkout_button/' --live
  publisher test shop --format json | jq '.tests[] | select(.outcome == "failed")'`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return o.try(cmd, args[0])
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&o.run, "run", "", "try only those whose KEY/NAME, or KEY/NUMBER, `pattern` matches")
	flags.StringVar(&o.format, "format", "text", "text or json")
	flags.BoolVar(&o.live, "live", false, "continue the allocations of the live bundle, read from the project's bucket")
	return cmd
}

func (o *testOptions) try(cmd *cobra.Command, dir string) error {
	if err := checkFormat(o.format); err != nil {
		return err
	}
	var pattern *regexp.Regexp
	if o.run != "" {
		var err error
		if pattern, err = regexp.Compile(o.run); err != nil {
			return fmt.Errorf("--run: %w", err)
		}
	}
	project, ledger, err := loadWithLedger(cmd, dir, o.live)
	if err != nil {
		return err
	}
	results, err := expect.Run(project, ledger, time.Now(), pattern)
	if err != nil {
		return err
	}
	if pattern != nil && len(results) == 0 {
		return fmt.Errorf("--run %s matches no test", o.run)
	}
	if o.format == "json" {
		err = writeJSON(cmd.OutOrStdout(), tested{
			Passed: expect.Count(results, expect.Passed), Failed: expect.Count(results, expect.Failed),
			Skipped: expect.Count(results, expect.Skipped), Tests: results,
		})
	} else {
		err = writeTests(cmd.OutOrStdout(), results)
	}
	switch {
	case err != nil:
		return failed(err)
	case expect.Count(results, expect.Failed) > 0:
		return exitStatus(statusFailure)
	}
	return nil
}

// tested is the JSON form of what came of tests.
type tested struct {
	Passed  int             `json:"passed"`
	Failed  int             `json:"failed"`
	Skipped int             `json:"skipped"`
	Tests   []expect.Result `json:"tests"`
}

// writeTests writes the tests that failed, each with the steps of its decision, and how
// many there are.
func writeTests(w io.Writer, results []expect.Result) error {
	for _, r := range results {
		if r.Outcome != expect.Failed {
			continue
		}
		fmt.Fprintf(w, "%s: %s/%s: want %s, got %s\n", r.Pos, r.Key, r.Name, r.Want, r.Got)
		for _, line := range r.Why {
			fmt.Fprintf(w, "    %s\n", line)
		}
	}
	_, err := fmt.Fprintf(w, "%s: %d passed, %d failed, %d skipped\n", count(len(results), "test"),
		expect.Count(results, expect.Passed), expect.Count(results, expect.Failed), expect.Count(results, expect.Skipped))
	return err
}

// requireTests tries all tests before a publish, and says on w which fail.
func requireTests(w io.Writer, project *config.Project, ledger *compile.Ledger, now time.Time) error {
	results, err := expect.Run(project, ledger, now, nil)
	if err != nil {
		return err
	}
	n := expect.Count(results, expect.Failed)
	if n == 0 {
		return nil
	}
	if err := writeTests(w, results); err != nil {
		return failed(err)
	}
	return failed(fmt.Errorf("%w: %s failed", errDeclined, count(n, "test")))
}
