//go:build wasip1

// Guest is a handler for proxies with http-wasm, such as Traefik. See package config for what it
// does. The command go run ./cmd/guest compiles it.
package main

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/sortition-dev/sortition/edge/variantkey"
	"github.com/sortition-dev/sortition/hostshims/httpwasm/config"
)

// next is the result of handle_request for a request that the proxy forwards to the origin.
const next = 1

var settings config.Config

// decides is nil if the configuration has no valid bundle.
var decides *decider

// init runs when the proxy creates an instance. With an invalid configuration the guest logs the
// error, and every visitor gets the defaults.
func init() {
	err := json.Unmarshal([]byte(getConfig()), &settings)
	if err == nil {
		decides, err = open(context.Background(), &settings)
	}
	if err != nil {
		logError("sortition: " + err.Error())
	}
}

//go:wasmexport handle_request
func handleRequest() uint64 {
	removeHeader(config.VariantsHeader)
	variants := map[string]string{}
	if decides != nil {
		path, _, _ := strings.Cut(getURI(), "?")
		attributes := map[string]string{}
		for name, header := range settings.Attributes {
			attributes[name] = getHeader(header)
		}
		var err error
		if variants, err = decides.route(path, id(), attributes); err != nil {
			logError("sortition: " + err.Error())
		}
	}
	setHeader(config.VariantKeyHeader, variantkey.Of(variants))
	if data, err := json.Marshal(variants); err == nil && len(variants) > 0 {
		setHeader(config.VariantsHeader, string(data))
	}
	return next
}

//go:wasmexport handle_response
func handleResponse(context, isError uint32) {}

// id returns the id of the visitor; empty if it is unknown.
func id() string {
	if settings.IDHeader != "" {
		if id := getHeader(settings.IDHeader); id != "" {
			return id
		}
	}
	for pair := range strings.SplitSeq(getHeader("Cookie"), ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(pair), "=")
		if name == settings.IDCookie && name != "" {
			return value
		}
	}
	return ""
}

func main() {}
