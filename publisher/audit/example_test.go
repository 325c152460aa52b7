package audit_test

import (
	"fmt"
	"time"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/publisher/audit"
)

// A log of four entries, and the object of the last.
func Example() {
	var last *audit.Entry
	for revision := range uint64(4) {
		record := audit.Record{
			Time: time.Date(2026, 3, 1, 12, int(revision), 0, 0, time.UTC), Action: audit.Publish,
			Actor: "ann", Message: "more traffic", Environment: "production", Epoch: 1, Revision: revision + 1,
			Payload: bundle.HashOf([]byte("payload")), Root: audit.RootRef{Version: 1, SHA256: bundle.HashOf([]byte("root"))},
		}
		entry, err := audit.Append(last, record)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("entry %d\n  root %s\n", revision+1, entry.Head().Root)
		for _, hash := range entry.Proof {
			fmt.Printf("  left %s\n", hash)
		}
		last = entry
	}
	fmt.Printf("%s\n", last.Encode())
	// Output:
	// entry 1
	//   root 623ea302e51e15a9450f5921d6c0cf4c71ec54d99d92e77775222eb6da6491ad
	// entry 2
	//   root 586469b53581df7fab4a7a63de313a2df0ae28923013417f4ebdfc864539f824
	//   left 623ea302e51e15a9450f5921d6c0cf4c71ec54d99d92e77775222eb6da6491ad
	// entry 3
	//   root fe99e926336cee67fccb53b2877ef453e9b9411cd9ae76cf46cacc234227bb94
	//   left 586469b53581df7fab4a7a63de313a2df0ae28923013417f4ebdfc864539f824
	// entry 4
	//   root 270063f864f7bc6fad98247a4059335825f823438b8bed6c0eba709835de3796
	//   left ada1e1f1b4a739e3194258a1f9dc541f9f391852746aaadb8cf99610e33693d5
	//   left 586469b53581df7fab4a7a63de313a2df0ae28923013417f4ebdfc864539f824
	// {"record":{"time":"2026-03-01T12:03:00Z","action":"publish","actor":"ann","message":"more traffic","environment":"production","epoch":1,"revision":4,"payload":"239f59ed55e737c77147cf55ad0c1b030b6d7ee748a7426952f9b852d5a935e5","directory":"0000000000000000000000000000000000000000000000000000000000000000","previous":"5057d78fe16978dd6c73e740b7bc7368fd78cdc2a9198dbadfc0804dad8b1490","root":{"version":1,"sha256":"4813494d137e1631bba301d5acab6e7bb7aa74ce1185d456565ef51d737677b2"},"overrides":[],"overtaken":[]},"proof":["ada1e1f1b4a739e3194258a1f9dc541f9f391852746aaadb8cf99610e33693d5","586469b53581df7fab4a7a63de313a2df0ae28923013417f4ebdfc864539f824"]}
}
