package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/edge/host"
	"github.com/sortition-dev/sortition/examples/replay/accesslog"
)

// maxExamples is how many malformed lines a report quotes.
const maxExamples = 5

// replay decides for every request of a log, at the time of the request.
func replay(h *host.Host, program *model.Program, key []byte, log io.Reader) (*Report, error) {
	t := newTally(program)
	keys := h.Keys()
	requests := 0
	malformed := Malformed{Examples: []string{}}
	reader := accesslog.NewReader(log)
	var request host.Request
	var decisions host.Decisions
	var outcomes []outcome
	for {
		entry, err := reader.Read()
		var bad *accesslog.LineError
		switch {
		case err == io.EOF:
			r := t.report()
			r.Requests, r.Malformed = requests, malformed
			return r, nil
		case errors.As(err, &bad):
			malformed.Lines++
			if len(malformed.Examples) < maxExamples {
				malformed.Examples = append(malformed.Examples, bad.Error())
			}
			continue
		case err != nil:
			return nil, err
		}
		requests++
		unit := unitOf(key, &entry)
		request.Reset().Now(entry.Time).Unit(unitType, unit)
		describe(&request, &entry)
		if err := h.DecideKeys(&request, keys, &decisions); err != nil {
			return nil, fmt.Errorf("request %d: %w", requests, err)
		}
		outcomes = outcomes[:0]
		for d := range decisions.All() {
			outcomes = append(outcomes, outcome{d.Variant(), d.Reason()})
		}
		t.add(unit, outcomes)
	}
}
