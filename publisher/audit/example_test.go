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
	//   root 02df9fe9d75af6180025511827f996ccba4528be48e11d30ab99e4b8a0fe69c6
	// entry 2
	//   root e18dbf6e3182f6018691ae1fcb2dd42afb0761f0382f8a609d6ca7709da5ec4a
	//   left 02df9fe9d75af6180025511827f996ccba4528be48e11d30ab99e4b8a0fe69c6
	// entry 3
	//   root e1de2c5ecf76ee78fdeaa936d33a65c404c51de879654eb2e23c254b8e815833
	//   left e18dbf6e3182f6018691ae1fcb2dd42afb0761f0382f8a609d6ca7709da5ec4a
	// entry 4
	//   root 617c71c1418a1e8ffb641c53a83d369f4f5351c23c432b93a67b23cee5777b38
	//   left c06d72591cca14c78b657300c7d70d7f0c357e18b6ac7fb568d0ee3f79edf11e
	//   left e18dbf6e3182f6018691ae1fcb2dd42afb0761f0382f8a609d6ca7709da5ec4a
	// {"record":{"time":"2026-03-01T12:03:00Z","action":"publish","actor":"ann","message":"more traffic","environment":"production","epoch":1,"revision":4,"payload":"239f59ed55e737c77147cf55ad0c1b030b6d7ee748a7426952f9b852d5a935e5","declaration":"0000000000000000000000000000000000000000000000000000000000000000","previous":"dc5c250c539b689e1c49cb1d250542ba5d94c0d878eb9c59b718515e357a11fc","root":{"version":1,"sha256":"4813494d137e1631bba301d5acab6e7bb7aa74ce1185d456565ef51d737677b2"},"overrides":[],"overtaken":[]},"proof":["c06d72591cca14c78b657300c7d70d7f0c357e18b6ac7fb568d0ee3f79edf11e","e18dbf6e3182f6018691ae1fcb2dd42afb0761f0382f8a609d6ca7709da5ec4a"]}
}
