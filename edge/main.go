// Edge assigns variants to units and collects events.
//
//	edge serve    assign over HTTP, from the signed bundles in a bucket
//	edge collect  receive exposures and outcomes, and write them to a bucket
//	edge version  print the version, the core and the formats
//
// Run `edge help` for more.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/sortition-dev/sortition/edge/cli"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	os.Exit(cli.Run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}
