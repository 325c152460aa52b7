package control

import (
	"context"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/publisher/audit"
	"github.com/sortition-dev/sortition/publisher/config"
)

// Logged is an entry of the audit log.
type Logged struct {
	Entry bundle.Hash `json:"entry"` // of its object
	audit.Leaf
}

// Verified is what a check of the audit log found.
type Verified struct {
	*audit.Report
	Environment string `json:"environment"`
	Compared    int    `json:"compared"` // heads seen before that the log was compared with
}

// AuditLog lists the newest entries of the audit log, newest first: at most limit of them, or all
// if limit is 0.
func (w *Workspace) AuditLog(ctx context.Context, limit int) ([]Logged, error) {
	log, _, err := w.auditLog(ctx, limit)
	if err != nil {
		return nil, err
	}
	entries := []Logged{}
	for e, err := range log.Backward(ctx) {
		if err != nil {
			return nil, err
		}
		entries = append(entries, Logged{e.Name(), e.Leaf})
		if len(entries) == limit {
			break
		}
	}
	return entries, nil
}

// VerifyAudit reads the whole audit log and reports every edit, deletion, exchange or cut. It
// compares the log with the heads in seen and with the head that the project remembers. If all is
// well, the project remembers the newest head.
func (w *Workspace) VerifyAudit(ctx context.Context, seen []audit.Head) (*Verified, error) {
	r, err := w.remote(ctx, config.LoadTarget)
	if err != nil {
		return nil, err
	}
	remembered, err := readSeen(r.project)
	if err != nil {
		return nil, err
	}
	if remembered != nil {
		seen = append(seen[:len(seen):len(seen)], *remembered)
	}
	chain, err := r.chain(ctx)
	if err != nil {
		return nil, err
	}
	report, err := audit.Verify(ctx, r.store, chain, r.project.Environment, seen...)
	if err != nil {
		return nil, err
	}
	if len(report.Problems) == 0 && report.Head != nil {
		err = writeSeen(r.project, *report.Head)
	}
	return &Verified{report, r.project.Environment, len(seen) - len(report.Revoked)}, err
}

// ProveRevision proves that a revision is in the audit log.
func (w *Workspace) ProveRevision(ctx context.Context, revision uint64) (*audit.Inclusion, error) {
	log, r, err := w.auditLog(ctx, 0)
	switch {
	case err != nil:
		return nil, err
	case log.Newest == nil:
		return nil, nothingLive(r.project.Environment)
	case revision > log.Newest.Revision:
		return nil, noRevision("", revision, log.Newest)
	}
	return log.ProveInclusion(ctx, revision)
}
