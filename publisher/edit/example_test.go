package edit_test

import (
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/sortition-dev/sortition/publisher/edit"
)

func Example() {
	dir, err := os.MkdirTemp("", "shop")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	write(dir, "sortition.yaml", "environment: production\nbucket: bucket\n")
	write(dir, "flags/new_menu.yaml", `key: new_menu
status: running # since March
variants:
  - {key: on, config: true}
  - {key: off, config: false}
default: off
rules:
  # Half of all units see it.
  - traffic: 50%
    variant: on
`)

	e := edit.Open(dir)
	if err := e.Set("flags/new_menu.yaml", "100%", "rules", 0, "traffic"); err != nil {
		log.Fatal(err)
	}
	if err := e.Set("flags/new_menu.yaml", "web@shop.example", "owner"); err != nil {
		log.Fatal(err)
	}
	if _, err := e.Write(); err != nil {
		log.Fatal(err)
	}

	data, err := os.ReadFile(filepath.Join(dir, "flags", "new_menu.yaml"))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Print(string(data))
	// Output:
	// key: new_menu
	// owner: web@shop.example
	// status: running # since March
	// variants:
	//   - {key: on, config: true}
	//   - {key: off, config: false}
	// default: off
	// rules:
	//   # Half of all units see it.
	//   - traffic: 100%
	//     variant: on
}

func write(dir, name, text string) {
	path := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		log.Fatal(err)
	}
}
