package main

import (
	"fmt"
	"math/rand/v2"
)

// rates has the probability of each event in a visit, without any experiment.
var rates = map[string]float64{
	"purchase": 0.10, "add_to_cart": 0.25, "search_click": 0.30, "signup": 0.06, "support_contact": 0.03,
}

// effects has the factors by which variants multiply the probability of an event, by
// experiment, variant and event. Other variants have no effect.
var effects = map[string]map[string]map[string]float64{
	"checkout_button":    {"green": {"purchase": 1.5}},
	"express_payment":    {"wallet_first": {"purchase": 1.4}},
	"search_ranking":     {"margin": {"search_click": 0.75}},
	"search_suggestions": {"products": {"add_to_cart": 1.4}},
	"signup_banner":      {"voucher": {"signup": 1.8}},
}

// effect returns the factor by which a variant multiplies the probability of an event.
func effect(experiment, variant, event string) float64 {
	if factor, ok := effects[experiment][variant][event]; ok {
		return factor
	}
	return 1
}

// visitor is a simulated person. Visitors are the same in every run of the demo.
type visitor struct {
	number  int
	rng     *rand.Rand
	user    string
	device  string
	context map[string]any
	returns bool // comes in both halves
	bot     bool
}

func newVisitor(number int) *visitor {
	v := &visitor{number: number, rng: rand.New(rand.NewPCG(seed, uint64(number)))}
	v.user, v.device = fmt.Sprintf("user-%06d", number), fmt.Sprintf("device-%06d", number)
	v.returns = v.rng.IntN(3) == 0
	v.bot = v.rng.IntN(20) == 0
	v.context = map[string]any{
		"country":   pick(v.rng, "DE", "DE", "AT", "CH", "GB", "US", "FR"),
		"language":  pick(v.rng, "de-DE", "en-GB", "en-US", "fr-FR"),
		"device":    pick(v.rng, "desktop", "mobile", "mobile", "tablet"),
		"path":      pick(v.rng, "/", "/", "/home", "/cart", "/search"),
		"browser":   pick(v.rng, "Chrome", "Safari", "Firefox"),
		"logged_in": v.rng.IntN(3) == 0,
		"bot":       v.bot,
		"referrer":  pick(v.rng, "", "", "www.search.example", "social.example", "daily.coupons.example"),
		"interests": []string{pick(v.rng, "shoes", "garden", "sale", "books")},
	}
	switch v.rng.IntN(3) {
	case 0:
		v.context["platform"] = pick(v.rng, "ios", "android")
		v.context["app_version"] = pick(v.rng, "4.1.9", "4.2.0-rc.1", "4.2.0", "4.10.3")
	default:
		v.context["platform"] = "web"
	}
	if v.rng.IntN(2) == 0 {
		v.context["orders"] = 1 + v.rng.IntN(9)
		v.context["signed_up"] = pick(v.rng, "2024-03-01T12:00:00Z", "2025-08-15T09:30:00+02:00", "2026-05-05T00:00:00Z")
	}
	return v
}

func pick(rng *rand.Rand, values ...string) string { return values[rng.IntN(len(values))] }

// sessions reports in which halves the visitor comes. Events happen in the last session.
func (v *visitor) sessions() (first, second bool) {
	if v.returns {
		return true, true
	}
	return v.number%2 == 0, v.number%2 == 1
}

// behave chooses at random what the visitor does, given the variants by experiment.
func (v *visitor) behave(variants map[string]string) []outcome {
	var outcomes []outcome
	for _, event := range []string{"purchase", "add_to_cart", "search_click", "signup", "support_contact"} {
		chance := rates[event]
		for experiment, variant := range variants {
			chance *= effect(experiment, variant, event)
		}
		draw, amount := v.rng.Float64(), 20+v.rng.IntN(80)
		if draw >= chance {
			continue
		}
		o := outcome{EventID: fmt.Sprintf("%s-%s", v.user, event), UserID: v.user, EventName: event}
		switch event {
		case "purchase":
			o.Properties = map[string]any{"amount": amount}
		case "signup":
			o.Unit, o.UserID = "device", v.device
		}
		outcomes = append(outcomes, o)
	}
	return outcomes
}

// outcome is an event of POST /api/v1/track/batch.
type outcome struct {
	EventID    string         `json:"event_id"`
	Unit       string         `json:"unit,omitempty"`
	UserID     string         `json:"user_id"`
	EventName  string         `json:"event_name"`
	Properties map[string]any `json:"properties,omitempty"`
}
