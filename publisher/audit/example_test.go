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
	//   root a31dc91a8222bd21c57a657c9fdfc04f5b0639befeb8093b4fceec4078447d0d
	// entry 2
	//   root 35dfb6dace2afa10d8c262efc569585d3d569cfb2fb5197d5d174637aa78bd0a
	//   left a31dc91a8222bd21c57a657c9fdfc04f5b0639befeb8093b4fceec4078447d0d
	// entry 3
	//   root 7f63b82a825e3002990a7f99e146fb7e4345f0b8768aceaad1b4fe204a24427f
	//   left 35dfb6dace2afa10d8c262efc569585d3d569cfb2fb5197d5d174637aa78bd0a
	// entry 4
	//   root 7a9c20c1bb8660eb97b398dd386d37c386cc22f73cd432ac393d61a2ee7763a3
	//   left 1d83f9707ee307caa269370c75c46c99b79909a9e315f0b2d58755517473cdc9
	//   left 35dfb6dace2afa10d8c262efc569585d3d569cfb2fb5197d5d174637aa78bd0a
	// {"record":{"time":"2026-03-01T12:03:00Z","action":"publish","actor":"ann","message":"more traffic","environment":"production","epoch":1,"revision":4,"payload":"239f59ed55e737c77147cf55ad0c1b030b6d7ee748a7426952f9b852d5a935e5","previous":"a60057765ed217264df45751f2d458a53ef171b60eea47628066209edccc769f","root":{"version":1,"sha256":"4813494d137e1631bba301d5acab6e7bb7aa74ce1185d456565ef51d737677b2"},"overrides":[]},"proof":["1d83f9707ee307caa269370c75c46c99b79909a9e315f0b2d58755517473cdc9","35dfb6dace2afa10d8c262efc569585d3d569cfb2fb5197d5d174637aa78bd0a"]}
}
