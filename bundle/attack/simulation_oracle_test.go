package attack_test

import (
	"slices"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/bundle/attack"
	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/publisher/compile"
	"github.com/sortition-dev/sortition/publisher/explain"
	"github.com/sortition-dev/sortition/publisher/explain/progtest"
	"github.com/sortition-dev/sortition/wasm/abi"
)

// oracle knows what was truly published.
type oracle struct {
	programs map[bundle.Hash]*model.Program      // by raw payload
	signed   map[attack.Version][]signedRevision // by those who had the keys to publish it
	honest   []*bundle.Manifest                  // in the order in which they were committed
}

// signedRevision is a revision of somebody who had the keys.
type signedRevision struct {
	program  *model.Program
	manifest *bundle.Manifest
	honest   bool
}

func newOracle() oracle {
	return oracle{programs: map[bundle.Hash]*model.Program{}, signed: map[attack.Version][]signedRevision{}}
}

// compile makes a random payload and remembers what it means.
func (s *simulation) compile() ([]byte, error) {
	p := progtest.Program(s.rng)
	payload, err := compile.Payload(p)
	if err == nil {
		s.oracle.programs[bundle.HashOf(payload)] = p
	}
	return payload, err
}

// committed notes what an honest publisher has published.
func (s *simulation) committed(envelope []byte) {
	m, err := s.chain.VerifyManifest(envelope)
	if err != nil {
		// The key was revoked, or the epoch ended, between reading the roots and committing.
		// Hosts that know of the new root refuse it, others do not.
		if m = s.verifyByAnyRoot(envelope); m == nil {
			s.t.Errorf("an honest publisher has committed what nobody accepts: %v", err)
			return
		}
	}
	version := attack.Version{Epoch: m.Epoch, Revision: m.Revision}
	if slices.ContainsFunc(s.oracle.signed[version], func(t signedRevision) bool { return t.honest }) {
		s.t.Errorf("%+v was published twice", version)
	}
	s.oracle.signed[version] = append(s.oracle.signed[version], signedRevision{s.oracle.programs[m.Payload.Raw.SHA256], m, true})
	s.oracle.honest = append(s.oracle.honest, m)
	s.happened(m.Author, "commit", version)
}

func (s *simulation) verifyByAnyRoot(envelope []byte) *bundle.Manifest {
	for _, r := range s.chain.Roots() {
		if m, err := r.VerifyManifest(envelope); err == nil {
			return m
		}
	}
	return nil
}

// newest is the last revision that honest publishers have committed and that counts.
func (o *oracle) newest(chain *bundle.Chain) uint64 {
	for _, m := range slices.Backward(o.honest) {
		if m.Epoch == chain.EpochOf(m.Revision) {
			return m.Revision
		}
	}
	return 0
}

// outcome is a decision.
type outcome struct {
	experiment, variant, config string
	reason                      abi.Reason
}

// outcomes are what the naive evaluator comes to.
func outcomes(p *model.Program, r explain.Request) []outcome {
	list := make([]outcome, 0, len(p.Experiments))
	for i, x := range explain.All(p, r) {
		o := outcome{experiment: x.Experiment, variant: x.VariantKey, reason: x.Reason}
		if x.Variant != model.None {
			o.config = p.Experiments[i].Variants[x.Variant].Config
		}
		list = append(list, o)
	}
	return list
}
