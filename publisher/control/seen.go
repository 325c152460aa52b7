package control

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sortition-dev/sortition/bundle/store/durable"
	"github.com/sortition-dev/sortition/publisher/audit"
	"github.com/sortition-dev/sortition/publisher/config"
)

// SeenFile is where a project remembers the head of the audit log that it saw last, one
// line for each bucket and environment that it had: HEAD ENVIRONMENT BUCKET. It belongs
// into version control: all who share the project then notice a bucket that goes back.
const SeenFile = SchemaDir + "/audit-head"

func seenPath(p *config.Project) string { return filepath.Join(p.Dir, filepath.FromSlash(SeenFile)) }

// seenSuffix is the end of the project's line.
func seenSuffix(p *config.Project) string { return " " + p.Environment + " " + p.File.Bucket.Value }

func seenLines(p *config.Project) ([]string, error) {
	text, err := os.ReadFile(seenPath(p))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(strings.Split(string(text), "\n"), func(line string) bool { return line == "" }), nil
}

// readSeen returns the head that the project saw last, or nil. The error is [*Misconfigured].
func readSeen(p *config.Project) (*audit.Head, error) {
	lines, err := seenLines(p)
	if err != nil {
		return nil, &Misconfigured{err}
	}
	for _, line := range lines {
		if text, ok := strings.CutSuffix(line, seenSuffix(p)); ok {
			head, err := audit.ParseHead(text)
			if err != nil {
				return nil, &Misconfigured{fmt.Errorf("%s: %w", seenPath(p), err)}
			}
			return &head, nil
		}
	}
	return nil, nil
}

// writeSeen remembers a head that continues the one before.
func writeSeen(p *config.Project, head audit.Head) error {
	lines, err := seenLines(p)
	if err != nil {
		return err
	}
	lines = slices.DeleteFunc(lines, func(line string) bool { return strings.HasSuffix(line, seenSuffix(p)) })
	lines = append(lines, head.String()+seenSuffix(p))
	slices.SortFunc(lines, func(a, b string) int { // by bucket, so that versions are easily compared
		_, a, _ = strings.Cut(a, " ")
		_, b, _ = strings.Cut(b, " ")
		return strings.Compare(a, b)
	})
	if err := durable.MakeDirectory(filepath.Dir(seenPath(p)), 0o755); err != nil {
		return err
	}
	return durable.Replace(seenPath(p), []byte(strings.Join(lines, "\n")+"\n"), 0o644)
}

// explainSeen says what to do if a bucket is not as it was seen on purpose.
func explainSeen(p *config.Project, err error) error {
	if errors.Is(err, audit.ErrTampered) {
		return fmt.Errorf("%w; if it was emptied on purpose, delete its line in %s", err, seenPath(p))
	}
	return err
}
