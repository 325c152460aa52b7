package cli

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/publisher/closest"
	"github.com/sortition-dev/sortition/publisher/compile"
	"github.com/sortition-dev/sortition/publisher/config"
	"github.com/sortition-dev/sortition/publisher/explain"
)

type explainOptions struct {
	units      []string
	attributes []string
	now        string
	format     string
	live       bool
}

func newExplainCommand() *cobra.Command {
	var o explainOptions
	cmd := &cobra.Command{
		Use:   "explain DIR [EXPERIMENT]...",
		Short: "Show step by step what one unit is given, and why",
		Long: `Explain decides for one unit the experiments and flags of a project directory, or
those named, and shows each step: the hash inputs and the hash, the slot, the slots that
the experiment owns, every test of the audience and what it came to. For each draw it
prints the ClickHouse query that repeats it.

The directory is compiled as its first publish would be. Where earlier publishes have
allocated slots, give --live: it continues their allocations, as publish does.`,
		Example: `  publisher explain . --unit user=u-4711 --attr country=US --attr 'tags=["beta"]'
  publisher explain . --unit user=u-4711 --now 2026-03-01T12:00:00Z checkout_button
  publisher explain . --unit user=u-4711 --live checkout_button`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return o.run(cmd, args[0], args[1:])
		},
	}
	flags := cmd.Flags()
	flags.StringArrayVar(&o.units, "unit", nil, "unit id, as `type=id`; repeat for several types")
	flags.StringArrayVar(&o.attributes, "attr", nil, "attribute, as `name=value`; a list as a JSON array; repeat for several")
	flags.StringVar(&o.now, "now", "", "`time` of the decision in RFC 3339 form (default: now)")
	flags.StringVar(&o.format, "format", "text", "text or json")
	flags.BoolVar(&o.live, "live", false, "continue the allocations of the live bundle, read from the project's bucket")
	return cmd
}

func (o *explainOptions) run(cmd *cobra.Command, dir string, keys []string) error {
	write := explain.WriteText
	switch o.format {
	case "text":
	case "json":
		write = explain.WriteJSON
	default:
		return fmt.Errorf("--format %q: use text or json", o.format)
	}
	project, ledger, err := loadWithLedger(cmd, dir, o.live)
	if err != nil {
		return err
	}
	request, err := o.request(project)
	if err != nil {
		return err
	}
	program, err := compile.Program(project, ledger, time.Now())
	if err != nil {
		return err
	}
	chosen, err := choose(project, program, keys)
	if err != nil {
		return err
	}
	explanations := make([]explain.Explanation, len(chosen))
	for i, index := range chosen {
		explanations[i] = explain.Experiment(program, index, request)
	}
	return failed(write(cmd.OutOrStdout(), explanations))
}

// loadWithLedger reads the project, and what the live bundle has allocated if that is
// wanted.
func loadWithLedger(cmd *cobra.Command, dir string, live bool) (*config.Project, *compile.Ledger, error) {
	if !live {
		project, problems := config.Load(dir)
		return project, nil, problems.Err()
	}
	remote, err := openRemote(cmd, dir, config.Load)
	if err != nil {
		return nil, nil, err
	}
	published, err := remote.live(cmd.Context())
	if err != nil {
		return nil, nil, err
	}
	return remote.project, published.Ledger(), nil
}

// request reads the flags against what the project declares.
func (o *explainOptions) request(p *config.Project) (explain.Request, error) {
	r := explain.Request{
		Units: map[string]string{}, Attributes: map[string]any{}, Now: time.Now(),
	}
	for _, arg := range o.units {
		unit, id, ok := strings.Cut(arg, "=")
		if !ok {
			return r, fmt.Errorf("--unit %s: write it as type=id, for example --unit %s=%s", arg, p.Units[0], arg)
		}
		if !slices.Contains(p.Units, unit) {
			return r, fmt.Errorf("--unit %s: unknown unit type %q%s", arg, unit, hint(unit, "units", p.Units))
		}
		r.Units[unit] = id
	}
	for _, arg := range o.attributes {
		name, text, ok := strings.Cut(arg, "=")
		if !ok {
			return r, fmt.Errorf("--attr %s: write it as name=value", arg)
		}
		i := slices.IndexFunc(p.Attributes, func(a model.Attribute) bool { return a.Name == name })
		if i < 0 {
			names := make([]string, len(p.Attributes))
			for i, a := range p.Attributes {
				names[i] = a.Name
			}
			return r, fmt.Errorf("--attr %s: unknown attribute %q%s", arg, name, hint(name, "attributes", names))
		}
		value, err := attributeValue(p.Attributes[i].Type, text)
		if err != nil {
			return r, fmt.Errorf("--attr %s: %w", arg, err)
		}
		r.Attributes[name] = value
	}
	if o.now != "" {
		now, err := time.Parse(time.RFC3339, o.now)
		if err != nil {
			return r, fmt.Errorf("--now %s: write the time as 2026-01-31T12:00:00Z", o.now)
		}
		r.Now = now
	}
	return r, nil
}

// attributeValue reads a value of type t. A version or time is taken as it is, since a
// request may have any string there: the explanation says so where that counts as
// missing.
func attributeValue(t model.Type, text string) (any, error) {
	switch t {
	case model.Number:
		f, err := strconv.ParseFloat(text, 64)
		if err != nil || math.IsNaN(f) {
			return nil, fmt.Errorf("%q is not a number", text)
		}
		return f, nil
	case model.Bool:
		switch text {
		case "true":
			return true, nil
		case "false":
			return false, nil
		}
		return nil, fmt.Errorf("%q is neither true nor false", text)
	case model.StringList:
		var list []string
		if err := json.Unmarshal([]byte(text), &list); err != nil || list == nil {
			return nil, fmt.Errorf(`%s is not a JSON array of strings, such as ["a","b"]`, text)
		}
		return list, nil
	case model.Time:
		if ms, err := strconv.ParseInt(text, 10, 64); err == nil {
			return ms, nil
		}
	}
	return text, nil
}

// choose gives the indexes of the named experiments and flags, or of all.
func choose(project *config.Project, p *model.Program, keys []string) ([]int, error) {
	if len(keys) == 0 {
		all := make([]int, len(p.Experiments))
		for i := range all {
			all[i] = i
		}
		return all, nil
	}
	var chosen []int
	for _, key := range keys {
		i := slices.IndexFunc(p.Experiments, func(e model.Experiment) bool { return e.Key == key })
		if i < 0 {
			return nil, notPublished(project, p, key)
		}
		chosen = append(chosen, i)
	}
	return chosen, nil
}

// notPublished says why the program has no experiment or flag of that key.
func notPublished(project *config.Project, p *model.Program, key string) error {
	for _, e := range project.Experiments {
		if e.Key == key {
			return fmt.Errorf("experiment %q is not published: its status is %s", key, e.Status)
		}
	}
	published := make([]string, len(p.Experiments))
	for i, e := range p.Experiments {
		published[i] = e.Key
	}
	return fmt.Errorf("unknown experiment or flag %q%s", key, hint(key, "experiments and flags", published))
}

// hint is what closest.Hint says, as the end of a line.
func hint(word, what string, known []string) string {
	if h := closest.Hint(word, what, known); h != "" {
		return "; " + h
	}
	return ""
}
