// Edge decides which variants a unit gets, and collects what came of it.
//
//	edge serve    answer assign requests from the bundle in a bucket
//	edge collect  take exposures and outcomes, and write them into a bucket
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
