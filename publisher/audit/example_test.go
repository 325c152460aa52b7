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
		leaf := audit.Leaf{
			Time: time.Date(2026, 3, 1, 12, int(revision), 0, 0, time.UTC), Action: audit.Publish,
			Actor: "ann", Message: "more traffic", Environment: "production", Epoch: 1, Revision: revision + 1,
			Payload: bundle.HashOf([]byte("payload")), Root: audit.RootRef{Version: 1, SHA256: bundle.HashOf([]byte("root"))},
		}
		entry, err := audit.Append(last, leaf)
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
	//   root 02df9fe9d75af6180025511827f996ccba4528be48e11d30ab99e4b8a0fe69c6
	// entry 2
	//   root 691cfb4b849f9ff2facdb2c5112e82d388611a03194fa0919138bfa81d125416
	//   left 02df9fe9d75af6180025511827f996ccba4528be48e11d30ab99e4b8a0fe69c6
	// entry 3
	//   root 1de517846cdaa2aad6317899669531665c222ce0ca2b6d17475446308cfc3761
	//   left 691cfb4b849f9ff2facdb2c5112e82d388611a03194fa0919138bfa81d125416
	// entry 4
	//   root c8d1e86509cc4664093946e316235a01be744f7d9e49c5b5130a1ada47df121f
	//   left 10ff205ddf6cc6b6a972b0a20cb1292e89432af469100c79719315c0b1a146b0
	//   left 691cfb4b849f9ff2facdb2c5112e82d388611a03194fa0919138bfa81d125416
	// {"leaf":{"time":"2026-03-01T12:03:00Z","action":"publish","actor":"ann","message":"more traffic","environment":"production","epoch":1,"revision":4,"payload":"239f59ed55e737c77147cf55ad0c1b030b6d7ee748a7426952f9b852d5a935e5","declaration":"0000000000000000000000000000000000000000000000000000000000000000","previous":"cafbfabc674d6fc263b19df14d83b81ce5252a34e1fda97926c6e76c28294bb4","root":{"version":1,"sha256":"4813494d137e1631bba301d5acab6e7bb7aa74ce1185d456565ef51d737677b2"},"overrides":[],"overtaken":[]},"proof":["10ff205ddf6cc6b6a972b0a20cb1292e89432af469100c79719315c0b1a146b0","691cfb4b849f9ff2facdb2c5112e82d388611a03194fa0919138bfa81d125416"]}
}
