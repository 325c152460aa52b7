// Config prints a configuration for the guest that includes the newest revision.
//
//	go run ./cmd/config --bundles https://cdn.example.com/bundles --root root.json \
//	    --environment production --id-cookie uid --attribute country=X-Country
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/sortition-dev/sortition/edge/reload"
	"github.com/sortition-dev/sortition/hostshims/httpwasm/config"
)

func main() {
	if err := run(context.Background(), os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "config:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, stdout io.Writer) error {
	c := config.Config{Attributes: map[string]string{}}
	flags := flag.NewFlagSet("config", flag.ContinueOnError)
	bundles := flags.String("bundles", "", "URL of the bucket on a web server or CDN")
	root := flags.String("root", "keys/root.json", "file of the signed root document")
	flags.StringVar(&c.Environment, "environment", "production", "environment of the bundles")
	flags.StringVar(&c.Application, "application", "", "application whose experiments and flags the guest has (default all)")
	flags.StringVar(&c.Unit, "unit", config.DefaultUnit, "unit type of the id")
	flags.StringVar(&c.IDHeader, "id-header", "", "header with the visitor's id")
	flags.StringVar(&c.IDCookie, "id-cookie", "", "cookie with the visitor's id")
	flags.Func("attribute", "NAME=HEADER: an attribute and the header with its value; may be repeated", func(s string) error {
		name, header, ok := strings.Cut(s, "=")
		if !ok {
			return fmt.Errorf("write NAME=HEADER")
		}
		c.Attributes[name] = header
		return nil
	})
	if err := flags.Parse(args); err != nil {
		return err
	}
	source, err := reload.NewHTTPSource(*bundles, nil)
	if err != nil {
		return err
	}
	if c.Root, err = os.ReadFile(*root); err != nil {
		return err
	}
	if err := c.Fill(ctx, source); err != nil {
		return err
	}
	return json.NewEncoder(stdout).Encode(&c)
}
