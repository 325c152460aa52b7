package audit

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/sortition-dev/sortition/bundle"
)

// Head identifies a state of a log: the root of the tree of the first Revision entries. Whoever
// keeps a head can detect that the entries before it were changed. As text it is
// EPOCH/REVISION/ROOT, with the root in hexadecimal.
type Head struct {
	Epoch, Revision uint64
	Root            bundle.Hash
}

// HeadOf returns the head that a manifest names.
func HeadOf(m *bundle.Manifest) Head { return Head{m.Epoch, m.Revision, m.AuditHead.Root} }

func (h Head) String() string { return fmt.Sprintf("%d/%d/%s", h.Epoch, h.Revision, h.Root) }

// MarshalText returns the head as text.
func (h Head) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

// ParseHead reads a head's text.
func ParseHead(text string) (Head, error) {
	wrong := func(err error) (Head, error) {
		return Head{}, fmt.Errorf("%q is not a head of the audit log (EPOCH/REVISION/ROOT): %w", text, err)
	}
	parts := strings.Split(text, "/")
	if len(parts) != 3 {
		return wrong(fmt.Errorf("it has %d parts", len(parts)))
	}
	var h Head
	for i, count := range []*uint64{&h.Epoch, &h.Revision} {
		n, err := strconv.ParseUint(parts[i], 10, 64)
		if err != nil || n < 1 || n > bundle.MaxInteger {
			return wrong(fmt.Errorf("%q is not a number from 1", parts[i]))
		}
		*count = n
	}
	if err := h.Root.UnmarshalText([]byte(parts[2])); err != nil {
		return wrong(err)
	}
	return h, nil
}
