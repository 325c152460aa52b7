package config

import (
	"fmt"

	"github.com/sortition-dev/sortition/bundle/model"
)

// resolveFlag checks and resolves one flag file.
func (l *loader) resolveFlag(f *FlagFile) *Flag {
	l.checkFileKey(f.Pos, f.Key, "a flag")
	l.checkText(f.Name, "the name", MaxNameLength)
	l.checkText(f.Owner, "the owner", MaxNameLength)
	l.checkSalt(f.Salt)

	flag := &Flag{
		Key:          f.Key.Value,
		Name:         orDefault(f.Name, f.Key.Value),
		Owner:        f.Owner.Value,
		Unit:         l.unit(f.Unit),
		Applications: l.applications(f.Applications),
		Status:       Status(f.Status.Value),
		Salt:         orDefault(f.Salt, f.Key.Value),
		Routes:       l.routes(f.Routes),
		Pos:          f.Key.Pos,
		file:         f,
	}
	if f.Factors.Pos != (Pos{}) {
		flag.Factors, flag.Variants = l.factors(f.Factors)
	} else {
		flag.Variants = l.variants(f.Variants.Pos, flagArms(f), 1)
	}
	flag.Default = l.variant(f.Default, flag.Variants)
	flag.Overrides = l.overrides(f.Overrides, flag.Variants)
	l.resolveRules(flag, f.Rules)
	flag.Tests = l.tests(f.Tests, flag.Unit, flag.Variants)
	if l.clean(f.Pos.File) {
		l.checkReach(f.Rules)
	}
	return flag
}

func flagArms(f *FlagFile) []arm {
	arms := make([]arm, len(f.Variants.Items))
	for i, v := range f.Variants.Items {
		arms[i] = arm{key: v.Key, name: v.Name, config: v.Config}
	}
	return arms
}

func (l *loader) resolveRules(flag *Flag, rules List[RuleEntry]) {
	if n := len(rules.Items); n > model.MaxRules {
		l.fail(rules.Pos, fmt.Sprintf("there are %d rules; the limit is %d", n, model.MaxRules), "")
	}
	for _, r := range rules.Items {
		if r.Pos == (Pos{}) {
			continue // not a mapping, which was reported
		}
		flag.Rules = append(flag.Rules, Rule{
			AudienceText: r.Audience.Value,
			Audience:     l.expression(r.Audience),
			Enrolment:    l.enrolment(r.Traffic, r.Ramp),
			Split:        l.split(r, flag),
		})
	}
}

// checkReach reports rules that follow a rule for every unit.
func (l *loader) checkReach(rules List[RuleEntry]) {
	var all Pos
	for _, r := range rules.Items {
		if all != (Pos{}) {
			l.fail(r.Pos, "no unit ever reaches this rule", fmt.Sprintf("the rule on line %d applies to every unit", all.Line))
		} else if !r.Audience.Given() && r.Ramp.Pos == (Pos{}) && trafficOf(r.Traffic) == Everything {
			all = r.Pos
		}
	}
}

// split resolves the variants of a rule: one, or several by weight.
func (l *loader) split(r RuleEntry, flag *Flag) []Share {
	one, several := r.Variant.Pos != Pos{}, r.Split.Pos != Pos{}
	byVariant := make([]Percent, len(flag.Variants))
	switch {
	case one && several:
		l.fail(r.Pos, "the rule has both a variant and a split", "keep one of them")
		return nil
	case one:
		return []Share{{Variant: l.variant(r.Variant, flag.Variants), Weight: Everything}}
	case several:
		for _, e := range r.Split.Entries {
			if i := l.variant(e.Key, flag.Variants); i >= 0 {
				byVariant[i] = e.Value.Value
			}
		}
		l.checkSum(r.Split.Pos, r.Split.Entries)
	case flag.file.Factors.Pos != Pos{}:
		for i, v := range flag.Variants {
			byVariant[i] = v.Weight
		}
	default:
		l.fail(r.Pos, "the rule gives no variant", "write variant: "+firstKey(flag.Variants)+", or split: {...}")
		return nil
	}
	var shares []Share
	for i, weight := range byVariant {
		if weight > 0 {
			shares = append(shares, Share{Variant: i, Weight: weight})
		}
	}
	return shares
}

func firstKey(variants []Variant) string {
	if len(variants) == 0 {
		return "..."
	}
	return variants[0].Key
}
