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
	//   root 436c010db6beef81734981da998de3bcffa7f159d9c2dbe41ad3f5c860151e66
	// entry 2
	//   root f2032d51daaab6d33b646ef1ee3cf209103b357cae9a98d4a01b7fb122ad8e4f
	//   left 436c010db6beef81734981da998de3bcffa7f159d9c2dbe41ad3f5c860151e66
	// entry 3
	//   root f5b89ca36df372c60762ddbb0598630640250e986b623f3eb45ceb8703b90a5c
	//   left f2032d51daaab6d33b646ef1ee3cf209103b357cae9a98d4a01b7fb122ad8e4f
	// entry 4
	//   root caa76baa6f1ce07afbd96db42d40dad3f2a9dbd70f806ed00bac0dd87a5e1cff
	//   left 753aabd845a8874e76cfd2b7f3823f2d3ae2bd0e4a4372ac164737473c87451d
	//   left f2032d51daaab6d33b646ef1ee3cf209103b357cae9a98d4a01b7fb122ad8e4f
	// {"record":{"time":"2026-03-01T12:03:00Z","action":"publish","actor":"ann","message":"more traffic","environment":"production","epoch":1,"revision":4,"payload":"239f59ed55e737c77147cf55ad0c1b030b6d7ee748a7426952f9b852d5a935e5","directory":"0000000000000000000000000000000000000000000000000000000000000000","previous":"94837e78ae707d0f57b3223c33d54b9cd8eaf4a0b6cd37ea417a4e69cc87b254","root":{"version":1,"sha256":"4813494d137e1631bba301d5acab6e7bb7aa74ce1185d456565ef51d737677b2"},"overrides":[]},"proof":["753aabd845a8874e76cfd2b7f3823f2d3ae2bd0e4a4372ac164737473c87451d","f2032d51daaab6d33b646ef1ee3cf209103b357cae9a98d4a01b7fb122ad8e4f"]}
}
