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
	//   root c409236bb53d99e20ddd25bf6344b8fc56332ea6507be397e7a4c2f0c70c455e
	// entry 2
	//   root e82acbc95f2239e128d3d1962f31ac2c5f02452deb595c553e60a02d5e9b3deb
	//   left c409236bb53d99e20ddd25bf6344b8fc56332ea6507be397e7a4c2f0c70c455e
	// entry 3
	//   root c7f0c741dd268c1f4edc14b622e2281483b493ce32a4e2e44370fa6659492b8d
	//   left e82acbc95f2239e128d3d1962f31ac2c5f02452deb595c553e60a02d5e9b3deb
	// entry 4
	//   root 460f24f36236694b7ca2aae3f04e7d1efd85a27fdf4b68783621a67762d8bc2a
	//   left 3eac25183c554d3a7f1379c45bd73092a6559b891629d628d554bea31779931a
	//   left e82acbc95f2239e128d3d1962f31ac2c5f02452deb595c553e60a02d5e9b3deb
	// {"leaf":{"time":"2026-03-01T12:03:00Z","action":"publish","actor":"ann","message":"more traffic","environment":"production","epoch":1,"revision":4,"payload":"239f59ed55e737c77147cf55ad0c1b030b6d7ee748a7426952f9b852d5a935e5","declaration":"0000000000000000000000000000000000000000000000000000000000000000","previous":"0c78a4b37961442faebc19cae1372d986bd83da5d5bfedc4257a1fc0c6528647","root":{"version":1,"sha256":"4813494d137e1631bba301d5acab6e7bb7aa74ce1185d456565ef51d737677b2"},"overrides":[],"withdrawn":[]},"proof":["3eac25183c554d3a7f1379c45bd73092a6559b891629d628d554bea31779931a","e82acbc95f2239e128d3d1962f31ac2c5f02452deb595c553e60a02d5e9b3deb"]}
}
