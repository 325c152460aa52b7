package js

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/bundle/payload"
	"github.com/sortition-dev/sortition/publisher/compile"
	"github.com/sortition-dev/sortition/wasm"
	"github.com/sortition-dev/sortition/wasm/abi"
)

const environment = "production"

// openJob is a job of test/harness.js.
type openJob struct {
	Kind        string            `json:"kind"`
	Root        []byte            `json:"root"`
	Environment string            `json:"environment"`
	Objects     map[string][]byte `json:"objects"`
	Request     typedRequest      `json:"request"`
	Key         string            `json:"key"`
}

// TestOpensWhatGoSealed verifies, inflates and activates a bundle of the Go publisher in each
// runtime.
func TestOpensWhatGoSealed(t *testing.T) {
	job := experiment(t)
	inEach(t, func(t *testing.T, h harness) {
		var got struct {
			Revision   int
			LastError  string
			CoreBehind bool
			Variant    string
			Config     json.RawMessage
		}
		if err := h.do(job, &got); err != nil {
			t.Fatal(err)
		}
		if got.Revision != 7 || got.LastError != "" || got.CoreBehind || got.Variant != "on" || string(got.Config) != `{"color":"grün"}` {
			t.Errorf("%+v", got)
		}
		damaged := job
		damaged.Environment = "staging"
		if err := h.do(damaged, &got); err != nil || got.Revision != 0 || got.LastError == "" {
			t.Errorf("another environment: %+v, %v", got, err)
		}
	})
}

// experiment publishes an experiment that gives everyone its one variant.
func experiment(t *testing.T) openJob {
	raw, err := compile.Payload(&model.Program{
		Units: []string{"user"},
		Experiments: []model.Experiment{{
			Key: "button", Salt: "button", Layer: model.None, Default: model.None, Phase: 1,
			Variants: []model.Variant{{Key: "on", Name: "On", Config: `{"color":"grün"}`}},
			Rules: []model.Rule{{
				Slots: []model.Range{{From: 0, To: model.Slots}}, Traffic: model.Slots, Split: []model.Share{{To: model.Slots}},
			}},
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	key, err := bundle.GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	holders := bundle.Holders{Threshold: 1, Keys: []bundle.PublicKey{key.Public()}}
	root, err := bundle.SignRoot(bundle.NewRoot(1, 1, now, now.Add(time.Hour), holders, holders), key)
	if err != nil {
		t.Fatal(err)
	}
	s, err := bundle.Seal(bundle.Manifest{
		Environment: environment, Epoch: 1, Revision: 7, Created: now, Expires: now.Add(time.Hour),
		MinimumSchema: payload.Schema, Core: bundle.CoreOf(wasm.Core, abi.Version), Author: "Jörg <j@example.com>",
	}, raw, key)
	if err != nil {
		t.Fatal(err)
	}
	objects := map[string][]byte{bundle.LatestName: s.Envelope}
	for _, o := range s.Objects {
		objects[o.Name] = o.Data
	}
	return openJob{
		Kind: "open", Root: root, Environment: environment, Objects: objects,
		Request: typedRequest{Units: map[string]string{"user": "u"}}, Key: "button",
	}
}
