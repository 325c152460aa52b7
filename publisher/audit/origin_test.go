package audit_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/sortition-dev/sortition/publisher/audit"
)

// TestOrigins writes entries that name revisions of other environments, and reads them.
func TestOrigins(t *testing.T) {
	staging := audit.Origin{Environment: "staging", Epoch: 1, Revision: 5}
	leaf := audit.Leaf{Time: began, Action: audit.Promote, Environment: "production", Epoch: 1, Revision: 1, Root: audit.RootRef{Version: 1}}
	for name, tt := range map[string]struct {
		change func(r *audit.Leaf)
		want   string // of the error; otherwise of the entry
		wrong  bool
	}{
		"neither":                     {func(*audit.Leaf) {}, `"withdrawn":[]}`, false},
		"from":                        {func(r *audit.Leaf) { r.From = &staging }, `"withdrawn":[],"from":{"environment":"staging","epoch":1,"revision":5}}`, false},
		"both":                        {func(r *audit.Leaf) { r.From, r.Base = &staging, &audit.Origin{Environment: "live"} }, `"base":{"environment":"live","epoch":0,"revision":0}}`, false},
		"from its own environment":    {func(r *audit.Leaf) { r.From = &audit.Origin{Environment: "production", Epoch: 1, Revision: 1} }, "from:", true},
		"a base without a name":       {func(r *audit.Leaf) { r.Base = &audit.Origin{Epoch: 1, Revision: 1} }, "base: environment:", true},
		"a revision without epoch":    {func(r *audit.Leaf) { r.Base = &audit.Origin{Environment: "staging", Revision: 1} }, "base: there is no revision 1 of epoch 0", true},
		"a revision above all others": {func(r *audit.Leaf) { r.From = &audit.Origin{Environment: "staging", Epoch: 1, Revision: 1 << 60} }, "from:", true},
	} {
		t.Run(name, func(t *testing.T) {
			r := leaf
			tt.change(&r)
			e, err := audit.Append(nil, r)
			if tt.wrong {
				if err == nil || !strings.Contains(err.Error(), tt.want) {
					t.Errorf("got %v, want %s", err, tt.want)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			again, err := audit.ParseEntry(e.Encode())
			if err != nil || !bytes.Equal(again.Encode(), e.Encode()) || !strings.Contains(string(e.Encode()), tt.want) {
				t.Errorf("%s, %v", e.Encode(), err)
			}
		})
	}
}
